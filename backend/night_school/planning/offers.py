"""What the planning form offers to choose from, within the reach of who plans."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import NotFound
from backend.night_school.models import Course, Teacher, Term
from backend.places.models import Place, PlaceKind, Room
from backend.staff.access import Permission, SignedInStaff

Offered = Sequence[tuple[int, str]]

_place, _course, _term = table_of(Place), table_of(Course), table_of(Term)
_teacher, _room = table_of(Teacher), table_of(Room)


def places(session: Session, me: SignedInStaff) -> Offered:
    """The communities in which classes may be planned."""
    rows = session.execute(
        select(_place.c.id, _place.c.name)
        .where(
            me.covers(Permission.MANAGE_CLASSES, _place.c.path),
            _place.c.kind == PlaceKind.COMMUNITY,
        )
        .order_by(_place.c.path)
    )
    return [(row.id, row.name) for row in rows]


def for_place(session: Session, me: SignedInStaff, place_id: int, today: date) -> dict[str, Any]:
    """The place by name, and what can be chosen there. Raises NotFound."""
    row = session.execute(
        select(_place.c.name, _place.c.path).where(
            _place.c.id == place_id, me.covers(Permission.MANAGE_CLASSES, _place.c.path)
        )
    ).first()
    if row is None:
        raise NotFound()
    rooms = session.execute(
        select(_room.c.id, _room.c.name, _room.c.capacity)
        .where(_room.c.place_id == place_id)
        .order_by(_room.c.name)
    )
    return {
        "place_id": place_id,
        "place_name": row.name,
        "rooms": [(one.id, one.name, one.capacity) for one in rooms],
        "homes": _homes(session, row.path),
        "courses": _courses(session),
        "terms": coming_terms(session, today),
        "teachers": _teachers(session),
    }


def terms(session: Session, *which: ColumnElement[bool]) -> Offered:
    """The terms, newest first."""
    rows = session.execute(
        select(_term.c.id, _term.c.name).where(*which).order_by(_term.c.starts_on.desc())
    )
    return [(row.id, row.name) for row in rows]


def coming_terms(session: Session, today: date) -> Offered:
    """The terms in which there is still something to plan."""
    return terms(session, _term.c.ends_on > today)


def _homes(session: Session, path: str) -> Offered:
    """Whose residents a class may be kept for: the place, what it lies in, its estates."""
    above = [int(step) for step in path.strip("/").split("/")]
    rows = session.execute(
        select(_place.c.id, _place.c.name)
        .where(
            or_(
                _place.c.id.in_(above),
                (_place.c.parent_id == above[-1]) & (_place.c.kind == PlaceKind.ESTATE),
            )
        )
        .order_by(_place.c.path)
    )
    return [(row.id, row.name) for row in rows]


def _courses(session: Session) -> Offered:
    rows = session.execute(
        select(_course.c.id, _course.c.title)
        .where(_course.c.withdrawn_at.is_(None))
        .order_by(_course.c.title)
    )
    return [(row.id, row.title) for row in rows]


def _teachers(session: Session) -> Offered:
    rows = session.execute(
        select(_teacher.c.id, _teacher.c.name, _teacher.c.organisation).order_by(_teacher.c.name)
    )
    return [
        (row.id, f"{row.name}（{row.organisation}）" if row.organisation else row.name)
        for row in rows
    ]
