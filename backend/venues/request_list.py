"""Requests for rooms that wait at a worker's places; one of them, with what is in its way.

The dates of a series are one entry, as long as several of them wait.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, distinct, func, select
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
from backend.venues.series import deciding
from backend.venues.series.models import SeriesDate
from backend.venues.sheet import place, room, venue

MOST_SHOWN = 200

_group, _date = table_of(Group), table_of(SeriesDate)
_SOURCE = (
    requests.SOURCE.join(venue, venue.c.id == room.c.venue_id)
    .join(Person.__table__, Person.__table__.c.id == Booking.person_id)
    .outerjoin(_group, _group.c.id == Reservation.group_id)
    .outerjoin(_date, _date.c.booking_id == Booking.id)
)
_SHOWN = (
    *requests.OF_REQUEST, Booking.created_at, Reservation.title, Reservation.purpose,
    Reservation.wishes, room.c.name.label("room_name"), room.c.capacity,
    venue.c.name.label("venue_name"), shown_name().label("name"),
    _group.c.name.label("group_name"), _date.c.series_id,
)  # fmt: skip


def _open(me: SignedInStaff, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Booking.state == State.REQUESTED,
        Booking.starts_at > now,
        me.covers(requests.DECIDE, place.c.path),
    )


def count_open(session: Session, me: SignedInStaff, now: datetime) -> int:
    """How many requests for rooms at my places wait for a decision; a series is one."""
    asked = func.coalesce(-_date.c.series_id, Booking.id)
    source = requests.SOURCE.outerjoin(_date, _date.c.booking_id == Booking.id)
    return session.execute(
        select(func.count(distinct(asked))).select_from(source).where(*_open(me, now))
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
    shown = [
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
    return _with_series_as_one(shown)


def _with_series_as_one(asking: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first date of a series stands for all: how many there are, how many others want."""
    first: dict[Any, dict[str, Any]] = {}
    for one in asking:
        key = ("series", one["series_id"]) if one["series_id"] else ("booking", one["id"])
        entry = first.setdefault(key, one | {"dates": 0, "contested": 0})
        entry["dates"] += 1
        entry["contested"] += bool(one["rivals"])
    return list(first.values())


def get_series(
    session: Session, me: SignedInStaff, series_id: int, now: datetime
) -> dict[str, Any]:
    """A series with the dates that wait, each with its rivals and what is in its way.

    Raises NotFound.
    """
    rows = session.execute(
        select(*_SHOWN)
        .select_from(_SOURCE)
        .where(_date.c.series_id == series_id, me.covers(requests.DECIDE, place.c.path))
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    if not rows:
        raise NotFound()
    waiting = [row for row in rows if row.state == State.REQUESTED and row.starts_at > now]
    dates = [
        dict(row._mapping)
        | {
            "mark": deciding.mark(row),
            "rivals": [dict(one._mapping) for one in _rivals(session, row, now)],
            "in_the_way": _in_the_way(session, row, now),
        }
        for row in waiting
    ]
    return dict((waiting or rows)[0]._mapping) | {
        "dates": dates,
        "possible": sum(not one["in_the_way"] for one in dates),
        "losing": len({
            other["id"] for one in dates if not one["in_the_way"] for other in one["rivals"]
        }),
    }  # fmt: skip


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
    rivals = _rivals(session, row, now) if is_open else ()
    return dict(row._mapping) | {
        "open": is_open,
        "mark": requests.mark(row),
        "rivals": [dict(one._mapping) for one in rivals],
        "in_the_way": _in_the_way(session, row, now) if is_open else [],
    }


def _rivals(session: Session, row: AnyRow, now: datetime) -> Sequence[AnyRow]:
    others = requests.rivals(session, row.room_id, row, now)
    wanted = {one.id for one in others if _competes(one, row)}
    if not wanted:
        return ()
    return session.execute(
        select(*_SHOWN).select_from(_SOURCE).where(Booking.id.in_(wanted)).order_by(Booking.id)
    ).all()


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
