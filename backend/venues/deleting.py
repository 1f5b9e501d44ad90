"""When an account is deleted, what a reservation was for goes; that the room was used stays."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.people.deleting import Deletion, forgets
from backend.venues.models import Reservation
from backend.venues.tries import RefusedTry


@forgets
def reservations_are_blanked(session: Session, done: Deletion) -> None:
    """Titles and wishes are people's own words; what they did not get is nobody's business."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(Reservation)
        .where(Reservation.booking_id.in_(theirs))
        .values(title="", purpose=None, wishes=None)
    )
    session.execute(delete(RefusedTry).where(RefusedTry.person_id.in_(done.person_ids)))
