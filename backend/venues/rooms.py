"""Venues and rooms as staff set them up: a room comes with its parts and opens for reservation."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.db import table_of
from backend.places.models import Atom, Room, RoomAtom, Venue
from backend.venues.models import KIND, OpenRoom

ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
"""From when to when a room is bookable: as long as it stands."""


def add_room(
    session: Session, venue_id: int, values: dict[str, Any], atom_ids: Sequence[int] = ()
) -> int:
    """A room of the venue, made of these atoms or of one of its own; its id."""
    place_id = session.execute(select(Venue.place_id).where(Venue.id == venue_id)).scalar_one()
    room_id = session.execute(
        insert(Room)
        .values({"venue_id": venue_id, "place_id": place_id} | values)
        .returning(Room.id)
    ).scalar_one()
    if not atom_ids:
        atom = insert(Atom).values(place_id=place_id, name=values["name"]).returning(Atom.id)
        atom_ids = [session.execute(atom).scalar_one()]
    session.execute(
        insert(RoomAtom), [{"room_id": room_id, "atom_id": atom_id} for atom_id in atom_ids]
    )
    open_room(session, room_id, place_id, values["name"])
    return int(room_id)


def open_room(session: Session, room_id: int, place_id: int, name: str) -> int:
    """Make the room a bookable; its id as such."""
    bookable_id = session.execute(
        insert(table_of(Bookable))
        .values(
            kind=KIND, title=name, place_id=place_id, starts_at=ALWAYS[0], ends_at=ALWAYS[1],
            published_at=ALWAYS[0],
        )
        .returning(Bookable.id)
    ).scalar_one()  # fmt: skip
    session.execute(insert(table_of(OpenRoom)).values(id=bookable_id, room_id=room_id))
    return int(bookable_id)


def rename(session: Session, room_id: int, name: str) -> None:
    """What is booked of a room is called as the room is."""
    session.execute(
        update(Bookable)
        .where(
            Bookable.id.in_(
                select(table_of(OpenRoom).c.id).where(table_of(OpenRoom).c.room_id == room_id)
            )
        )
        .values(title=name)
    )
