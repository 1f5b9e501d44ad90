"""When rooms, teachers and classes are taken: read once for all that is planned together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.db import AnyRow
from backend.night_school.models import Lesson, Teacher
from backend.night_school.reach import LESSONS, TAUGHT_BY, bookable, lesson, place
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind, Place, Room, RoomAtom


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody or something is taken from `starts_at` up to `ends_at`, by what."""

    mark: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place_name: str
    lesson_id: int | None = None
    run_id: int | None = None

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it overlaps a span; touching is no overlap."""
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(slots=True)
class Taken:
    """What is taken in a span of time, by part of a room, by teacher and by class; and their names.

    `teachers` have name, agreement_from and agreement_until.
    """

    rooms: dict[int, str] = field(default_factory=dict)
    atoms: dict[int, set[int]] = field(default_factory=dict)
    teachers: Mapping[int, AnyRow] = field(default_factory=dict)
    by_atom: dict[int, list[Busy]] = field(default_factory=dict)
    by_teacher: dict[int, list[Busy]] = field(default_factory=dict)
    by_run: dict[int, list[Busy]] = field(default_factory=dict)

    def room(self, room_id: int | None, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """What is in the room, or in a part of it, then."""
        uses = {
            use.mark: use
            for atom_id in self.atoms.get(room_id or 0, ())
            for use in self.by_atom.get(atom_id, ())
            if use.meets(starts_at, ends_at)
        }
        return sorted(uses.values(), key=lambda use: use.starts_at)

    def teacher(self, teacher_id: int | None, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """What else the teacher teaches then, anywhere."""
        found = self.by_teacher.get(teacher_id or 0, ())
        return [use for use in found if use.meets(starts_at, ends_at)]

    def run(self, run_id: int | None, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """Which lessons the class has then."""
        found = self.by_run.get(run_id or 0, ())
        return [use for use in found if use.meets(starts_at, ends_at)]

    def add(self, room_id: int | None, teacher_id: int | None, use: Busy) -> None:
        """Something that is planned in the same go."""
        for atom_id in self.atoms.get(room_id or 0, ()):
            self.by_atom.setdefault(atom_id, []).append(use)
        if teacher_id is not None:
            self.by_teacher.setdefault(teacher_id, []).append(use)


def read_taken(
    session: Session, first: datetime, last: datetime, now: datetime, *, rooms: Collection[int],
    teachers: Collection[int], runs: Collection[int] = (), moving: Collection[int] = (),
) -> Taken:  # fmt: skip
    """What is taken of these rooms, teachers and classes between two moments; four reads.

    `moving` are the lessons that leave where they are now. Whoever reserved a room and has not come
    is not in the way any more.
    """
    taken = Taken()
    parts = select(RoomAtom.room_id, RoomAtom.atom_id, Room.name).join(
        Room, Room.id == RoomAtom.room_id
    )
    for row in session.execute(parts.where(RoomAtom.room_id.in_(rooms))) if rooms else ():
        taken.rooms[row.room_id] = row.name
        taken.atoms.setdefault(row.room_id, set()).add(row.atom_id)
    if taken.atoms:
        _read_rooms(session, taken, first, last, now, moving)
    if teachers or runs:
        _read_lessons(session, taken, teachers, runs, first, last, moving)
    if teachers:
        found = session.execute(
            select(Teacher.id, Teacher.name, Teacher.agreement_from, Teacher.agreement_until).where(
                Teacher.id.in_(teachers)
            )
        )
        taken.teachers = {row.id: row for row in found}
    return taken


def _read_rooms(
    session: Session, taken: Taken, first: datetime, last: datetime, now: datetime,
    moving: Collection[int],
) -> None:  # fmt: skip
    atoms = {atom_id for some in taken.atoms.values() for atom_id in some}
    of_lesson = Occupancy.occupant_kind == OccupantKind.LESSON
    uses = session.execute(
        select(
            Occupancy.atom_id, Occupancy.starts_at, Occupancy.ends_at, Occupancy.occupant_kind,
            Occupancy.occupant_id, Bookable.title, Place.name,
        )
        .outerjoin(Lesson, of_lesson & (Lesson.id == Occupancy.occupant_id))
        .outerjoin(Bookable.__table__, Bookable.id == Lesson.run_id)
        .outerjoin(Place, Place.id == Bookable.place_id)
        .where(
            Occupancy.atom_id.in_(atoms), Occupancy.starts_at < last, Occupancy.ends_at > first,
            or_(~of_lesson, Occupancy.occupant_id.not_in(moving)), occupancy.stands(now),
        )
        .order_by(Occupancy.starts_at)
    )  # fmt: skip
    for row in uses:
        mark = f"room-{row.occupant_kind}-{row.occupant_id}"
        title = row.title or _("场地停用")
        use = Busy(mark, row.starts_at, row.ends_at, title, row.name or "")
        taken.by_atom.setdefault(row.atom_id, []).append(use)


def _read_lessons(
    session: Session, taken: Taken, teachers: Collection[int], runs: Collection[int],
    first: datetime, last: datetime, moving: Collection[int],
) -> None:  # fmt: skip
    lessons = session.execute(
        select(
            lesson.c.id, lesson.c.run_id, lesson.c.starts_at, lesson.c.ends_at,
            TAUGHT_BY.label("teacher_id"), bookable.c.title, place.c.name,
        )
        .select_from(LESSONS)
        .where(
            or_(TAUGHT_BY.in_(teachers), lesson.c.run_id.in_(runs)),
            lesson.c.cancelled_at.is_(None), bookable.c.cancelled_at.is_(None),
            lesson.c.starts_at < last, lesson.c.ends_at > first, lesson.c.id.not_in(moving),
        )
        .order_by(lesson.c.starts_at)
    )  # fmt: skip
    for row in lessons:
        use = Busy(
            f"teacher-{row.id}", row.starts_at, row.ends_at, row.title, row.name, row.id, row.run_id
        )
        if row.teacher_id in teachers:
            taken.by_teacher.setdefault(row.teacher_id, []).append(use)
        if row.run_id in runs:
            taken.by_run.setdefault(row.run_id, []).append(use)
