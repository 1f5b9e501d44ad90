"""Who teaches: the run's teacher or a substitute, within the agreement with them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.db import table_of
from backend.night_school.models import CourseRun, Lesson, Teacher

_run, _lesson = table_of(CourseRun), table_of(Lesson)


def outside_agreement(teacher: Any, at: datetime) -> bool:
    """Whether a lesson `at` lies before or after the agreement; a day left open is no limit."""
    day = clock.today(at)
    return bool(
        (teacher.agreement_from is not None and day < teacher.agreement_from)
        or (teacher.agreement_until is not None and day > teacher.agreement_until)
    )


def reassign(
    session: Session, run_ids: Sequence[int], teacher_id: int | None, now: datetime
) -> None:
    """From now on somebody else teaches these runs; who gave the lessons so far stays known."""
    begun = _lesson.c.run_id.in_(run_ids) & (_lesson.c.starts_at <= now)
    session.execute(
        update(_lesson)
        .where(begun, _lesson.c.teacher_id.is_(None))
        .values(
            teacher_id=select(_run.c.teacher_id)
            .where(_run.c.id == _lesson.c.run_id)
            .scalar_subquery()
        )
    )
    session.execute(update(_run).where(_run.c.id.in_(run_ids)).values(teacher_id=teacher_id))
    session.execute(
        update(_lesson)
        .where(_lesson.c.run_id.in_(run_ids), _lesson.c.teacher_id == teacher_id)
        .values(teacher_id=None)
    )


def lock_teachers(session: Session, teacher_ids: Collection[int | None]) -> None:
    """So that two clerks cannot plan the same teacher at once: the second sees the first's."""
    wanted = sorted(ident for ident in teacher_ids if ident is not None)
    session.execute(
        select(Teacher.id).where(Teacher.id.in_(wanted)).order_by(Teacher.id).with_for_update()
    )
