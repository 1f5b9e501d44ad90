"""The lessons of my household's bookings: for one booking with its attendance, and the calendar."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import check_mine
from backend.db import AnyRow
from backend.night_school.attendance import EXCUSES
from backend.night_school.excuses.models import Excuse
from backend.night_school.excuses.service import may_ask
from backend.night_school.models import Attendance, CourseRun, Lesson, Teacher
from backend.night_school.queries import shown_lesson
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place, Room

PAST = timedelta(days=92)
"""How far back the calendar goes."""

_usual_room, _room = aliased(Room), aliased(Room)


def list_lessons(
    session: Session, me: Resident, booking_id: int, now: datetime
) -> list[dict[str, Any]]:
    """The lessons of a booking, each with the person's mark, if there is one. Raises NotFound."""
    check_mine(session, me, booking_id, now)
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at,
            func.coalesce(_room.name, _usual_room.name).label("room_name"),
            Teacher.name.label("substitute_name"), Excuse.reason, Booking.state,
            Attendance.presence, Attendance.at.label("checked_in_at"),
        )
        .join(Booking, Booking.bookable_id == Lesson.run_id)
        .join(CourseRun.__table__, CourseRun.__table__.c.id == Lesson.run_id)
        .outerjoin(_room, _room.id == Lesson.room_id)
        .outerjoin(_usual_room, _usual_room.id == CourseRun.__table__.c.room_id)
        .outerjoin(Teacher, Teacher.id == Lesson.teacher_id)
        .outerjoin(
            Attendance,
            and_(Attendance.lesson_id == Lesson.id, Attendance.booking_id == Booking.id),
        )
        .outerjoin(
            Excuse,
            and_(
                Excuse.lesson_id == Lesson.id,
                Excuse.booking_id == Booking.id,
                Excuse.withdrawn_at.is_(None),
            ),
        )
        .where(Booking.id == booking_id)
        .order_by(Lesson.starts_at)
    )  # fmt: skip
    return [_attended(row, now) for row in rows]


def _attended(row: AnyRow, now: datetime) -> dict[str, Any]:
    excused = row.presence in EXCUSES
    on = row.state == State.CONFIRMED and row.cancelled_at is None
    return shown_lesson(row) | {
        "presence": row.presence,
        "checked_in_at": clock.rfc3339(row.checked_in_at),
        "excuse_reason": row.reason,
        "may_excuse": on and not excused and may_ask(row, row.presence, now),
        "may_withdraw": on and excused and row.reason is not None and now < row.starts_at,
    }


def next_of(session: Session, booking_id: int, now: datetime) -> dict[str, Any]:
    """Where and when an enrolment's class meets next: `room_name`, and `next_lesson` or None.

    After the last lesson, and for a cancelled class, the usual room.
    """
    return _next_of_each(session, [booking_id], now).get(
        booking_id, {"room_name": None, "next_lesson": None}
    )


def with_next(
    session: Session, bookings: list[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """The bookings of a list, each with its `next_lesson` or None, in one read for all."""
    found = _next_of_each(session, [booking["id"] for booking in bookings], now)
    nothing: dict[str, Any] = {"next_lesson": None}
    return [
        booking | {"next_lesson": found.get(booking["id"], nothing)["next_lesson"]}
        for booking in bookings
    ]


def _next_of_each(
    session: Session, booking_ids: list[int], now: datetime
) -> dict[int, dict[str, Any]]:
    run = CourseRun.__table__.c
    next_id = (
        select(Lesson.id)
        .where(
            Lesson.run_id == Booking.bookable_id,
            Lesson.cancelled_at.is_(None),
            Lesson.ends_at > now,
            Bookable.cancelled_at.is_(None),
        )
        .order_by(Lesson.starts_at)
        .limit(1)
        .correlate(Booking, Bookable)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Booking.id.label("booking_id"), Lesson.id, Lesson.number, Lesson.starts_at,
            Lesson.ends_at, func.coalesce(_room.name, _usual_room.name).label("room_name"),
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(CourseRun.__table__, run.id == Booking.bookable_id)
        .outerjoin(Lesson, Lesson.id == next_id)
        .outerjoin(_room, _room.id == Lesson.room_id)
        .outerjoin(_usual_room, _usual_room.id == run.room_id)
        .where(Booking.id.in_(booking_ids))
    )  # fmt: skip
    return {
        row.booking_id: {"room_name": row.room_name, "next_lesson": _next_lesson(row)}
        for row in rows
    }


def _next_lesson(row: AnyRow) -> dict[str, Any] | None:
    if row.id is None:
        return None
    return {
        "id": row.id,
        "number": row.number,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
    }


def for_calendar(
    session: Session, me: Resident, now: datetime, booking_id: int | None = None
) -> list[AnyRow]:
    """Every lesson of the confirmed bookings of all I may act for, or of one, in one read."""
    only = true() if booking_id is None else Booking.id == booking_id
    rows = session.execute(
        select(
            Lesson.id.label("lesson_id"), Lesson.number, Lesson.starts_at, Lesson.ends_at,
            Lesson.cancelled_at, Bookable.title, Bookable.cancelled_at.label("run_cancelled_at"),
            Booking.id.label("booking_id"), Booking.created_at, Person.name.label("person_name"),
            Place.name.label("place_name"), Place.address,
            func.coalesce(_room.name, _usual_room.name).label("room_name"),
        )
        .join(Booking, Booking.bookable_id == Lesson.run_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(CourseRun.__table__, CourseRun.__table__.c.id == Lesson.run_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Place, Place.id == Bookable.place_id)
        .outerjoin(_room, _room.id == Lesson.room_id)
        .outerjoin(_usual_room, _usual_room.id == CourseRun.__table__.c.room_id)
        .where(
            acts_for(me, Booking.person_id, clock.today(now)),
            only,
            Booking.state == State.CONFIRMED,
            Lesson.ends_at > now - PAST,
        )
        .order_by(Lesson.starts_at, Lesson.id, Booking.id)
    ).all()  # fmt: skip
    return list(rows)
