"""What hangs on a run's first lesson: from when to when it lasts, and the deadlines that follow.

A run's deadlines follow its first lesson both ways, for whoever signs up from now on. Those who are
in already never lose time they were promised: their own deadline for giving the place back moves
later along with the lesson and never earlier, an open offer lasts as long as they were told, and
whoever learns of another first time has a day to say no, or until the lesson begins.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.models import LIVE, Bookable, Booking
from backend.db import AnyRow
from backend.night_school.models import Lesson

CANCEL_BEFORE = timedelta(days=1)
"""How long before the first lesson residents may still cancel by themselves."""

TIME_TO_SAY_NO = timedelta(days=1)
"""How long a place may at least be given back after the first lesson was moved."""

Moved = dict[str, tuple[datetime, datetime]]


def follow(run: AnyRow, first: datetime) -> Moved:
    """The deadlines that move along when the run's first lesson is at `first`: (was, becomes).

    Giving places back ends as long before it as ever; sign-up and the waiting list follow where
    they ended with the old first lesson, and stay where staff set another end.
    """
    by = first - run.starts_at
    derived = {
        "closes_at": (run.starts_at, first),
        "cancel_until": (run.cancel_until, run.cancel_until and run.cancel_until + by),
        "promote_until": (run.starts_at, first),
    }
    return {
        name: (was, becomes)
        for name, (was, becomes) in derived.items()
        if was is not None and getattr(run, name) == was and was != becomes
    }


def promised(
    until: datetime, was: datetime, first: datetime, of_run: datetime | None, now: datetime
) -> datetime:
    """Until when a place may be given back that could be up to `until`, the first lesson at `was`.

    That is at `first` now, and whoever signs up from now on has `of_run`. Never before `until`;
    what ended before the lesson began moves along with it.
    """
    if first == was:
        return until
    along = until + (first - was) if until <= was else until
    return max(until, along, of_run or until, min(now + TIME_TO_SAY_NO, first))


def without(session: Session, run_id: int, lesson_ids: Collection[int]) -> Moved:
    """The deadlines that would move along if these lessons did not take place."""
    first = _span(session, run_id, lesson_ids)[0]
    return follow(_read(session, run_id), first) if first is not None else {}


def settle(session: Session, run_id: int, now: datetime) -> bool:
    """After lessons changed: the run and its live bookings last from the first lesson to the last.

    Deadlines follow as the module says; who waits is offered what may be offered again. Whether
    the first lesson is at another moment than before.
    """
    run = locked(session, run_id)
    first, last = _span(session, run_id)
    if first is None:  # none takes place any more: it lasts as it was planned
        return False
    lasts: dict[str, Any] = {"starts_at": first, "ends_at": last}
    becomes = {name: moments[1] for name, moments in follow(run, first).items()}
    session.execute(update(Bookable).where(Bookable.id == run_id).values(lasts | becomes))
    live = (Booking.bookable_id == run_id, Booking.state.in_(LIVE))
    session.execute(update(Booking).where(*live).values(lasts))
    if first == run.starts_at:
        return False
    of_run = becomes.get("cancel_until")
    dated = select(Booking.cancel_until).where(*live, Booking.cancel_until.is_not(None)).distinct()
    # The latest first, so that what has moved is not taken for what is still to move.
    for until in sorted(filter(None, session.scalars(dated)), reverse=True):
        moved = promised(until, run.starts_at, first, of_run, now)
        session.execute(
            update(Booking).where(*live, Booking.cancel_until == until).values(cancel_until=moved)
        )
    if "promote_until" in becomes:
        line.promote(session, run_id, now)
    return True


def locked(session: Session, run_id: int) -> AnyRow:
    """The run's span and deadlines, its row locked: lessons of one run change one after another."""
    line.lock(session, run_id)
    return _read(session, run_id)


def _read(session: Session, run_id: int) -> AnyRow:
    return session.execute(
        select(
            Bookable.id, Bookable.starts_at, Bookable.ends_at, Bookable.closes_at,
            Bookable.cancel_until, Bookable.promote_until,
        ).where(Bookable.id == run_id)
    ).one()  # fmt: skip


def _span(
    session: Session, run_id: int, but: Collection[int] = ()
) -> tuple[datetime | None, datetime | None]:
    """From when to when the lessons that take place last."""
    row = session.execute(
        select(func.min(Lesson.starts_at), func.max(Lesson.ends_at)).where(
            Lesson.run_id == run_id, Lesson.cancelled_at.is_(None), Lesson.id.not_in(but)
        )
    ).one()
    return row[0], row[1]
