"""Doors for a rush: the calls of one worker that arrive together go to the database together.

On PostgreSQL the calls that arrive while a batch is under way make up the next one. Whoever cannot
be answered there comes in by the ordinary door, as everybody does on SQLite.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any

from flask import Flask, current_app, request
from limits import parse
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.service import Booked
from backend.canteen.ordering import rush as canteen
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted as Meal
from backend.canteen.ordering.service import Ordered
from backend.db import db, reading, transaction
from backend.errors import Invalid, MalformedRequest, Refusal, SignInNeeded
from backend.market import numbers
from backend.market import rush as market
from backend.market.number_facts import Wish
from backend.market.numbers import Taken
from backend.night_school import rush, service
from backend.night_school.rush import SignUp
from backend.night_school.service import Enrolment
from backend.people.queries import Resident
from backend.people.tokens import token_hash
from backend.together import Together
from backend.venues import starts_each
from backend.venues.starts_each import Found, Wanted
from miniprogram_api.doors import WRITES, View, bearer, count, resident

MOST_AT_ONCE = 64
Book = Callable[[Enrolment], Booked]
Take = Callable[[Wish], Taken]
Place = Callable[[Meal], Ordered]


class _AloneError(Exception):
    """The answer was not to be had in company."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call that comes in a rush; the view is handed `verb`, which does it or refuses.

    `call` is what one of a batch is: the token's hash, what is asked, and who counts it. `each`
    answers a batch, None for those that `alone` has to see.
    """

    verb: str
    call: Callable[[str, Any, Callable[[Resident], None]], Any]
    each: Callable[[Session, Sequence[Any], datetime], Sequence[Any]]
    alone: Callable[[Session, Resident, Any, datetime], Any]


SIGN_UP = Kind("book", SignUp, lambda *batch: rush.enrol_each(*batch), service.enrol)
NUMBER = Kind("take", market.Take, lambda *batch: market.take_each(*batch), numbers.take)
ORDER = Kind("order", canteen.Order, lambda *batch: canteen.order_each(*batch), ordering.order)


def in_company(kind: Kind) -> Callable[[View], View]:
    """Sign-in needed; the view is handed the kind's verb."""
    rate = parse(WRITES)

    def decorate(view: View) -> View:
        name = f"{view.__module__}.{view.__name__}"

        @resident(writes=True, one_write=True)
        @wraps(view)
        def alone(*args: Any, me: Resident, **kwargs: Any) -> Any:
            def do(asked: Any) -> Any:
                return kind.alone(db.session(), me, asked, clock.now())

            return view(*args, **{kind.verb: do}, **kwargs)

        def do_together(asked: Any) -> Any:
            call = request.environ  # another thread may be the one that counts it
            admit = partial(count, rate, name, call=call)
            answer = _together(kind)(kind.call(token_hash(bearer()), asked, admit))
            if isinstance(answer, Refusal):
                raise answer
            if answer is None:
                raise _AloneError
            return answer

        @wraps(alone)
        def door(*args: Any, **kwargs: Any) -> Any:
            request.get_data()  # a slow phone must not hold anything up while it sends
            if db.engine.dialect.name == "postgresql":
                # What is wrong with a call is said by the ordinary door, after a look at the token.
                with suppress(_AloneError, SignInNeeded, Invalid, MalformedRequest):
                    return view(*args, **{kind.verb: do_together}, **kwargs)
            return alone(*args, **kwargs)

        return door

    return decorate


def _together(kind: Kind) -> Together[Any, Any]:
    together = current_app.extensions["rush"][kind.verb]
    assert isinstance(together, Together)
    return together


def _work(kind: Kind, calls: Sequence[Any]) -> Sequence[Any]:
    with transaction(one_write=True) as session:
        return kind.each(session, calls, clock.now())


def starts_together(wanted: Wanted, minutes: int | None, now: datetime) -> dict[str, Any] | None:
    """A room's free starts, read with those that others ask for; None: to be asked for alone."""
    if db.engine.dialect.name != "postgresql":
        return None
    found = current_app.extensions["rush"]["starts"](wanted)
    return found and starts_each.shown(found, minutes, now)


def _read_starts(wanted: Sequence[Wanted]) -> Sequence[Found | None]:
    return starts_each.read_each(reading(), wanted, clock.now())


def register(app: Flask) -> None:
    """Give `app` a line of its own to wait in for each kind."""
    lines = app.extensions.setdefault("rush", {})
    for kind in (SIGN_UP, NUMBER, ORDER):
        lines[kind.verb] = Together(partial(_work, kind), most=MOST_AT_ONCE)
    lines["starts"] = Together(_read_starts, most=MOST_AT_ONCE)
