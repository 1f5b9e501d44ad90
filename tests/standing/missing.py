"""Residents who stayed away from lessons, or gave their places back late."""

from datetime import timedelta
from itertools import count

from sqlalchemy import select

from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.night_school.models import Attendance, CourseRun, Lesson
from backend.people.models import Person
from tests.factories import Make

_numbers = count(1)


def booked(make: Make, run: CourseRun, person: Person, state: str = "confirmed") -> Booking:
    """An enrolment of some day, as it stands now."""
    return make.add(
        Booking(
            bookable_id=run.id, person_id=person.id, state=state, once_key=f"run:{run.id}",
            starts_at=run.starts_at, ends_at=run.ends_at, code=f"m{next(_numbers)}",
            short_code="000000", created_at=make.now,
        )
    )  # fmt: skip


def earlier_run(make: Make, *, lessons: int = 4, days_ago: int = 28, **given) -> CourseRun:
    """A run whose lessons came weekly from so many days ago on."""
    return make.run(starts_at=make.now - timedelta(days=days_ago), lessons=lessons, **given)


def mark(make: Make, booking: Booking, number: int, presence: str = "absent") -> Attendance:
    """The mark of one lesson; marked before, it is put right."""
    lesson = lesson_of(booking, number)
    row = db.session.scalars(
        select(Attendance).where(
            Attendance.lesson_id == lesson.id, Attendance.booking_id == booking.id
        )
    ).first()
    if row is None:
        row = Attendance(
            lesson_id=lesson.id, booking_id=booking.id, taken_by="tap", at=make.now,
            presence=presence,
        )  # fmt: skip
    row.presence = presence
    return make.add(row)


def lesson_of(booking: Booking, number: int) -> Lesson:
    return db.session.scalars(
        select(Lesson).where(Lesson.run_id == booking.bookable_id, Lesson.number == number)
    ).one()


def stayed_away(make: Make, person: Person, times: int, **given) -> Booking:
    """Absent from the first so many lessons of a run of weeks ago."""
    booking = booked(make, earlier_run(make, lessons=max(times, 1), **given), person)
    for number in range(1, times + 1):
        mark(make, booking, number)
    return booking


def gave_back(make: Make, person: Person, days_ago: int, late_minutes: int | None = 90) -> Booking:
    """A place given back so many days ago, after the deadline unless `late_minutes` is None."""
    run = make.run(course=make.course("剪纸"), starts_at=make.now - timedelta(days=days_ago - 1))
    booking = booked(make, run, person, "cancelled")
    make.add(
        BookingEvent(
            booking_id=booking.id, at=make.now - timedelta(days=days_ago), state="cancelled",
            late_minutes=late_minutes,
        )
    )  # fmt: skip
    return booking
