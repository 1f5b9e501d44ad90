"""Rooms as the desk sees them: the venues in reach, and what is on in their rooms."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.desk import room_uses
from backend.desk.day_grid import Column, Entry
from backend.desk.room_uses import Key, Words
from backend.errors import NotFound
from backend.staff.access import Permission, SignedInStaff
from backend.venues import many, sheet
from backend.venues.asked import Use
from backend.venues.hours import OpenDay
from backend.venues.sheet import Sheet, open_room, place, room, venue

RUN = Permission.BOOK_FOR_PEOPLE
"""Who books for residents at a place sees and moves what is on in its rooms."""

_ROOM = (
    room.c.id, room.c.name, room.c.capacity, room.c.directions, room.c.venue_id,
    venue.c.name.label("venue_name"), room.c.place_id,
)  # fmt: skip
_ROOMS = (
    room.join(open_room, open_room.c.room_id == room.c.id)
    .join(venue, venue.c.id == room.c.venue_id)
    .join(place, place.c.id == room.c.place_id)
)


def list_venues(session: Session, me: SignedInStaff, text: str = "") -> list[dict[str, Any]]:
    """The venues of my places with their number of rooms, those whose name has `text` in it."""
    query = (
        select(
            venue.c.id, venue.c.name, venue.c.address, place.c.name.label("place_name"),
            func.count(room.c.id).label("rooms"),
        )
        .select_from(_ROOMS)
        .where(me.covers(RUN, place.c.path))
        .group_by(venue.c.id, venue.c.name, venue.c.address, place.c.name, place.c.path)
        .order_by(place.c.path, venue.c.id)
    )  # fmt: skip
    if text:
        query = query.where(
            venue.c.name.contains(text, autoescape=True)
            | place.c.name.contains(text, autoescape=True)
        )
    return [dict(row._mapping) for row in session.execute(query)]


def get_venue(session: Session, me: SignedInStaff, venue_id: int) -> AnyRow:
    """One venue of my places. Raises NotFound."""
    row = session.execute(
        select(venue.c.id, venue.c.name, venue.c.address, venue.c.phone)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .where(venue.c.id == venue_id, me.covers(RUN, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def rooms_of(session: Session, venue_id: int) -> Sequence[AnyRow]:
    """The rooms of a venue that can be reserved."""
    return session.execute(
        select(*_ROOM).select_from(_ROOMS).where(venue.c.id == venue_id).order_by(room.c.id)
    ).all()


def access_room(session: Session, me: SignedInStaff, room_id: int) -> AnyRow:
    """One room of my places. Raises NotFound."""
    row = session.execute(
        select(*_ROOM).select_from(_ROOMS).where(room.c.id == room_id, me.covers(RUN, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def of_venue(
    session: Session, me: SignedInStaff, venue_id: int, first: date, days: int, now: datetime
) -> list[Column]:
    """The rooms of a venue on so many days from `first` on, a day's side by side.

    As many reads for one room as for a hundred. Raises NotFound.
    """
    get_venue(session, me, venue_id)
    there = rooms_of(session, venue_id)
    last = first + timedelta(days=days - 1)
    sheets = many.of_rooms(session, [one.id for one in there], first, last, now)
    found = [(one, sheets[one.id]) for one in there]
    known = room_uses.known(session, me, (use for _, one in found for use in one.uses))
    return [
        _column(one, read, read.days[number], known) for number in range(days)
        for one, read in found
    ]  # fmt: skip


def of_days(
    session: Session, me: SignedInStaff, room_id: int, first: date, days: int, now: datetime
) -> list[Column]:
    """A room on so many days from `first` on. Raises NotFound."""
    one = access_room(session, me, room_id)
    found = sheet.of_room(session, room_id, first, first + timedelta(days=days - 1), now)
    known = room_uses.known(session, me, found.uses)
    return [_column(one, found, day, known) for day in found.days]


def entries(
    session: Session, me: SignedInStaff | None, there: Sequence[AnyRow], first: date, last: date,
    now: datetime,
) -> list[tuple[AnyRow, Entry]]:  # fmt: skip
    """What uses each of these rooms from day to day, by time; in words only for `me`."""
    sheets = many.of_rooms(session, [one.id for one in there], first, last, now)
    uses = (use for found in sheets.values() for use in found.uses)
    known = {} if me is None else room_uses.known(session, me, uses)
    listed = [(one, _entry(use, one.id, known)) for one in there for use in sheets[one.id].uses]
    return sorted(listed, key=lambda row: (row[1].starts_at, row[0].id))


def _column(one: AnyRow, found: Sheet, day: OpenDay, known: dict[Key, Words]) -> Column:
    uses = [use for use in found.uses if _on(use, day)]
    entries = [_entry(use, one.id, known) for use in uses]
    return Column(one, day.day, day.spans, entries, day.why, found.rules.door_titles)


def _on(use: Use, day: OpenDay) -> bool:
    """Whether it begins on that day, or lies in its hours, past midnight too."""
    within = any(
        use.starts_at < span.ends_at and span.starts_at < use.ends_at for span in day.spans
    )
    return within or clock.today(use.starts_at) == day.day


def _entry(use: Use, room_id: int, known: dict[Key, Words]) -> Entry:
    more = dict(known.get((use.kind, use.occupant_id), {}))
    its_rooms = more.pop("rooms", {})
    other = None if room_id in its_rooms else next(iter(its_rooms.values()), None)
    return Entry(use.kind, use.occupant_id, use.starts_at, use.ends_at, of_room=other, **more)
