"""Places given back after the deadline, as the history of bookings keeps them for every service."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking, BookingEvent
from backend.places.models import Place
from backend.standing.sources import feeds
from backend.standing.weighing import Missed, Why


@feeds
def given_back_late(
    session: Session, person_ids: Sequence[int], since: datetime, now: datetime
) -> Sequence[Missed]:
    """Not of what was called off before it began; what staff excused is not kept as late."""
    rows = session.execute(
        select(
            Booking.person_id, Booking.id, BookingEvent.at, Bookable.title,
            Place.name.label("place_name"),
        )
        .join(BookingEvent, BookingEvent.booking_id == Booking.id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(
            Booking.person_id.in_(person_ids),
            BookingEvent.late_minutes.is_not(None),
            BookingEvent.at > since,
            BookingEvent.at <= now,
            or_(Bookable.cancelled_at.is_(None), Bookable.cancelled_at > Bookable.starts_at),
        )
    )  # fmt: skip
    return [
        Missed(
            person_id=row.person_id, booking_id=row.id, why=Why.LATE, at=row.at, title=row.title,
            place_name=row.place_name,
        )
        for row in rows
    ]  # fmt: skip
