"""A class's lessons as the forms show them, to see whether somebody else moved one meanwhile."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.places.models import Room
from backend.staff import meanwhile
from backend.staff.meanwhile import Original
from backend.staff.models import AuditEntry

_run = table_of(CourseRun)


def stands(session: Session, run_id: int) -> dict[str, str]:
    """Each lesson in a line of text, by its number."""
    return {str(row.number): _line(row) for row in _lessons(session, run_id)}


def check(
    session: Session, original: Original | None, run_id: int, number: int | None = None
) -> None:
    """Whether the lessons, or that one, stand as they did. Raises ChangedMeanwhile."""
    if original is None:
        return
    rows = _lessons(session, run_id)
    lines = {str(row.number): _line(row) for row in rows}
    shown = {key for key in original.stood if key.isdigit()}  # the form may have shown more
    asked = set(lines) | shown if number is None else {str(number)}
    labels = {key: _("第 %(n)s 次课", n=key) for key in sorted(asked, key=int)}
    about = [("lesson", row.id) for row in rows if str(row.number) in asked]
    meanwhile.check(session, original, lines, labels, [("course_run", run_id), *about])


def skipped(session: Session, run_id: int, now: datetime) -> list[datetime]:
    """The moments that were left out when the class was planned, and are still free to put back."""
    kept = session.scalars(
        select(AuditEntry.after).where(
            AuditEntry.subject_kind == "course_run", AuditEntry.subject_id == run_id,
            AuditEntry.action == "class.plan",
        )
    ).all()  # fmt: skip
    left_out = {
        datetime.fromisoformat(key).replace(tzinfo=clock.LOCAL)
        for after in kept
        for key in (after or {}).get("skipped", ())
    }
    held = set(session.scalars(select(Lesson.starts_at).where(Lesson.run_id == run_id)))
    return sorted(at for at in left_out if at > now and at not in held)


def _lessons(session: Session, run_id: int) -> list[AnyRow]:
    gives = func.coalesce(Lesson.teacher_id, _run.c.teacher_id)
    return list(
        session.execute(
            select(
                Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at,
                Room.name.label("room_name"), Teacher.name.label("teacher_name"),
            )
            .join(_run, _run.c.id == Lesson.run_id)
            .outerjoin(Room, Room.id == Lesson.room_id)
            .outerjoin(Teacher, Teacher.id == gives)
            .where(Lesson.run_id == run_id)
            .order_by(Lesson.number)
        )
    )  # fmt: skip


def _line(row: AnyRow) -> str:
    if row.cancelled_at is not None:
        return str(_("已取消"))
    when = f"{clock.local(row.starts_at):%m-%d %H:%M}–{clock.local(row.ends_at):%H:%M}"
    return " ".join(filter(None, (when, row.room_name, row.teacher_name)))
