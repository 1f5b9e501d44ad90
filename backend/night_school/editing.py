"""Moving lessons: this one, from here on, or all of a class; seen beforehand, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.service import pass_on_first
from backend.db import AnyRow, table_of
from backend.errors import Invalid
from backend.night_school import clashes, deadlines, timetable
from backend.night_school.clashes import Clash, Planned
from backend.night_school.deadlines import Moved
from backend.night_school.lessons import changeable, check_room, room_name
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.night_school.reminding import tell_lesson_changed
from backend.night_school.teaching import lock_teachers
from backend.night_school.weekly import shift_hours
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.meanwhile import Original

FARTHEST = timedelta(days=60)
"""How far the lessons of a whole class are moved at once: further is a mistyped date."""

_run = table_of(CourseRun)


class Scope(StrEnum):
    """Which lessons an edit is carried over to."""

    THIS = "this"
    ONWARDS = "onwards"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to become of a lesson.

    Beyond `THIS`, what differs from how the lesson stands is carried over to the others: the days
    it moves by, its times of day, its room, its substitute (`teacher_id`; None: the run's own
    teacher). What is over or cancelled stays as it was.
    """

    starts_at: datetime
    ends_at: datetime
    room_id: int | None
    teacher_id: int | None = None
    scope: Scope = Scope.THIS
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One lesson as it stands and as it is to be."""

    was: Planned
    becomes: Planned


@dataclass(frozen=True, slots=True)
class Plan:
    """What an edit would do: which lessons move, what they run into, which deadlines follow."""

    lesson: AnyRow
    moves: Sequence[Move]
    clashes: Sequence[Clash]
    deadlines: Moved

    @property
    def refused(self) -> bool:
        """Whether anything stands in the way, rather than being worth a warning."""
        return any(clash.refuses for clash in self.clashes)


def plan_edit(
    session: Session, me: SignedInStaff, lesson_id: int, edit: Edit, now: datetime,
    original: Original | None = None,
) -> Plan:  # fmt: skip
    """What the edit would do; nothing is written. The run's row stays locked.

    Raises NotFound, LessonCancelled, LessonOver, Invalid, and ChangedMeanwhile where the lessons
    do not stand as the form (`original`) showed them.
    """
    lesson = changeable(session, me, lesson_id, now)
    pass_on_first(session, lesson.run_id, now)
    run = deadlines.locked(session, lesson.run_id)
    timetable.check(
        session, original, lesson.run_id, lesson.number if edit.scope == Scope.THIS else None
    )
    lesson = changeable(session, me, lesson_id, now)
    _check(session, lesson, edit)
    moves = _moves(session, lesson, edit, now)
    lock_teachers(session, {move.becomes.teacher_id for move in moves})
    if any(move.becomes.starts_at <= now for move in moves):
        raise Invalid({"day": [_("新的上课时间必须在现在之后。")]})
    found = clashes.find(
        session, [_new_about(move) for move in moves], now,
        moving=[move.was.lesson_id for move in moves if move.was.lesson_id],
    )  # fmt: skip
    found += clashes.days_off(
        session, [move.becomes for move in moves if _changes_day(move)], lesson.path
    )
    first = _first(session, lesson.run_id, moves)
    return Plan(lesson, moves, found, deadlines.follow(run, first))


def edit_lessons(
    session: Session, me: SignedInStaff, lesson_id: int, edit: Edit, now: datetime,
    original: Original | None = None,
) -> int:  # fmt: skip
    """Do it: all of it, or nothing. Each participant is told once. The id of the class.

    Raises what `plan_edit` does, and RoomTaken, TeacherBusy, ClassMeets with what is there.
    """
    plan = plan_edit(session, me, lesson_id, edit, now, original)
    if not plan.moves:
        audit.unchanged(session)
        return int(plan.lesson.run_id)
    clashes.refuse(plan.clashes)
    _write(session, plan, now)
    _usual(session, plan, edit)
    first_moved = deadlines.settle(session, plan.lesson.run_id, now)
    _tell(session, plan, now, first_moved)
    _note(session, me, plan, edit)
    return int(plan.lesson.run_id)


def _check(session: Session, lesson: AnyRow, edit: Edit) -> None:
    if edit.starts_at >= edit.ends_at:
        raise Invalid({"until": [_("下课时间要晚于上课时间。")]})
    if edit.scope != Scope.THIS and abs(_days(lesson, edit)) > FARTHEST:
        raise Invalid({"day": [_("几次课一起调整，最多移动 %(n)s 天。", n=FARTHEST.days)]})
    check_room(session, lesson.place_id, edit.room_id, lesson.room_id)
    if edit.teacher_id is not None and session.get(Teacher, edit.teacher_id) is None:
        raise Invalid({"teacher_id": [_("没有这位老师，请重新选择。")]})


def _days(lesson: AnyRow, edit: Edit) -> timedelta:
    return clock.local(edit.starts_at).date() - clock.local(lesson.starts_at).date()


def _moves(session: Session, lesson: AnyRow, edit: Edit, now: datetime) -> list[Move]:
    """The lessons that would not stay as they are, in the order they are held in."""
    query = (
        select(
            Lesson.id,
            Lesson.number,
            Lesson.starts_at,
            Lesson.ends_at,
            Lesson.room_id,
            Lesson.teacher_id,
        )
        .where(
            Lesson.run_id == lesson.run_id,
            Lesson.cancelled_at.is_(None),
            (Lesson.starts_at > now) | (Lesson.id == lesson.id),
        )
        .order_by(Lesson.starts_at, Lesson.id)
    )
    if edit.scope == Scope.THIS:
        query = query.where(Lesson.id == lesson.id)
    elif edit.scope == Scope.ONWARDS:
        query = query.where(Lesson.starts_at >= lesson.starts_at)
    found = [Move(_planned(lesson, row), _becomes(lesson, edit, row))
             for row in session.execute(query)]  # fmt: skip
    return [move for move in found if move.was != move.becomes]


def _planned(lesson: AnyRow, row: AnyRow, **changed: Any) -> Planned:
    facts = {
        "starts_at": row.starts_at, "ends_at": row.ends_at, "room_id": row.room_id,
        "teacher_id": row.teacher_id or lesson.run_teacher_id,
    }  # fmt: skip
    return Planned(**facts | changed, number=row.number, run_id=lesson.run_id, lesson_id=row.id)


def _becomes(lesson: AnyRow, edit: Edit, row: AnyRow) -> Planned:
    gives = edit.teacher_id or lesson.run_teacher_id
    if row.id == lesson.id:
        return _planned(
            lesson, row, starts_at=edit.starts_at, ends_at=edit.ends_at, room_id=edit.room_id,
            teacher_id=gives,
        )  # fmt: skip
    by = _days(lesson, edit)
    starts_at, ends_at = row.starts_at + by, row.ends_at + by
    if (lesson.starts_at + by, lesson.ends_at + by) != (edit.starts_at, edit.ends_at):
        at = clock.local(edit.starts_at)
        starts_at = clock.local(starts_at).replace(hour=at.hour, minute=at.minute)
        ends_at = starts_at + (edit.ends_at - edit.starts_at)
    room_id = row.room_id if edit.room_id == lesson.room_id else edit.room_id
    stays = row.teacher_id or lesson.run_teacher_id
    return _planned(
        lesson, row, starts_at=starts_at, ends_at=ends_at, room_id=room_id,
        teacher_id=stays if gives == lesson.teacher_id else gives,
    )  # fmt: skip


def _new_about(move: Move) -> Planned:
    """What is looked at for clashes: a lesson that stays at its hour keeps its teacher there."""
    was, becomes = move.was, move.becomes
    if (was.starts_at, was.ends_at) != (becomes.starts_at, becomes.ends_at):
        return becomes
    gives = None if was.teacher_id == becomes.teacher_id else becomes.teacher_id
    return replace(becomes, teacher_id=gives, run_id=None)


def _changes_day(move: Move) -> bool:
    return clock.today(move.was.starts_at) != clock.today(move.becomes.starts_at)


def _first(session: Session, run_id: int, moves: Sequence[Move]) -> datetime:
    moved = [move.was.lesson_id for move in moves]
    others = session.scalars(
        select(Lesson.starts_at).where(
            Lesson.run_id == run_id, Lesson.cancelled_at.is_(None), Lesson.id.not_in(moved)
        )
    ).all()
    return min([*others, *(move.becomes.starts_at for move in moves)])


def _write(session: Session, plan: Plan, now: datetime) -> None:
    ids = [move.was.lesson_id for move in plan.moves]
    occupancy.vacate(session, OccupantKind.LESSON, [ident for ident in ids if ident])
    uses = []
    for move in plan.moves:
        to, ident = move.becomes, move.was.lesson_id or 0
        session.execute(
            update(Lesson)
            .where(Lesson.id == ident)
            .values(
                starts_at=to.starts_at,
                ends_at=to.ends_at,
                room_id=to.room_id,
                teacher_id=None if to.teacher_id == plan.lesson.run_teacher_id else to.teacher_id,
            )
        )
        if to.room_id is not None:
            uses.append(Use(to.room_id, to.starts_at, to.ends_at, OccupantKind.LESSON, ident))
    occupancy.occupy(session, uses, now)


def _usual(session: Session, plan: Plan, edit: Edit) -> None:
    """What is carried over to all is the class's usual time and room from now on."""
    if edit.scope != Scope.ALL:
        return
    at = clock.local(edit.starts_at)
    usual: dict[str, Any] = {}
    if edit.room_id != plan.lesson.room_id:
        usual["room_id"] = edit.room_id
    if edit.starts_at != plan.lesson.starts_at:
        usual |= {"weekday": at.weekday(), "from_minute": at.hour * 60 + at.minute}
    by = _days(plan.lesson, edit)
    times = (at.hour * 60 + at.minute, int((edit.ends_at - edit.starts_at).total_seconds()) // 60)
    kept = (plan.lesson.starts_at + by, plan.lesson.ends_at + by) == (edit.starts_at, edit.ends_at)
    shift_hours(session, plan.lesson.run_id, by, None if kept else times)
    if usual:
        session.execute(update(_run).where(_run.c.id == plan.lesson.run_id).values(usual))


def _tell(session: Session, plan: Plan, now: datetime, first_moved: bool) -> None:
    first, today = plan.moves[0], clock.today(now)
    days = {
        clock.today(at)
        for move in plan.moves
        for at in (move.was.starts_at, move.becomes.starts_at)
    }
    facts: dict[str, Any] = {"series": len(plan.moves)} if len(plan.moves) > 1 else {}
    if first.was.teacher_id != first.becomes.teacher_id:
        facts["other_teacher"] = True
    tell_lesson_changed(
        session, first.was.lesson_id or 0, now, was_at=first.was.starts_at,
        was_room=room_name(session, first.was.room_id), concerns_today=today in days,
        first_moved=first_moved, **facts,
    )  # fmt: skip


def _note(session: Session, me: SignedInStaff, plan: Plan, edit: Edit) -> None:
    reason = {"reason": edit.reason} if edit.reason else {}
    if edit.scope == Scope.THIS:
        move = plan.moves[0]
        audit.record(
            session, me.staff_id, "lesson.move", "lesson", move.was.lesson_id,
            place_id=plan.lesson.place_id, before=stood(move.was),
            after=stood(move.becomes) | reason,
        )  # fmt: skip
        return
    audit.record(
        session, me.staff_id, "class.move_lessons", "course_run", plan.lesson.run_id,
        place_id=plan.lesson.place_id,
        before={"lessons": [stood(move.was, number=True) for move in plan.moves]},
        after={"lessons": [stood(move.becomes, number=True) for move in plan.moves]} | reason,
    )  # fmt: skip


def stood(one: Planned, *, number: bool = False) -> dict[str, Any]:
    """A lesson as the audit keeps it."""
    return ({"number": one.number} if number else {}) | {
        "starts_at": clock.rfc3339(one.starts_at),
        "ends_at": clock.rfc3339(one.ends_at),
        "room_id": one.room_id,
        "teacher_id": one.teacher_id,
    }
