"""What staff do to one lesson: move it to another time or room, or cancel it; all are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.db import AnyRow
from backend.errors import Invalid, NotFound
from backend.night_school.errors import LessonCancelled, LessonOver
from backend.night_school.models import Lesson
from backend.night_school.reach import access_lesson
from backend.night_school.reminding import tell_lesson_changed
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.models import OccupantKind, Room
from backend.places.occupancy import Use
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff


def move_lesson(
    session: Session, me: SignedInStaff, lesson_id: int, starts_at: datetime, ends_at: datetime,
    room_id: int | None, now: datetime, *, reason: str | None = None,
) -> int:  # fmt: skip
    """Another time, another room, or both; participants are told. The id of the class.

    Raises NotFound, LessonCancelled, LessonOver, Invalid, RoomTaken (which names what is there).
    """
    lesson = _changeable(session, me, lesson_id, now)
    if starts_at <= now:
        raise Invalid({"day": [_("新的上课时间必须在现在之后。")]})
    if starts_at >= ends_at:
        raise Invalid({"until": [_("下课时间要晚于上课时间。")]})
    if (lesson.starts_at, lesson.ends_at, lesson.room_id) == (starts_at, ends_at, room_id):
        audit.unchanged(session)
        return int(lesson.run_id)
    _check_room(session, lesson, room_id)
    occupancy.vacate(session, OccupantKind.LESSON, [lesson_id])
    if room_id is not None:
        take_room(session, room_id, [(lesson_id, starts_at, ends_at)])
    session.execute(
        update(Lesson)
        .where(Lesson.id == lesson_id)
        .values(starts_at=starts_at, ends_at=ends_at, room_id=room_id)
    )
    refresh_span(session, lesson.run_id)
    _tell(session, lesson, now)
    audit.record(
        session, me.staff_id, "lesson.move", "lesson", lesson_id, place_id=lesson.place_id,
        before=_stood(lesson.starts_at, lesson.ends_at, lesson.room_id),
        after=_stood(starts_at, ends_at, room_id) | {"reason": reason},
    )  # fmt: skip
    return int(lesson.run_id)


def cancel_lesson(
    session: Session, me: SignedInStaff, lesson_id: int, reason: str, now: datetime
) -> int:
    """The lesson does not take place; its room is free, all are told. The id of the class.

    Cancelling twice changes nothing. Raises NotFound, LessonOver.
    """
    lesson = access_lesson(session, me, Permission.MANAGE_CLASSES, lesson_id)
    if lesson.cancelled_at is not None:
        audit.unchanged(session)
        return int(lesson.run_id)
    lesson = _changeable(session, me, lesson_id, now)
    session.execute(update(Lesson).where(Lesson.id == lesson_id).values(cancelled_at=now))
    occupancy.vacate(session, OccupantKind.LESSON, [lesson_id])
    refresh_span(session, lesson.run_id)
    _tell(session, lesson, now)
    audit.record(
        session, me.staff_id, "lesson.cancel", "lesson", lesson_id, place_id=lesson.place_id,
        before={"cancelled": False}, after={"cancelled": True, "reason": reason},
    )  # fmt: skip
    return int(lesson.run_id)


def take_room(
    session: Session, room_id: int, spans: Sequence[tuple[int, datetime, datetime]]
) -> None:
    """Occupy a room with (lesson id, from, to). Raises RoomTaken with what is there already."""
    ids = [lesson_id for lesson_id, _start, _end in spans]
    found = occupancy.clashes(
        session, room_id, [(start, end) for _id, start, end in spans],
        ignore=(OccupantKind.LESSON, ids),
    )  # fmt: skip
    if found:
        raise RoomTaken(describe(session, found), clashes=len(found))
    occupancy.occupy(
        session,
        [Use(room_id, start, end, OccupantKind.LESSON, ident) for ident, start, end in spans],
    )


def describe(session: Session, uses: Sequence[Use]) -> str:
    """What occupies a room, in words: the first three, and how many more."""
    lessons = [use.occupant_id for use in uses if use.kind == OccupantKind.LESSON]
    titles = {
        row.id: row.title
        for row in session.execute(
            select(Lesson.id, Bookable.title)
            .join(Bookable, Bookable.id == Lesson.run_id)
            .where(Lesson.id.in_(lessons))
        )
    }
    closed = _("场地停用")
    words = [
        f"{clock.local(use.starts_at):%m-%d %H:%M}–{clock.local(use.ends_at):%H:%M} "
        f"“{titles.get(use.occupant_id, closed)}”"
        for use in uses[:3]
    ]
    listed = _("；").join(words)
    if len(uses) > 3:
        listed = _("%(listed)s 等 %(count)s 处", listed=listed, count=len(uses))
    sentence = str(_("场地已被占用：%(listed)s。请换一个时间或房间。", listed=listed))
    return sentence.replace("%", "%%")


def _changeable(session: Session, me: SignedInStaff, lesson_id: int, now: datetime) -> AnyRow:
    lesson = access_lesson(session, me, Permission.MANAGE_CLASSES, lesson_id)
    if lesson.cancelled_at is not None or lesson.run_cancelled_at is not None:
        raise LessonCancelled(_("这次课已经取消，不能再调整。"))
    if lesson.ends_at <= now:
        raise LessonOver()
    return lesson


def _check_room(session: Session, lesson: AnyRow, room_id: int | None) -> None:
    """A room of the same place; which also keeps a class out of places one does not reach."""
    if room_id is None or room_id == lesson.room_id:
        return
    found = session.execute(
        select(Room.id).where(Room.id == room_id, Room.place_id == lesson.place_id)
    ).first()
    if found is None:
        raise NotFound()


def refresh_span(session: Session, run_id: int) -> None:
    """The run, and its live bookings, last from the first lesson that takes place to the last."""
    span = session.execute(
        select(func.min(Lesson.starts_at), func.max(Lesson.ends_at)).where(
            Lesson.run_id == run_id, Lesson.cancelled_at.is_(None)
        )
    ).one()
    lasts = {"starts_at": span[0], "ends_at": span[1]}
    if lasts["starts_at"] is not None:
        session.execute(update(Bookable).where(Bookable.id == run_id).values(lasts))
        session.execute(
            update(Booking)
            .where(Booking.bookable_id == run_id, Booking.state.in_(LIVE))
            .values(lasts)
        )


def _tell(session: Session, lesson: AnyRow, now: datetime) -> None:
    was_room = session.execute(
        select(Room.name).where(Room.id == lesson.room_id)
    ).scalar_one_or_none()
    tell_lesson_changed(session, lesson.id, now, was_at=lesson.starts_at, was_room=was_room)


def _stood(starts_at: datetime, ends_at: datetime, room_id: int | None) -> dict[str, Any]:
    return {
        "starts_at": clock.rfc3339(starts_at),
        "ends_at": clock.rfc3339(ends_at),
        "room_id": room_id,
    }
