"""Lessons made up elsewhere: where somebody went instead, a lesson of another run of the course."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow
from backend.errors import Invalid
from backend.night_school import attendance
from backend.night_school.models import Attendance, CheckInBy, CourseRun, Lesson, Presence
from backend.places.models import Place
from backend.staff import audit

NEAR = timedelta(days=31)
"""How far from the missed lesson another is looked for."""


def lessons_elsewhere(session: Session, lesson_id: int, now: datetime) -> list[dict[str, Any]]:
    """Lessons of other runs of the course that have begun, the nearest to this one first."""
    missed, own = aliased(Lesson), aliased(CourseRun.__table__)
    run = CourseRun.__table__.c
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, Bookable.title,
            Place.name.label("place_name"), missed.starts_at.label("missed_at"),
        )
        .join(Bookable, Bookable.id == Lesson.run_id)
        .join(Place, Place.id == Bookable.place_id)
        .join(CourseRun.__table__, run.id == Lesson.run_id)
        .join(missed, missed.id == lesson_id)
        .join(own, own.c.id == missed.run_id)
        .where(
            run.course_id == own.c.course_id,
            run.id != own.c.id,
            Lesson.cancelled_at.is_(None),
            Bookable.cancelled_at.is_(None),
            Lesson.starts_at <= now,
        )
        .order_by(Lesson.starts_at, Lesson.id)
    ).all()  # fmt: skip
    near = [row for row in rows if abs(row.starts_at - row.missed_at) <= NEAR]
    near.sort(key=lambda row: abs(row.starts_at - row.missed_at))
    return [_shown(row) for row in near]


def _shown(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "number": row.number,
        "starts_at": clock.rfc3339(row.starts_at),
        "place_name": row.place_name,
    }


def note(
    session: Session, lesson_id: int, booking_id: int, elsewhere_id: int | None, staff_id: int,
    now: datetime,
) -> None:  # fmt: skip
    """The lesson was made up, at the lesson `elsewhere_id`, or nobody knows where (None).

    Raises NotFound, LessonCancelled, CheckInNotOpen, NotHeld, and Invalid for a lesson that is not
    one of `lessons_elsewhere`.
    """
    offered = [one["id"] for one in lessons_elsewhere(session, lesson_id, now)]
    if elsewhere_id is not None and elsewhere_id not in offered:
        raise Invalid({"elsewhere_id": [_("请选择列出的一次课。")]})
    made_up, tap = Presence.MADE_UP, CheckInBy.TAP
    attendance.mark(session, lesson_id, booking_id, made_up, tap, staff_id, now)
    here = (Attendance.lesson_id == lesson_id, Attendance.booking_id == booking_id)
    before = session.scalar(select(Attendance.made_up_lesson_id).where(*here))
    if before == elsewhere_id:
        return
    session.execute(
        update(Attendance)
        .where(*here)
        .values(made_up_lesson_id=elsewhere_id)
        .execution_options(synchronize_session=False)
    )
    place_id = session.scalar(
        select(Bookable.place_id)
        .join(Lesson, Lesson.run_id == Bookable.id)
        .where(Lesson.id == lesson_id)
    )
    audit.record(
        session, staff_id, "attendance.made_up", "lesson", lesson_id, place_id=place_id,
        before={"booking_id": booking_id, "made_up_lesson_id": before},
        after={"booking_id": booking_id, "made_up_lesson_id": elsewhere_id},
    )  # fmt: skip
