"""When rooms and teachers are taken: read once for all that is planned together."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.night_school.models import Lesson
from backend.night_school.reach import LESSONS, TAUGHT_BY, bookable, lesson, place
from backend.places.models import Occupancy, OccupantKind, Place, RoomAtom


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody or something is taken from `starts_at` up to `ends_at`, by what."""

    mark: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place_name: str


@dataclass(slots=True)
class Taken:
    """What is taken in a span of time, by part of a room and by teacher."""

    atoms: dict[int, set[int]] = field(default_factory=dict)
    by_atom: dict[int, list[Busy]] = field(default_factory=dict)
    by_teacher: dict[int, list[Busy]] = field(default_factory=dict)

    def room(self, room_id: int | None, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """What is in the room, or in a part of it, then."""
        uses = {
            use.mark: use
            for atom_id in self.atoms.get(room_id or 0, ())
            for use in self.by_atom.get(atom_id, ())
            if use.starts_at < ends_at and starts_at < use.ends_at
        }
        return sorted(uses.values(), key=lambda use: use.starts_at)

    def teacher(self, teacher_id: int | None, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """What else the teacher teaches then, anywhere."""
        return [
            use
            for use in self.by_teacher.get(teacher_id or 0, ())
            if use.starts_at < ends_at and starts_at < use.ends_at
        ]

    def add(self, room_id: int | None, teacher_id: int | None, use: Busy) -> None:
        """Something that is planned in the same go."""
        for atom_id in self.atoms.get(room_id or 0, ()):
            self.by_atom.setdefault(atom_id, []).append(use)
        if teacher_id is not None:
            self.by_teacher.setdefault(teacher_id, []).append(use)


def read_taken(
    session: Session, rooms: Collection[int], teachers: Collection[int], first: datetime,
    last: datetime,
) -> Taken:  # fmt: skip
    """What is taken of these rooms and teachers between two moments; three reads."""
    taken = Taken()
    for row in session.execute(
        select(RoomAtom.room_id, RoomAtom.atom_id).where(RoomAtom.room_id.in_(rooms))
    ):
        taken.atoms.setdefault(row.room_id, set()).add(row.atom_id)
    _read_rooms(session, taken, first, last)
    _read_teachers(session, taken, teachers, first, last)
    return taken


def _read_rooms(session: Session, taken: Taken, first: datetime, last: datetime) -> None:
    atoms = {atom_id for some in taken.atoms.values() for atom_id in some}
    uses = session.execute(
        select(
            Occupancy.atom_id, Occupancy.starts_at, Occupancy.ends_at, Occupancy.occupant_kind,
            Occupancy.occupant_id, Bookable.title, Place.name,
        )
        .outerjoin(
            Lesson,
            (Occupancy.occupant_kind == OccupantKind.LESSON) & (Lesson.id == Occupancy.occupant_id),
        )
        .outerjoin(Bookable.__table__, Bookable.id == Lesson.run_id)
        .outerjoin(Place, Place.id == Bookable.place_id)
        .where(
            Occupancy.atom_id.in_(atoms), Occupancy.starts_at < last, Occupancy.ends_at > first
        )
        .order_by(Occupancy.starts_at)
    )  # fmt: skip
    for row in uses:
        mark = f"room-{row.occupant_kind}-{row.occupant_id}"
        title = row.title or _("场地停用")
        use = Busy(mark, row.starts_at, row.ends_at, title, row.name or "")
        taken.by_atom.setdefault(row.atom_id, []).append(use)


def _read_teachers(
    session: Session, taken: Taken, teachers: Collection[int], first: datetime, last: datetime
) -> None:
    lessons = session.execute(
        select(
            lesson.c.id, lesson.c.starts_at, lesson.c.ends_at, TAUGHT_BY.label("teacher_id"),
            bookable.c.title, place.c.name,
        )
        .select_from(LESSONS)
        .where(
            TAUGHT_BY.in_(teachers), lesson.c.cancelled_at.is_(None),
            bookable.c.cancelled_at.is_(None), lesson.c.starts_at < last, lesson.c.ends_at > first,
        )
        .order_by(lesson.c.starts_at)
    )  # fmt: skip
    for row in lessons:
        use = Busy(f"teacher-{row.id}", row.starts_at, row.ends_at, row.title, row.name)
        taken.by_teacher.setdefault(row.teacher_id, []).append(use)
