"""What the sentences are made of: the facts of a batch of reminders, in one read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import POSITION
from backend.db import AnyRow, table_of
from backend.night_school import similar
from backend.night_school.models import Course, CourseRun, Lesson, Teacher
from backend.people.models import Person
from backend.places.models import Place, Room
from backend.reminders.models import Reminder
from backend.reminders.wording import Due

_run = table_of(CourseRun)
_usual_room, _lesson_room = aliased(Room), aliased(Room)
_coming = aliased(Lesson)
_gives = aliased(Teacher)
_newer = aliased(Reminder)

_told_again = (
    select(_newer.id)
    .where(
        _newer.booking_id == Reminder.booking_id,
        _newer.lesson_id == Reminder.lesson_id,
        _newer.kind == Reminder.kind,
        _newer.id > Reminder.id,
    )
    .exists()
)


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about course runs, in one read."""
    next_lesson = (
        select(func.min(_coming.starts_at))
        .where(
            _coming.run_id == _run.c.id, _coming.cancelled_at.is_(None), _coming.starts_at > now
        )
        .scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            Reminder.id, Booking.state, Booking.offer_until, Booking.cancel_until,
            Booking.offer_before,
            case((Booking.state == State.WAITING, POSITION)).label("position"),
            Bookable.title, Bookable.place_id, Bookable.starts_at, Bookable.ends_at,
            Bookable.cancelled_at, Place.name.label("place_name"), Course.bring,
            Person.name.label("person_name"), Person.birth_date, Booking.bookable_id,
            next_lesson.label("next_lesson_at"),
            func.coalesce(_lesson_room.name, _usual_room.name).label("room_name"),
            _gives.name.label("teacher_name"), Lesson.starts_at.label("lesson_at"),
            Lesson.cancelled_at.label("lesson_cancelled_at"),
            _told_again.label("told_again"),
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(_run, _run.c.id == Bookable.id)
        .join(Course, Course.id == _run.c.course_id)
        .join(Place, Place.id == Bookable.place_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Lesson, Lesson.id == Reminder.lesson_id)
        .outerjoin(_lesson_room, _lesson_room.id == Lesson.room_id)
        .outerjoin(_usual_room, _usual_room.id == _run.c.room_id)
        .outerjoin(_gives, _gives.id == func.coalesce(Lesson.teacher_id, _run.c.teacher_id))
        .where(Reminder.id.in_([due.id for due in dues]))
    )  # fmt: skip
    return _with_similar(session, rows.all(), now)


def _with_similar(session: Session, rows: Sequence[AnyRow], now: datetime) -> Mapping[int, Any]:
    """Who is told that a run is cancelled is told where else there are places."""
    cancelled = {row.bookable_id for row in rows if row.cancelled_at is not None}
    instead = {run_id: similar.find(session, run_id, now) for run_id in cancelled}
    return {
        row.id: SimpleNamespace(
            **row._mapping,
            similar=similar.for_age(instead.get(row.bookable_id, []), row.birth_date, now),
        )
        for row in rows
    }
