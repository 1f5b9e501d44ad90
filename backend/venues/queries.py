"""Reads that are the same for everybody: the venues, their rooms, and the starts that are free."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.places.around import around
from backend.places.models import OccupantKind
from backend.venues import sheet, strips
from backend.venues.sheet import RULED, open_room, place, room, venue

STRIP_DAYS = 14
"""How many days of starts are shown at once."""

_VENUE = (
    venue.c.id, venue.c.name, venue.c.place_id, place.c.name.label("place_name"), venue.c.address,
    venue.c.phone, venue.c.latitude, venue.c.longitude, venue.c.step_free, venue.c.access,
    venue.c.picture, place.c.path,
)  # fmt: skip
_ROOM = (
    room.c.id, room.c.name, room.c.capacity, room.c.functions, room.c.equipment, room.c.step_free,
    room.c.directions, room.c.picture,
)  # fmt: skip
_OPEN = room.join(open_room, open_room.c.room_id == room.c.id)


def list_venues(session: Session, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every venue with rooms, in the order of the places; with where it is and how to get in.

    Filters: `street_id`, `community_id`, and a `function` one of its rooms is good for.
    """
    above = asked.get("community_id") or asked.get("street_id")
    query = (
        select(*_VENUE)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .order_by(place.c.path, venue.c.id)
    )
    if above is not None:
        query = query.where(place.c.path.contains(f"/{above}/", autoescape=True))
    functions = _functions(session)
    wanted = asked.get("function")
    return [
        _venue(row) | {"functions": sorted(good_for), "rooms": rooms}
        for row in session.execute(query)
        for good_for, rooms in [functions.get(row.id, (set(), 0))]
        if rooms and (wanted is None or wanted in good_for)
    ]


def _venue(row: AnyRow) -> dict[str, Any]:
    shown = {name: value for name, value in row._mapping.items() if name != "path"}
    return shown | around(row.path)


def _functions(session: Session) -> dict[int, tuple[set[str], int]]:
    """What the rooms of each venue are good for, and how many there are."""
    found: dict[int, tuple[set[str], int]] = {}
    for row in session.execute(select(room.c.venue_id, room.c.functions).select_from(_OPEN)):
        good_for, rooms = found.get(row.venue_id, (set(), 0))
        found[row.venue_id] = (good_for | set(row.functions), rooms + 1)
    return found


def get_venue(session: Session, venue_id: int) -> dict[str, Any]:
    """One venue with its rooms. Raises NotFound."""
    row = session.execute(
        select(*_VENUE)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .where(venue.c.id == venue_id)
    ).first()
    if row is None:
        raise NotFound()
    rooms = session.execute(
        select(*_ROOM).select_from(_OPEN).where(room.c.venue_id == venue_id).order_by(room.c.id)
    )
    return _venue(row) | {"room_list": [dict(one._mapping) for one in rooms]}


def get_room(session: Session, room_id: int, now: datetime) -> dict[str, Any]:
    """One room with its rules in force and its usual hours. Raises NotFound."""
    row = session.execute(
        select(*_ROOM, *(one.label(f"venue_{one.name}") for one in venue.c))
        .select_from(_OPEN.join(venue, venue.c.id == room.c.venue_id))
        .where(room.c.id == room_id)
    ).first()
    if row is None:
        raise NotFound()
    today = clock.today(now)
    found = sheet.of_room(session, room_id, today, today, now)
    return {name: getattr(row, name) for name in (one.name for one in _ROOM)} | {
        "venue": {
            name: getattr(row, f"venue_{name}")
            for name in ("id", "name", "address", "phone", "latitude", "longitude", "step_free",
                         "access")
        },
        "rules": {name: getattr(found.rules, name) for name in RULED},
        "week": list(found.week),
        "holiday": found.holiday,
    }  # fmt: skip


def days_of(asked: Mapping[str, Any], now: datetime) -> tuple[date, date]:
    """The first and the last of the days that are asked for: `days` from `day` on, none past."""
    first = max(asked.get("day") or clock.today(now), clock.today(now))
    return first, first + timedelta(days=asked.get("days", STRIP_DAYS) - 1)


def list_starts(
    session: Session, room_id: int, asked: Mapping[str, Any], now: datetime, *,
    moving: int | None = None, of_series: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The room's days from `day` on with each start: how long it is free, or why it is not.

    `moving`: a reservation that is not in its own way; dates of a series lie as far ahead as
    series may. Two reads. Raises NotFound.
    """
    first, last = days_of(asked, now)
    with force_locale("zh"):  # kept for everybody: the names of holidays are not translated
        found = sheet.of_room(session, room_id, first, last, now)
    own = (OccupantKind.RESERVATION, moving)
    uses = [use for use in found.uses if (use.kind, use.occupant_id) != own]
    rules = found.rules.for_series() if of_series else found.rules
    days = strips.days(found.days, uses, rules, now, asked.get("minutes"))
    return strips.shown(room_id, rules, days)
