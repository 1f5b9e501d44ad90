"""Whatever changes a class's figures raises its `figures_version`: its summary no longer holds.

That somebody signs up, is offered a place or gives it back is told from the bookings themselves
(summaries.py); marks, lessons called off and facts about people are told here, before they are
written: whoever writes at the same class then waits here, and nowhere in a circle.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.db import table_of
from backend.night_school.models import CourseRun, Lesson
from backend.people import born, deleting, merging

_run, _lesson, _booking = table_of(CourseRun), table_of(Lesson), table_of(Booking)


def of_lesson(session: Session, lesson_id: int) -> None:
    """Marks of a lesson are about to change, or whether it takes place."""
    lesson_run = select(_lesson.c.run_id).where(_lesson.c.id == lesson_id)
    _raise(session, _run.c.id == lesson_run.scalar_subquery())


@born.follows
def of_people(session: Session, person_ids: Sequence[int]) -> None:
    """When these people were born has changed, or who they are."""
    theirs = select(_booking.c.bookable_id).where(_booking.c.person_id.in_(person_ids))
    in_order = select(_run.c.id).where(_run.c.id.in_(theirs)).order_by(_run.c.id).with_for_update()
    if run_ids := session.scalars(in_order).all():
        _raise(session, _run.c.id.in_(run_ids))


@merging.follows
def _merged(session: Session, done: merging.Merge) -> None:
    of_people(session, (done.from_id, done.into_id))


@deleting.forgets
def _forgotten(session: Session, done: deleting.Deletion) -> None:
    of_people(session, done.person_ids)


def _raise(session: Session, which: ColumnElement[bool]) -> None:
    version = _run.c.figures_version
    session.execute(update(_run).where(which).values(figures_version=version + 1))
