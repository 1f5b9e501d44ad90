"""The door of signing up: in a rush, the sign-ups of one worker go to the database together.

On PostgreSQL the calls that arrive while a batch is under way make up the next one. Whoever cannot
be answered there comes in by the ordinary door, as everybody does on SQLite.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial, wraps
from typing import Any

from flask import Flask, current_app, request
from limits import parse

from backend import clock
from backend.booking.service import Booked
from backend.db import db, transaction
from backend.errors import Invalid, MalformedRequest, Refusal, SignInNeeded
from backend.night_school import rush, service
from backend.night_school.rush import SignUp
from backend.night_school.service import Enrolment
from backend.people.queries import Resident
from backend.people.tokens import token_hash
from backend.together import Together
from miniprogram_api.doors import WRITES, View, bearer, count, resident

MOST_AT_ONCE = 64
Book = Callable[[Enrolment], Booked]


class _AloneError(Exception):
    """The answer was not to be had in company."""


def signing_up(view: View) -> View:
    """Sign-in needed; the view is handed `book`, which enrols or raises a refusal."""
    rate, name = parse(WRITES), f"{view.__module__}.{view.__name__}"

    @resident(writes=True, one_write=True)
    @wraps(view)
    def alone(*args: Any, me: Resident, **kwargs: Any) -> Any:
        def book(asked: Enrolment) -> Booked:
            return service.enrol(db.session(), me, asked, clock.now())

        return view(*args, book=book, **kwargs)

    def book_together(asked: Enrolment) -> Booked:
        call = request.environ  # another thread may be the one that counts it
        admit = partial(count, rate, name, call=call)
        answer = _together()(SignUp(token_hash(bearer()), asked, admit))
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
                return view(*args, book=book_together, **kwargs)
        return alone(*args, **kwargs)

    return door


def _enrol_each(sign_ups: Sequence[SignUp]) -> list[Booked | Refusal | None]:
    with transaction(one_write=True) as session:
        return rush.enrol_each(session, sign_ups, clock.now())


def _together() -> Together[SignUp, Booked | Refusal]:
    together = current_app.extensions["rush"]
    assert isinstance(together, Together)
    return together


def register(app: Flask) -> None:
    """Give `app` a line of its own to wait in."""
    app.extensions["rush"] = Together(_enrol_each, most=MOST_AT_ONCE)
