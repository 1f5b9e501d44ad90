"""What stands in the way of lessons: a room in use, a teacher elsewhere, the class itself."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend import clock
from backend.night_school.errors import ClassMeets, TeacherBusy
from backend.night_school.taken import Busy, Taken, read_taken
from backend.night_school.teaching import outside_agreement
from backend.places.errors import RoomTaken
from backend.places.holidays import calendar

MOST_NAMED = 3


class ClashKind(StrEnum):
    """What a planned lesson runs into."""

    ROOM = "room"
    TEACHER = "teacher"
    CLASS = "class"
    AGREEMENT = "agreement"
    DAY_OFF = "day_off"
    TERM = "term"


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
    """What stands in the way of planned lesson `number`, in words.

    `mark` recognises it from one preview to the next.
    """

    number: int
    kind: ClashKind
    mark: str
    sentence: str
    starts_at: datetime

    @property
    def refuses(self) -> bool:
        """Whether the lesson cannot be there; else staff are warned."""
        return self.kind not in WARNINGS

    def __str__(self) -> str:
        """With its day, as staff read it beside others."""
        return f"{clock.local(self.starts_at):%m-%d} {self.sentence}"


def find(
    session: Session, planned: Sequence[Planned], now: datetime, *, moving: Collection[int] = ()
) -> list[Clash]:
    """Every clash of the planned lessons, by their order, in four reads.

    `moving` are the lessons that leave where they are now.
    """
    if not planned:
        return []
    taken = read_taken(
        session, min(one.starts_at for one in planned), max(one.ends_at for one in planned), now,
        rooms={one.room_id for one in planned if one.room_id is not None},
        teachers={one.teacher_id for one in planned if one.teacher_id is not None},
        runs={one.run_id for one in planned if one.run_id is not None}, moving=moving,
    )  # fmt: skip
    found = [clash for one in planned for clash in against(taken, one)]
    found += _among_themselves(planned)
    return sorted(found, key=lambda one: (one.number, one.kind, one.starts_at))


def against(taken: Taken, one: Planned) -> list[Clash]:
    """What is in the way of one planned lesson, of what is known to be taken."""
    found = []
    teacher = taken.teachers.get(one.teacher_id or 0)
    span = (one.starts_at, one.ends_at)
    if teacher is not None and outside_agreement(teacher, one.starts_at):
        sentence = _("不在%(name)s老师的协议期内", name=teacher.name)
        found.append(_clash(one, ClashKind.AGREEMENT, "agreement", sentence))
    for use in taken.room(one.room_id, *span):
        sentence = _(
            "%(room)s %(span)s 已有“%(title)s”", room=taken.rooms[one.room_id or 0],
            span=_span_of(use), title=use.title,
        )  # fmt: skip
        found.append(_clash(one, ClashKind.ROOM, use.mark, sentence))
    for use in taken.run(one.run_id, *span):
        if use.lesson_id != one.lesson_id:
            sentence = _("%(span)s 本班已有课", span=_span_of(use))
            found.append(_clash(one, ClashKind.CLASS, use.mark, sentence))
    for use in taken.teacher(one.teacher_id, *span):
        own = use.run_id is not None and use.run_id == one.run_id
        if not own and (use.lesson_id is None or use.lesson_id != one.lesson_id):
            sentence = _(
                "%(teacher)s老师 %(span)s 在%(place)s上“%(title)s”",
                teacher=teacher.name if teacher else "", span=_span_of(use), place=use.place_name,
                title=use.title,
            )  # fmt: skip
            found.append(_clash(one, ClashKind.TEACHER, use.mark, sentence))
    return found


def _clash(one: Planned, kind: ClashKind, mark: str, sentence: str) -> Clash:
    return Clash(
        number=one.number, kind=kind, mark=mark, sentence=str(sentence), starts_at=one.starts_at
    )


def _span_of(use: Busy) -> str:
    """19:00–20:30, on the residents' wall."""
    return f"{clock.local(use.starts_at):%H:%M}–{clock.local(use.ends_at):%H:%M}"


def days_off(session: Session, planned: Sequence[Planned], path: str) -> list[Clash]:
    """Which lessons lie on a holiday, or on a day on which the place behind `path` is closed."""
    if not planned:
        return []
    days = [clock.today(one.starts_at) for one in planned]
    serving = calendar(session, min(days), max(days))
    return [
        _clash(one, ClashKind.DAY_OFF, "day_off", _("这天不上课：%(why)s", why=why))
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


def _among_themselves(planned: Sequence[Planned]) -> Iterable[Clash]:
    """Lessons of one plan that would overlap each other: they are of one class."""
    for at, one in enumerate(planned):
        for other in planned[:at]:
            if one.meets(other.starts_at, other.ends_at):
                sentence = _("和第 %(n)s 次课撞在一起", n=other.number)
                yield _clash(one, ClashKind.CLASS, f"planned-{other.number}", sentence)
