"""Giving back the dates of a series: from one on, or all that are to come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import LIVE, Booking, State
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain
from backend.people.queries import Resident
from backend.reminders.models import Kind
from backend.venues.series import finding, writing
from backend.venues.series.models import Series, SeriesDate


def cancel(
    session: Session, me: Resident, series_id: int, now: datetime, *, from_id: int | None = None,
    late: bool = False,
) -> int:  # fmt: skip
    """Give back what is to come, from the date `from_id` on or all of it; how many were live.

    What has passed its deadline is given back with `late`, which the history keeps. Raises
    NotFound, NotLive where nothing is left, CancelTooLate.
    """
    series = finding.mine(session, me, series_id, now)
    actor = Actor(account_id=me.account_id)
    return _end(session, series, actor, now, from_id, late=late, reason=None)


def cancel_at_desk(
    session: Session, staff_id: int, series: AnyRow, now: datetime, *,
    from_id: int | None = None, reason: str | None = None,
) -> int:  # fmt: skip
    """Staff give them back; whoever asked for the series is told once."""
    return _end(session, series, Actor(staff_id=staff_id), now, from_id, late=False, reason=reason)


def cancel_of_group(
    session: Session, staff_id: int, group_id: int, now: datetime, reason: str
) -> int:
    """Staff give back what has not begun of a group's series, each told once; how many dates."""
    coming = session.execute(
        select(SeriesDate.id, SeriesDate.series_id)
        .join(Series, Series.id == SeriesDate.series_id)
        .join(Booking, Booking.id == SeriesDate.booking_id)
        .where(
            Series.group_id == group_id, SeriesDate.starts_at > now,
            Booking.state.in_((State.REQUESTED, State.CONFIRMED)),
        )
        .order_by(SeriesDate.series_id, SeriesDate.starts_at.desc())
    ).all()  # fmt: skip
    first = {one.series_id: one.id for one in coming}
    return sum(
        cancel_at_desk(
            session, staff_id, finding.whoevers(session, series_id), now, from_id=from_id,
            reason=reason,
        )
        for series_id, from_id in first.items()
    )  # fmt: skip


def _end(
    session: Session, series: AnyRow, actor: Actor, now: datetime, from_id: int | None, *,
    late: bool, reason: str | None,
) -> int:  # fmt: skip
    ending = _lock(session, series, from_id, now)
    for one in ending:
        booking.check_may_end(one, actor, now, late=late)
    for one in ending:
        minutes = booking.late_minutes(one, now) if late else None
        booking.end(session, one, State.CANCELLED, actor, now, reason, late_minutes=minutes)
    if actor.account_id is None or actor.account_id != series.account_id:
        today = clock.today(now)
        writing.tell(
            session, series, [one.id for one in ending], Kind.CANCELLED, now,
            concerns_today=clock.today(ending[0].starts_at) == today,
            **({"reason": reason} if reason else {}),
        )  # fmt: skip
    return len(ending)


def _lock(session: Session, series: AnyRow, from_id: int | None, now: datetime) -> Sequence[AnyRow]:
    """What is live and not over, in the order of time; its rooms are held. Raises NotLive."""
    dates = finding.dates(session, series.id, from_id)
    ids = [one.booking_id for one in dates if one.booking_id is not None]
    rooms = session.scalars(select(Booking.bookable_id).where(Booking.id.in_(ids)).distinct()).all()
    held = booking.lock_places(session, rooms, now)
    found = [booking.lock_row(session, one) for one in sorted(ids)]
    if any(one.bookable_id not in held for one in found):
        raise RunAgain()  # somebody moved one meanwhile
    live = [
        one
        for one in found
        if one.state in LIVE and one.state != State.ATTENDED and one.ends_at > now
    ]
    if not live:
        raise NotLive()
    return sorted(live, key=lambda one: one.starts_at)
