"""Drawing in the background: a draw whose number is given is claimed, dealt and written.

The claim keeps a second worker from dealing the same meanwhile; that a draw is written once is
held by the lock on its row, and that it is never written half by its one transaction. Whoever is
killed leaves a claim that runs out, and the next one begins anew.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.db import db, table_of, transactional
from backend.night_school.draws import publishing
from backend.night_school.draws.engine import Progress
from backend.night_school.draws.errors import PlacesFewer
from backend.night_school.draws.models import DrawWork

LEASE = timedelta(minutes=1)
"""How long a claim holds from its last sign of life."""

_work = table_of(DrawWork)

_TOLD_EVERY = 0.5
"""Seconds between two notes of the progress."""


def due(session: Session, now: datetime, *, claimed: bool = False) -> list[int]:
    """The draws that wait for somebody to draw them; with `claimed` also those in hand."""
    free = or_(DrawWork.claimed_until.is_(None), DrawWork.claimed_until <= now)
    asked = select(DrawWork.draw_id).order_by(DrawWork.asked_at, DrawWork.draw_id)
    return list(session.scalars(asked if claimed else asked.where(free)))


def work(
    draw_id: int, now: datetime, progress: Progress | None = None, *, claimed: bool = False
) -> bool:
    """Draw one; whether this call did it. Notes the progress where the console's page reads it.

    With `claimed` also what another worker has in hand. A run with fewer places than were fixed is
    noted too: staff give the places back, and the next try goes on.
    """
    if not _claim(draw_id, now, claimed):
        return False
    told = progress or _Noted(draw_id)
    dealt = publishing.deal(db.session(), draw_id, told)
    if dealt is None:
        return False
    try:
        return _publish(draw_id, dealt, now, told)
    except PlacesFewer as refused:
        _block(draw_id, str(refused.data["title"]), now)
        return False


@transactional
def _claim(draw_id: int, now: datetime, claimed: bool) -> bool:
    free = or_(DrawWork.claimed_until.is_(None), DrawWork.claimed_until <= now)
    mine = db.session().execute(
        update(DrawWork)
        .where(DrawWork.draw_id == draw_id, *(() if claimed else (free,)))
        .values(claimed_until=now + LEASE, done=0, of=0, blocked_by=None)
        .returning(DrawWork.draw_id)
    )
    return mine.first() is not None


@transactional
def _publish(draw_id: int, dealt: publishing.Dealt, now: datetime, told: Progress) -> bool:
    return publishing.publish(db.session(), draw_id, dealt, now, told) is not None


@transactional
def _block(draw_id: int, title: str, now: datetime) -> None:
    db.session().execute(
        update(DrawWork)
        .where(DrawWork.draw_id == draw_id)
        .values(blocked_by=title, claimed_until=now + LEASE)
    )


class _Noted:
    """Writes the progress beside the transaction that does the work, and renews the claim.

    On SQLite, where there is one writer, what is being written shows only when all of it is.
    """

    def __init__(self, draw_id: int) -> None:
        self._draw_id = draw_id
        self._next = 0.0

    def __call__(self, step: str, done: int, of: int) -> None:
        tick = clock.monotonic()
        engine = db.session().get_bind()
        one_writer = engine.dialect.name == "sqlite" and db.session().info.get("open")
        if tick < self._next or one_writer or not isinstance(engine, Engine):
            return
        self._next = tick + _TOLD_EVERY
        noted = {"step": step, "done": done, "of": of, "claimed_until": clock.now() + LEASE}
        with engine.begin() as connection:
            connection.execute(update(_work).where(_work.c.draw_id == self._draw_id).values(noted))
