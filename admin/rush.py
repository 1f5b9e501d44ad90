"""The console's door for a rush: ticks that arrive together go to the database together.

On PostgreSQL those that arrive at one worker while a batch is under way make up the next one. Who
cannot be answered there comes in by the ordinary door, as everybody does on SQLite; so that door
alone says no, and why. The CSRF token has been looked at before either of them.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

from flask import Flask, current_app, g, request
from marshmallow import Schema

from admin.doors import COOKIE, Page, staff
from admin.forms import read
from backend import clock
from backend.canteen.carrying import rush, ticking
from backend.canteen.carrying.claiming import CARRY
from backend.canteen.carrying.rush import Call
from backend.canteen.carrying.ticking import Tick, Ticked
from backend.db import db, transaction
from backend.errors import Invalid
from backend.staff.access import SignedInStaff
from backend.staff.sessions import token_hash
from backend.together import Together

Verb = Callable[[int, int, Tick], Ticked]
MOST_AT_ONCE = 64
_LINE = "tick"


class _AloneError(Exception):
    """The answer was not to be had in company."""


def ticks(*, form: type[Schema], page: Page, largest: int) -> Callable[[Page], Page]:
    """Sign-in needed; the page is handed `asked` and the verb `tick`, which ticks or refuses.

    `form`, `page` and `largest` are as in `doors.staff`.
    """

    def decorate(view: Page) -> Page:
        @staff(writes=True, needs=CARRY, form=form, page=page, largest=largest)
        @wraps(view)
        def alone(*args: Any, me: SignedInStaff, **kwargs: Any) -> Any:
            def tick(run_id: int, stop_id: int, ticked: Tick) -> Ticked:
                return ticking.tick(db.session(), me, run_id, stop_id, ticked, clock.now())

            return view(*args, tick=tick, **kwargs)

        @wraps(alone)
        def door(*args: Any, **kwargs: Any) -> Any:
            has_photo = bool(request.files)  # made small first, which takes longer than the rest
            if db.engine.dialect.name == "postgresql" and not has_photo:
                with suppress(_AloneError, Invalid):
                    return view(*args, tick=_tick_together, asked=read(form), **kwargs)
            return alone(*args, **kwargs)

        return door

    return decorate


def _tick_together(run_id: int, stop_id: int, ticked: Tick) -> Ticked:
    hashed = token_hash(request.cookies.get(COOKIE, ""))
    together = current_app.extensions["rush"][_LINE]
    assert isinstance(together, Together)
    became = together(Call(hashed, run_id, stop_id, ticked, g.request_id))
    if became is None:
        raise _AloneError
    assert isinstance(became, Ticked)
    return became


def _work(calls: Sequence[Call]) -> Sequence[Ticked | None]:
    with transaction(one_write=True) as session:
        return rush.tick_each(session, calls, clock.now())


def register(app: Flask) -> None:
    """Give `app` a line of its own to wait in."""
    lines = app.extensions.setdefault("rush", {})
    lines[_LINE] = Together(_work, most=MOST_AT_ONCE)
