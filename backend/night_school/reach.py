"""Which classes a member of staff reaches: by place, and for teachers their own.

What is out of reach is not found, so that ids cannot be probed.
"""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

run = table_of(CourseRun)
bookable = table_of(Bookable)
lesson = table_of(Lesson)
place = table_of(Place)
teacher = table_of(Teacher)
substitute = teacher.alias("substitute")

RUNS = (
    run.join(bookable, bookable.c.id == run.c.id)
    .join(place, place.c.id == bookable.c.place_id)
    .outerjoin(teacher, teacher.c.id == run.c.teacher_id)
)
"""Runs with their place and teacher: what scopes look at."""

LESSONS = RUNS.join(lesson, lesson.c.run_id == run.c.id).outerjoin(
    substitute, substitute.c.id == lesson.c.teacher_id
)
"""Their lessons, with whoever teaches instead."""

TAUGHT_BY = func.coalesce(lesson.c.teacher_id, run.c.teacher_id)
"""The id of who teaches a lesson."""


def reaches(me: SignedInStaff, permission: Permission) -> ColumnElement[bool]:
    """The scope as a filter of selects from `RUNS`."""
    return me.covers(permission, place.c.path, teacher.c.staff_id)


def reaches_lesson(me: SignedInStaff, permission: Permission) -> ColumnElement[bool]:
    """The same of selects from `LESSONS`: a substitute reaches that one lesson of the class."""
    return or_(
        reaches(me, permission),
        and_(
            lesson.c.teacher_id.is_not(None),
            me.covers(permission, place.c.path, substitute.c.staff_id),
        ),
    )


def access_class(
    session: Session, me: SignedInStaff, permission: Permission, run_id: int
) -> AnyRow:
    """The class with what its verbs look at. Raises NotFound."""
    row = session.execute(
        select(
            bookable.c.id, bookable.c.title, bookable.c.place_id, bookable.c.capacity,
            bookable.c.overbooked, bookable.c.taken, bookable.c.starts_at, bookable.c.ends_at,
            bookable.c.published_at, bookable.c.cancelled_at, bookable.c.cancel_until,
            run.c.room_id, run.c.teacher_id, place.c.path,
        )
        .select_from(RUNS)
        .where(bookable.c.id == run_id, reaches(me, permission))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def access_lesson(
    session: Session, me: SignedInStaff, permission: Permission, lesson_id: int
) -> AnyRow:
    """The lesson with its class and place. Raises NotFound."""
    row = session.execute(
        select(
            lesson.c.id, lesson.c.run_id, lesson.c.number, lesson.c.starts_at, lesson.c.ends_at,
            lesson.c.room_id, lesson.c.cancelled_at, bookable.c.title, bookable.c.place_id,
            bookable.c.cancelled_at.label("run_cancelled_at"), place.c.path,
            place.c.name.label("place_name"), TAUGHT_BY.label("teacher_id"),
            run.c.teacher_id.label("run_teacher_id"),
            teacher.c.name.label("run_teacher_name"),
            func.coalesce(substitute.c.name, teacher.c.name).label("teacher_name"),
            reaches(me, Permission.SEE_CLASSES).label("reaches_class"),
        )
        .select_from(LESSONS)
        .where(lesson.c.id == lesson_id, reaches_lesson(me, permission))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row
