"""Reminders of bookings that are an occasion by themselves: the evening before, and shortly before.

Services say which kinds of theirs are such, and word the reminders.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles it too
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.db import table_of
from backend.reminders.models import Kind, Reminder
from backend.reminders.quiet import after_quiet

EVENING = time(18, 30)
"""When the evening before a visit is reminded of."""

SOON = timedelta(hours=1)
"""How long before the start the second reminder goes out; from then on the first is moot."""

AHEAD = timedelta(hours=48)
"""How long before a start its reminders are written: always before the evening they go out."""

_kinds: dict[Kind, list[str]] = {Kind.VISIT_EVE: [], Kind.VISIT_SOON: []}
_reminder = table_of(Reminder)
_write = insert(_reminder).on_conflict_do_nothing(
    index_elements=[_reminder.c.booking_id, _reminder.c.kind, _reminder.c.occasion_at],
    index_where=_reminder.c.lesson_id.is_(None) & _reminder.c.occasion_at.is_not(None),
)


def remind_of(kind: str, *only: Kind) -> None:
    """Bookings of that kind of bookable are visits that people are reminded of: twice, or `only`
    the evening before, or shortly before.
    """
    for one in only or _kinds:
        _kinds[one].append(kind)


def derive(session: Session, now: datetime) -> int:
    """Write the reminders of visits of the next two days that are not written yet; how many.

    What would have been due by now is left out, so whoever books late gets what is still to
    come. Running it twice changes nothing. What is moved is another occasion: it gets reminders of
    its own, and the old ones no longer apply when they are due.
    """
    rows = [row for kind in _kinds for row in _wanted(session, kind, now)]
    if rows:
        session.execute(_write, rows)
    return len(rows)


def _wanted(session: Session, kind: Kind, now: datetime) -> list[dict[str, object]]:
    written = exists().where(
        _reminder.c.booking_id == Booking.id, _reminder.c.kind == kind,
        _reminder.c.occasion_at == Booking.starts_at,
    )  # fmt: skip
    found = session.execute(
        select(Booking.id, Booking.person_id, Booking.account_id, Booking.starts_at)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(
            Bookable.kind.in_(_kinds[kind]),
            Booking.state == State.CONFIRMED, Booking.starts_at > now,
            Booking.starts_at <= now + AHEAD, ~written,
        )
        .order_by(Booking.id)
    ).all()  # fmt: skip
    return [
        {
            "booking_id": one.id, "person_id": one.person_id, "account_id": one.account_id,
            "kind": kind, "occasion_at": one.starts_at, "due_at": due, "created_at": now,
        }
        for one in found
        if now < (due := _due(kind, one.starts_at)) < one.starts_at
    ]  # fmt: skip


def _due(kind: Kind, starts_at: datetime) -> datetime:
    if kind == Kind.VISIT_SOON:
        return after_quiet(starts_at - SOON)
    day_before = clock.local(starts_at).date() - timedelta(days=1)
    return datetime.combine(day_before, EVENING, clock.LOCAL)
