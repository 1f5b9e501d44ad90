"""Absences in a row: residents are warned once, then staff may offer the place to the line.

Counted from the marks, never stored: an unexcused absence counts, having come ends the row; an
excuse, or a lesson whose mark nobody knows, does neither.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session, aliased

from backend import config
from backend.booking import line
from backend.booking import service as booking
from backend.booking.models import Bookable, Booking, State
from backend.booking.service import Actor
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.attendance import CAME
from backend.night_school.errors import CameLately
from backend.night_school.models import Attendance, Lesson, Presence
from backend.night_school.reach import RUNS, access_class, bookable, place, reaches
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.reminders import outbox
from backend.reminders.models import Kind, Reminder
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

SETTLED = timedelta(hours=12)
"""How long after a lesson somebody is warned: by then mistaken marks are corrected."""

MANAGE = Permission.MANAGE_CLASSES
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_attended, _attended_lesson = aliased(Attendance), aliased(Lesson)
_last_came = func.coalesce(
    select(func.max(_attended_lesson.starts_at))
    .join(_attended, _attended.lesson_id == _attended_lesson.id)
    .where(_attended.booking_id == Booking.id, _attended.presence.in_(CAME))
    .correlate(Booking)
    .scalar_subquery(),
    _LONG_AGO,
)
in_a_row = (
    select(func.count())
    .select_from(Attendance)
    .join(Lesson, Lesson.id == Attendance.lesson_id)
    .where(
        Attendance.booking_id == Booking.id,
        Attendance.presence == Presence.ABSENT,
        Lesson.cancelled_at.is_(None),
        Lesson.starts_at > _last_came,
    )
    .correlate(Booking)
    .scalar_subquery()
)
"""How often somebody was absent since they last came, as a column of selects from bookings."""

warned_at = (
    select(func.max(Reminder.created_at))
    .where(
        Reminder.booking_id == Booking.id,
        Reminder.kind == Kind.ABSENT_AGAIN,
        Reminder.occasion_at > _last_came,
    )
    .correlate(Booking)
    .scalar_subquery()
)
"""When somebody was last warned of this row of absences, as such a column."""


def _rows(
    session: Session, least: int, before: datetime, now: datetime, *where: ColumnElement[bool]
) -> list[AnyRow]:
    """Who holds a place in a class under way and was absent `least` times in a row or more.

    Lessons that ended after `before` are not looked at.
    """
    rows = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.account_id, Booking.bookable_id,
            shown_name().label("name"), bookable.c.title, place.c.name.label("place_name"),
            func.count().label("absent"), func.max(Lesson.id).label("lesson_id"),
            func.max(Lesson.starts_at).label("last_at"), warned_at.label("warned_at"),
        )
        .select_from(RUNS.join(table_of(Booking), bookable.c.id == Booking.bookable_id))
        .join(Person, Person.id == Booking.person_id)
        .join(Attendance, Attendance.booking_id == Booking.id)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .where(
            Booking.state == State.CONFIRMED,
            bookable.c.cancelled_at.is_(None),
            bookable.c.ends_at > now,
            Attendance.presence == Presence.ABSENT,
            Lesson.cancelled_at.is_(None),
            Lesson.ends_at <= before,
            Lesson.starts_at > _last_came,
            *where,
        )
        .group_by(Booking.id, Person.id, bookable.c.id, place.c.id)
        .having(func.count() >= least)
        .order_by(func.max(Lesson.starts_at).desc(), Booking.id)
    )  # fmt: skip
    return list(rows)


def list_absent(
    session: Session, me: SignedInStaff, now: datetime, run_id: int | None = None
) -> list[dict[str, Any]]:
    """Whose place may be offered on, in the classes in reach or one of them."""
    limit = config.current().absences_in_a_row
    if not limit:
        return []
    where = [reaches(me, MANAGE)]
    if run_id is not None:
        where.append(bookable.c.id == run_id)
    return [
        {
            "booking_id": row.id,
            "run_id": row.bookable_id,
            "name": row.name,
            "title": row.title,
            "place_name": row.place_name,
            "absent": row.absent,
            "warned_at": row.warned_at,
        }
        for row in _rows(session, limit, now, now, *where)
    ]


def among(run: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of a class's roster whose place may be offered on, as `list_absent` tells them."""
    limit = config.current().absences_in_a_row
    if not limit or run["cancelled"] or not run["may_manage"]:
        return []
    return [
        {
            "booking_id": one["booking_id"],
            "run_id": run["id"],
            "name": one["name"],
            "title": run["title"],
            "place_name": run["place_name"],
            "absent": one["in_a_row"],
            "warned_at": one["warned_at"],
        }
        for one in people
        if one["in_a_row"] >= limit
    ]


