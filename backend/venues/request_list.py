"""Requests for rooms that wait at a worker's places; one of them, with what is in its way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import RoomAtom
from backend.staff.access import SignedInStaff
from backend.venues import facts, requests, rules
from backend.venues.facts import Slot
from backend.venues.groups.models import Group
from backend.venues.models import Reservation
from backend.venues.sheet import place, room, venue

MOST_SHOWN = 200

_group = table_of(Group)
_SOURCE = (
    requests.SOURCE.join(venue, venue.c.id == room.c.venue_id)
    .join(Person.__table__, Person.__table__.c.id == Booking.person_id)
    .outerjoin(_group, _group.c.id == Reservation.group_id)
)
_SHOWN = (
    *requests.OF_REQUEST, Booking.created_at, Reservation.title, Reservation.purpose,
    Reservation.wishes, room.c.name.label("room_name"), room.c.capacity,
    venue.c.name.label("venue_name"), shown_name().label("name"),
    _group.c.name.label("group_name"),
)  # fmt: skip


def _open(me: SignedInStaff, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Booking.state == State.REQUESTED,
        Booking.starts_at > now,
        me.covers(requests.DECIDE, place.c.path),
    )


def count_open(session: Session, me: SignedInStaff, now: datetime) -> int:
    """How many requests for rooms at my places wait for a decision."""
    return session.execute(
        select(func.count()).select_from(requests.SOURCE).where(*_open(me, now))
    ).scalar_one()


def list_open(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Those, the one that begins first on top, each with how many others want the same."""
    rows = session.execute(
        select(*_SHOWN)
        .select_from(_SOURCE)
        .where(*_open(me, now))
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST_SHOWN)
    ).all()
    parts = _parts(session, {row.room_id for row in rows})
    return [
        dict(row._mapping)
        | {
            "rivals": sum(
                bool(parts[row.room_id] & parts[other.room_id]) and _competes(other, row)
                for other in rows
                if other.id != row.id
            )
        }
        for row in rows
    ]


def get_request(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime
) -> dict[str, Any]:
    """One of them, decided or not, with its rivals and what is in its way. Raises NotFound."""
    row = session.execute(
        select(*_SHOWN)
        .select_from(_SOURCE)
        .where(Booking.id == booking_id, me.covers(requests.DECIDE, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    is_open = row.state == State.REQUESTED and row.starts_at > now
    others = requests.rivals(session, row.room_id, row, now) if is_open else ()
    wanted = {one.id for one in others if _competes(one, row)}
    rivals = session.execute(
        select(*_SHOWN).select_from(_SOURCE).where(Booking.id.in_(wanted)).order_by(Booking.id)
    )
    return dict(row._mapping) | {
        "open": is_open,
        "mark": requests.mark(row),
        "rivals": [dict(one._mapping) for one in rivals],
        "in_the_way": _in_the_way(session, row, now) if is_open else [],
    }


def _in_the_way(session: Session, row: AnyRow, now: datetime) -> list[str]:
    slot = Slot(
        room_id=row.room_id, person_id=row.person_id, starts_at=row.starts_at,
        ends_at=row.ends_at, headcount=row.headcount, group_id=row.group_id,
    )  # fmt: skip
    question = facts.for_staff(session, slot, now, moving=row.id)
    return [str(one) for one in rules.reasons(question.asked, rules.OF_APPROVAL)]


def _competes(one: AnyRow, other: AnyRow) -> bool:
    return requests.competes(one, other, other.buffer_before, other.buffer_after)


def _parts(session: Session, room_ids: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {room_id: set() for room_id in room_ids}
    for row in session.execute(
        select(RoomAtom.room_id, RoomAtom.atom_id).where(RoomAtom.room_id.in_(room_ids))
    ):
        found[row.room_id].add(row.atom_id)
    return found
