"""What staff do to single lessons: call one off, put it back, add one; all are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import Cancelled
from backend.booking.service import pass_on_first
from backend.db import AnyRow
from backend.errors import Invalid, NotFound
from backend.night_school import clashes, deadlines, timetable
from backend.night_school.clashes import Planned
from backend.night_school.errors import LessonCancelled, LessonOver
from backend.night_school.models import Lesson
from backend.night_school.reach import access_class, access_lesson
from backend.night_school.reminding import tell_lesson_changed
from backend.night_school.statistics import changes
from backend.night_school.teaching import lock_teachers
from backend.places import occupancy
from backend.places.models import OccupantKind, Room
from backend.places.occupancy import Use
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

MANAGE = Permission.MANAGE_CLASSES


def cancel_lesson(
    session: Session, me: SignedInStaff, lesson_id: int, reason: str, now: datetime,
    original: Original | None = None,
) -> int:  # fmt: skip
    """The lesson does not take place; its room is free, all are told. The id of the class.

    Cancelling twice changes nothing. Raises NotFound, LessonOver, ChangedMeanwhile.
    """
    lesson = access_lesson(session, me, MANAGE, lesson_id)
    if lesson.cancelled_at is not None:
        audit.unchanged(session)
        return int(lesson.run_id)
    lesson = changeable(session, me, lesson_id, now)
    pass_on_first(session, lesson.run_id, now)
    deadlines.locked(session, lesson.run_id)
    timetable.check(session, original, lesson.run_id, lesson.number)
    changes.of_lesson(session, lesson_id)
    session.execute(update(Lesson).where(Lesson.id == lesson_id).values(cancelled_at=now))
    occupancy.vacate(session, OccupantKind.LESSON, [lesson_id])
    first_moved = deadlines.settle(session, lesson.run_id, now)
    _tell(session, lesson, now, first_moved=first_moved)
    audit.record(
        session, me.staff_id, "lesson.cancel", "lesson", lesson_id, place_id=lesson.place_id,
        before={"cancelled": False}, after={"cancelled": True, "reason": reason},
    )  # fmt: skip
    return int(lesson.run_id)


def put_back(
    session: Session, me: SignedInStaff, lesson_id: int, starts_at: datetime, ends_at: datetime,
    room_id: int | None, now: datetime, original: Original | None = None,
) -> int:  # fmt: skip
    """A cancelled lesson takes place after all, then or at another time. The id of the class.

    It keeps its number. Putting back what takes place changes nothing. Raises NotFound, Cancelled,
    Invalid, RoomTaken, TeacherBusy, ClassMeets, ChangedMeanwhile.
    """
    run = access_class(session, me, MANAGE, access_lesson(session, me, MANAGE, lesson_id).run_id)
    _lock(session, run.id, now)
    lesson = access_lesson(session, me, MANAGE, lesson_id)
    if (lesson.starts_at, lesson.ends_at) != (starts_at, ends_at) or lesson.cancelled_at:
        timetable.check(session, original, run.id, lesson.number)
    if lesson.cancelled_at is None:
        audit.unchanged(session)
        return int(lesson.run_id)
    _check(session, run, starts_at, ends_at, room_id, now)
    _take_place(
        session, run, lesson_id, lesson.number, starts_at, ends_at, room_id, lesson.teacher_id, now
    )
    changes.of_lesson(session, lesson_id)
    session.execute(
        update(Lesson)
        .where(Lesson.id == lesson_id)
        .values(cancelled_at=None, starts_at=starts_at, ends_at=ends_at, room_id=room_id)
    )
    first_moved = deadlines.settle(session, lesson.run_id, now)
    _tell(session, lesson, now, put_back=True, first_moved=first_moved)
    audit.record(
        session, me.staff_id, "lesson.put_back", "lesson", lesson_id, place_id=lesson.place_id,
        before=_stood(lesson.starts_at, lesson.ends_at, lesson.room_id) | {"cancelled": True},
        after=_stood(starts_at, ends_at, room_id) | {"cancelled": False},
    )  # fmt: skip
    return int(lesson.run_id)


def add_lesson(
    session: Session, me: SignedInStaff, run_id: int, starts_at: datetime, ends_at: datetime,
    room_id: int | None, now: datetime, original: Original | None = None,
) -> int:  # fmt: skip
    """One more lesson of a class, under the next free number; all are told. Its id.

    Raises NotFound, Cancelled, Invalid, RoomTaken, TeacherBusy, ClassMeets, ChangedMeanwhile.
    """
    access_class(session, me, MANAGE, run_id)
    _lock(session, run_id, now)
    run = access_class(session, me, MANAGE, run_id)
    timetable.check(session, original, run_id)
    _check(session, run, starts_at, ends_at, room_id, now)
    last = session.scalar(select(func.max(Lesson.number)).where(Lesson.run_id == run_id)) or 0
    lesson_id = int(
        session.execute(
            insert(Lesson)
            .values(
                run_id=run_id, number=last + 1, starts_at=starts_at, ends_at=ends_at,
                room_id=room_id,
            )
            .returning(Lesson.id)
        ).scalar_one()
    )  # fmt: skip
    _take_place(session, run, lesson_id, last + 1, starts_at, ends_at, room_id, run.teacher_id, now)
    first_moved = deadlines.settle(session, run_id, now)
    tell_lesson_changed(
        session, lesson_id, now, was_at=starts_at, was_room=None, added=True,
        first_moved=first_moved,
    )  # fmt: skip
    audit.record(
        session, me.staff_id, "lesson.add", "lesson", lesson_id, place_id=run.place_id,
        after=_stood(starts_at, ends_at, room_id) | {"number": last + 1},
    )  # fmt: skip
    return lesson_id


def take_room(
    session: Session, room_id: int, spans: Sequence[tuple[int, datetime, datetime]], now: datetime
) -> None:
    """Occupy a room with (lesson id, from, to). Raises RoomTaken with what is there already."""
    planned = [
        Planned(number=number, starts_at=start, ends_at=end, room_id=room_id, lesson_id=ident)
        for number, (ident, start, end) in enumerate(spans, 1)
    ]
    clashes.refuse(clashes.find(session, planned, now))
    occupancy.occupy(
        session,
        [Use(room_id, start, end, OccupantKind.LESSON, ident) for ident, start, end in spans],
        now,
    )


def changeable(session: Session, me: SignedInStaff, lesson_id: int, now: datetime) -> AnyRow:
    """A lesson that staff may still change. Raises NotFound, LessonCancelled, LessonOver."""
    lesson = access_lesson(session, me, MANAGE, lesson_id)
    if lesson.cancelled_at is not None or lesson.run_cancelled_at is not None:
        raise LessonCancelled(_("这次课已经取消，不能再调整。"))
    if lesson.ends_at <= now:
        raise LessonOver()
    return lesson


def check_room(session: Session, place_id: int, room_id: int | None, known: int | None) -> None:
    """A room of the same place; which also keeps a class out of places one does not reach."""
    if room_id is None or room_id == known:
        return
    found = session.execute(
        select(Room.id).where(Room.id == room_id, Room.place_id == place_id)
    ).first()
    if found is None:
        raise NotFound()


def room_name(session: Session, room_id: int | None) -> str | None:
    """What the room is called; none, no name."""
    return session.scalar(select(Room.name).where(Room.id == room_id)) if room_id else None


def _lock(session: Session, run_id: int, now: datetime) -> None:
    """Lessons of one run change one after another; what has run out there is passed on first."""
    pass_on_first(session, run_id, now)
    deadlines.locked(session, run_id)


def _check(
    session: Session, run: AnyRow, starts_at: datetime, ends_at: datetime, room_id: int | None,
    now: datetime,
) -> None:  # fmt: skip
    """Whether a lesson may be put there at all."""
    if run.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能再安排课次。"))
    if starts_at <= now:
        raise Invalid({"day": [_("上课时间必须在现在之后。")]})
    if starts_at >= ends_at:
        raise Invalid({"until": [_("下课时间要晚于上课时间。")]})
    check_room(session, run.place_id, room_id, run.room_id)


def _take_place(
    session: Session, run: AnyRow, lesson_id: int, number: int, starts_at: datetime,
    ends_at: datetime, room_id: int | None, teacher_id: int | None, now: datetime,
) -> None:  # fmt: skip
    """Where nothing stands in the way, the room is the lesson's."""
    planned = Planned(
        number=number, starts_at=starts_at, ends_at=ends_at, room_id=room_id,
        teacher_id=teacher_id, run_id=run.id, lesson_id=lesson_id,
    )  # fmt: skip
    lock_teachers(session, [teacher_id])
    clashes.refuse(clashes.find(session, [planned], now))
    if room_id is not None:
        occupancy.occupy(
            session, [Use(room_id, starts_at, ends_at, OccupantKind.LESSON, lesson_id)], now
        )


def _tell(session: Session, lesson: AnyRow, now: datetime, **facts: Any) -> None:
    tell_lesson_changed(
        session, lesson.id, now, was_at=lesson.starts_at,
        was_room=room_name(session, lesson.room_id), **facts,
    )  # fmt: skip


def _stood(starts_at: datetime, ends_at: datetime, room_id: int | None) -> dict[str, Any]:
    return {
        "starts_at": clock.rfc3339(starts_at),
        "ends_at": clock.rfc3339(ends_at),
        "room_id": room_id,
    }