def warn(session: Session, now: datetime) -> int:
    """Tell those who were absent one time less than the limit, once per row; how many.

    Two at work tell nobody twice: the reminder is unique per booking, lesson and kind.
    """
    limit = config.current().absences_in_a_row
    if not limit:
        return 0
    due = [
        row
        for row in _rows(session, max(limit - 1, 1), now - SETTLED, now)
        if row.warned_at is None
    ]
    if not due:
        return 0
    told = session.execute(
        insert(table_of(Reminder))
        .values(
            [
                {
                    "kind": Kind.ABSENT_AGAIN, "person_id": row.person_id,
                    "account_id": row.account_id, "booking_id": row.id,
                    "lesson_id": row.lesson_id, "occasion_at": row.last_at,
                    "facts": {"absent": row.absent, "limit": limit},
                    "due_at": outbox.due(now), "created_at": now,
                }
                for row in due
            ]
        )
        .on_conflict_do_nothing(
            index_elements=["booking_id", "lesson_id", "kind", "occasion_at"]
        )
        .returning(table_of(Reminder).c.id)
    )  # fmt: skip
    return len(told.all())


def offer_on(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, reason: str, now: datetime
) -> int:
    """End the enrolment of somebody absent too often; how many were offered the place.

    The resident is told the reason. Where promotion has ended, it goes on until the next lesson:
    that is what staff decide here. Raises NotFound, also for a booking of another class, and
    CameLately unless they were warned and are still away.
    """
    found = access_class(session, me, MANAGE, run_id)
    line.lock(session, run_id)
    if session.scalar(
        select(Booking.id).where(Booking.id == booking_id, Booking.bookable_id == run_id)
    ) is None:  # fmt: skip
        raise NotFound()
    away = list_absent(session, me, now, run_id)
    if not any(one["booking_id"] == booking_id and one["warned_at"] for one in away):
        raise CameLately()
    until = _promote_until(session, run_id, now)
    before = _offered(session, run_id)
    booking.cancel(session, booking_id, Actor(staff_id=me.staff_id), now, reason)
    offered = len(_offered(session, run_id) - before)
    audit.record(
        session, me.staff_id, "enrolment.offer_on", "booking", booking_id, place_id=found.place_id,
        after={"reason": reason, "offered_to": offered, "promote_until": until},
    )  # fmt: skip
    return offered


def _promote_until(session: Session, run_id: int, now: datetime) -> str | None:
    """Let the line move until the next lesson, if it stood still; until when, if that is new."""
    coming = session.scalar(
        select(func.min(Lesson.starts_at)).where(
            Lesson.run_id == run_id, Lesson.cancelled_at.is_(None), Lesson.starts_at > now
        )
    )
    ended = session.scalar(
        select(Bookable.id).where(and_(Bookable.id == run_id, Bookable.promote_until <= now))
    )
    if coming is None or ended is None:
        return None
    session.execute(update(Bookable).where(Bookable.id == run_id).values(promote_until=coming))
    return coming.isoformat()


def _offered(session: Session, run_id: int) -> set[int]:
    return set(
        session.scalars(
            select(Booking.id).where(Booking.bookable_id == run_id, Booking.state == State.OFFERED)
        )
    )
