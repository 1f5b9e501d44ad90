"""Rooms reserved and not come to, as the standing of a person counts them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking, State
from backend.standing.sources import feeds
from backend.standing.weighing import Missed, Why
from backend.venues.sheet import open_room, room, venue


@feeds
def not_come(
    session: Session, person_ids: Sequence[int], since: datetime, now: datetime
) -> Sequence[Missed]:
    """Reservations whose room was let go because nobody had checked in."""
    rows = session.execute(
        select(
            Booking.person_id, Booking.id, Booking.starts_at, Bookable.title,
            venue.c.name.label("venue_name"),
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(open_room, open_room.c.id == Bookable.id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(venue, venue.c.id == room.c.venue_id)
        .where(
            Booking.person_id.in_(person_ids), Booking.state == State.MISSED,
            Booking.starts_at > since, Booking.starts_at <= now,
        )
    )  # fmt: skip
    return [
        Missed(
            person_id=row.person_id, booking_id=row.id, why=Why.ABSENT, at=row.starts_at,
            title=row.title, place_name=row.venue_name,
        )
        for row in rows
    ]  # fmt: skip
