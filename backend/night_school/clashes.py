"""What stands in the way of lessons: a room in use, a teacher elsewhere, the class itself."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.night_school.errors import ClassMeets, TeacherBusy
from backend.night_school.models import CourseRun, Lesson, Teacher
from backend.night_school.teaching import outside_agreement
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.holidays import calendar
from backend.places.models import OccupantKind, Place, Room

MOST_NAMED = 3
_run = table_of(CourseRun)


class ClashKind(StrEnum):
    """What a planned lesson runs into."""

    ROOM = "room"
    TEACHER = "teacher"
    CLASS = "class"
    AGREEMENT = "agreement"
    DAY_OFF = "day_off"


WARNINGS = (ClashKind.AGREEMENT, ClashKind.DAY_OFF)
"""What staff are told of and may still decide for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A lesson as it is to be. `lesson_id` is None while it is not written yet."""

    number: int
    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None
    teacher_id: int | None = None
    run_id: int | None = None
    lesson_id: int | None = None

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it overlaps a span; touching is no overlap."""
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """What is there already at the time of planned lesson `number`, and where (`what`: of what)."""

    number: int
    kind: ClashKind
    title: str
    what: str
    starts_at: datetime
    ends_at: datetime

    @property
    def refuses(self) -> bool:
        """Whether the lesson cannot be there; else staff are warned."""
        return self.kind not in WARNINGS

    def __str__(self) -> str:
        """In words, as staff read it."""
        if self.kind in WARNINGS:
            return self.what
        when = f"{clock.local(self.starts_at):%m-%d %H:%M}–{clock.local(self.ends_at):%H:%M}"
        return f"{when} {self.what} “{self.title}”".replace("  ", " ")


def find(
    session: Session, planned: Sequence[Planned], *, moving: Collection[int] = ()
) -> list[Clash]:
    """Every clash of the planned lessons, by their order, in a read per room and three more.

    `moving` are the lessons that leave where they are now.
    """
    if not planned:
        return []
    found = [
        *_in_rooms(session, planned, moving), *_of_lessons(session, planned, moving),
        *_among_themselves(planned), *_beyond_agreements(session, planned),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.number, one.kind, one.starts_at))


def days_off(session: Session, planned: Sequence[Planned], path: str) -> list[Clash]:
    """Which lessons lie on a holiday, or on a day on which the place behind `path` is closed."""
    if not planned:
        return []
    days = [clock.today(one.starts_at) for one in planned]
    serving = calendar(session, min(days), max(days))
    return [
        Clash(
            number=one.number, kind=ClashKind.DAY_OFF, title=why,
            what=_("这天不上课：%(why)s", why=why), starts_at=one.starts_at, ends_at=one.ends_at,
        )
        for one, day in zip(planned, days, strict=True)
        if (why := serving.why_off(day, path)) is not None
    ]  # fmt: skip


def refuse(found: Sequence[Clash]) -> None:
    """Raises RoomTaken, TeacherBusy or ClassMeets, naming what is there; nothing found, nothing."""
    rooms, teachers, others = (
        [one for one in found if one.kind == kind]
        for kind in (ClashKind.ROOM, ClashKind.TEACHER, ClashKind.CLASS)
    )
    if rooms:
        sentence = _("场地已被占用：%(listed)s。请换一个时间或房间。")
        raise RoomTaken(sentence, listed=_listed(rooms), clashes=len(rooms))
    if teachers:
        raise TeacherBusy(listed=_listed(teachers), clashes=len(teachers))
    if others:
        raise ClassMeets(listed=_listed(others), clashes=len(others))


def _listed(found: Sequence[Clash]) -> str:
    listed = str(_("；").join(str(one) for one in found[:MOST_NAMED]))
    if len(found) > MOST_NAMED:
        listed = str(_("%(listed)s 等 %(count)s 处", listed=listed, count=len(found)))
    return listed


