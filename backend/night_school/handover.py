"""When a teacher with a sign-in of their own leaves, their coming classes go to a colleague."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.night_school.teaching import reassign
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff


def hand_over_classes(
    session: Session, me: SignedInStaff, staff_id: int, successor_id: int, now: datetime
) -> list[int]:
    """The ids of the classes that were not over and are the successor's now.

    A successor who has not taught before gets a teacher's entry; who taught what is over stands as
    it was.
    """
    leaver = session.scalars(select(Teacher).where(Teacher.staff_id == staff_id)).first()
    if leaver is None:
        return []
    open_runs = session.scalars(
        select(CourseRun.id).where(
            CourseRun.teacher_id == leaver.id,
            Bookable.ends_at > now,
            Bookable.cancelled_at.is_(None),
        )
    ).all()
    standing_in = session.scalars(
        select(Lesson.id).where(
            Lesson.teacher_id == leaver.id, Lesson.starts_at > now, Lesson.cancelled_at.is_(None)
        )
    ).all()
    if not open_runs and not standing_in:
        return []
    successor = session.scalars(select(Teacher).where(Teacher.staff_id == successor_id)).first()
    if successor is None:
        name = session.get_one(Staff, successor_id).name
        successor = Teacher(name=name, organisation=leaver.organisation, staff_id=successor_id)
        session.add(successor)
        session.flush()
    reassign(session, open_runs, successor.id, now)
    session.execute(
        update(Lesson).where(Lesson.id.in_(standing_in)).values(teacher_id=successor.id)
    )
    audit.record(
        session, me.staff_id, "class.hand_over", "staff", staff_id, {"teacher_id": leaver.id},
        {
            "teacher_id": successor.id, "run_ids": list(open_runs),
            "lesson_ids": list(standing_in),
        },
    )  # fmt: skip
    return list(open_runs)
