"""What hangs on a run's first lesson: from when to when it lasts, and the deadlines that follow."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.db import AnyRow
from backend.night_school.models import Lesson

CANCEL_BEFORE = timedelta(days=1)
"""How long before the first lesson residents may still cancel by themselves."""


def follow(run: AnyRow, first: datetime) -> dict[str, tuple[datetime, datetime]]:
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


def settle(session: Session, run_id: int, now: datetime) -> None:
    """After lessons changed: the run and its live bookings last from the first lesson to the last.

    Deadlines that hung on the first lesson follow it; an open offer ends by the new end of
    promotion; who waits is offered what may be offered again.
    """
    run = locked(session, run_id)
    span = session.execute(
        select(func.min(Lesson.starts_at), func.max(Lesson.ends_at)).where(
            Lesson.run_id == run_id, Lesson.cancelled_at.is_(None)
        )
    ).one()
    lasts: dict[str, Any] = {"starts_at": span[0], "ends_at": span[1]}
    if lasts["starts_at"] is None:  # none takes place any more: it lasts as it was planned
        return
    becomes = {name: moments[1] for name, moments in follow(run, span[0]).items()}
    session.execute(update(Bookable).where(Bookable.id == run_id).values(lasts | becomes))
    live = (Booking.bookable_id == run_id, Booking.state.in_(LIVE))
    if "cancel_until" in becomes:
        session.execute(
            update(Booking)
            .where(*live, Booking.cancel_until == run.cancel_until)
            .values(cancel_until=becomes["cancel_until"])
        )
    session.execute(update(Booking).where(*live).values(lasts))
    if until := becomes.get("promote_until"):
        session.execute(
            update(Booking)
            .where(*live, Booking.state == State.OFFERED, Booking.offer_until > until)
            .values(offer_until=until)
        )
        line.promote(session, run_id, now)


def locked(session: Session, run_id: int) -> AnyRow:
    """The run's span and deadlines, its row locked: lessons of one run change one after another."""
    line.lock(session, run_id)
    return session.execute(
        select(
            Bookable.id, Bookable.starts_at, Bookable.ends_at, Bookable.closes_at,
            Bookable.cancel_until, Bookable.promote_until,
        ).where(Bookable.id == run_id)
    ).one()  # fmt: skip