def _in_rooms(
    session: Session, planned: Sequence[Planned], moving: Collection[int]
) -> Iterable[Clash]:
    by_room: dict[int, list[Planned]] = {}
    for one in planned:
        if one.room_id is not None:
            by_room.setdefault(one.room_id, []).append(one)
    if not by_room:
        return
    ignore = (OccupantKind.LESSON, list(moving))
    uses = [
        use
        for room_id, ones in by_room.items()
        for use in occupancy.clashes(
            session, room_id, [(one.starts_at, one.ends_at) for one in ones], ignore=ignore
        )
    ]
    if not uses:
        return
    titles = _titles(session, [use.occupant_id for use in uses if use.kind == OccupantKind.LESSON])
    rooms = {
        row.id: row.name
        for row in session.execute(select(Room.id, Room.name).where(Room.id.in_(by_room)))
    }
    for use in uses:
        lesson = use.kind == OccupantKind.LESSON
        title = titles.get(use.occupant_id, "") if lesson else _("场地停用")
        for one in by_room[use.room_id]:
            if one.meets(use.starts_at, use.ends_at):
                yield Clash(
                    number=one.number, kind=ClashKind.ROOM, title=title,
                    what=rooms[use.room_id], starts_at=use.starts_at, ends_at=use.ends_at,
                )  # fmt: skip


def _titles(session: Session, lesson_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Lesson.id, Bookable.title)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(Lesson.id.in_(lesson_ids))
    )
    return {row.id: row.title for row in rows}


def _of_lessons(
    session: Session, planned: Sequence[Planned], moving: Collection[int]
) -> Iterable[Clash]:
    """Lessons that the same teacher gives elsewhere, and those of the same class."""
    teachers = {one.teacher_id for one in planned if one.teacher_id is not None}
    runs = {one.run_id for one in planned if one.run_id is not None}
    if not teachers and not runs:
        return
    gives = func.coalesce(Lesson.teacher_id, _run.c.teacher_id)
    rows = session.execute(
        select(
            Lesson.id, Lesson.run_id, Lesson.starts_at, Lesson.ends_at, Bookable.title,
            gives.label("teacher_id"), Teacher.name.label("teacher_name"),
            Place.name.label("place_name"),
        )
        .join(Bookable, Bookable.id == Lesson.run_id)
        .join(_run, _run.c.id == Lesson.run_id)
        .join(Place, Place.id == Bookable.place_id)
        .outerjoin(Teacher, Teacher.id == gives)
        .where(
            gives.in_(teachers) | Lesson.run_id.in_(runs),
            Lesson.starts_at < max(one.ends_at for one in planned),
            Lesson.ends_at > min(one.starts_at for one in planned),
            Lesson.cancelled_at.is_(None),
            Bookable.cancelled_at.is_(None),
            Lesson.id.not_in(moving),
        )
        .order_by(Lesson.starts_at)
    ).all()  # fmt: skip
    for one in planned:
        for row in rows:
            if one.lesson_id != row.id and one.meets(row.starts_at, row.ends_at):
                if one.run_id == row.run_id:
                    yield _clash(one, row, ClashKind.CLASS, "")
                elif one.teacher_id is not None and one.teacher_id == row.teacher_id:
                    yield _clash(
                        one, row, ClashKind.TEACHER, f"{row.teacher_name} {row.place_name}"
                    )


def _clash(one: Planned, row: AnyRow, kind: ClashKind, what: str) -> Clash:
    return Clash(
        number=one.number, kind=kind, title=row.title, what=what, starts_at=row.starts_at,
        ends_at=row.ends_at,
    )  # fmt: skip


def _beyond_agreements(session: Session, planned: Sequence[Planned]) -> Iterable[Clash]:
    """Lessons of a teacher on days for which there is no agreement with them."""
    known = {
        row.id: row
        for row in session.execute(
            select(Teacher.id, Teacher.name, Teacher.agreement_from, Teacher.agreement_until).where(
                Teacher.id.in_({one.teacher_id for one in planned if one.teacher_id})
            )
        )
    }
    for one in planned:
        teacher = known.get(one.teacher_id or 0)
        if teacher is not None and outside_agreement(teacher, one.starts_at):
            yield Clash(
                number=one.number, kind=ClashKind.AGREEMENT, title=teacher.name,
                what=_("不在%(name)s老师的协议期内", name=teacher.name),
                starts_at=one.starts_at, ends_at=one.ends_at,
            )  # fmt: skip


def _among_themselves(planned: Sequence[Planned]) -> Iterable[Clash]:
    """Lessons of one plan that would overlap each other: they are of one class."""
    for at, one in enumerate(planned):
        for other in planned[:at]:
            if one.meets(other.starts_at, other.ends_at):
                yield Clash(
                    number=one.number, kind=ClashKind.CLASS, what="",
                    title=_("第 %(n)s 次课", n=other.number),
                    starts_at=other.starts_at, ends_at=other.ends_at,
                )  # fmt: skip
