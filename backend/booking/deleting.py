"""When an account is deleted, its owner's places come free; what is over stays in the books."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.models import Booking, State
from backend.booking.service import Actor, end, lock_booking
from backend.people.deleting import Deletion, forgets

DELETED = "account_deleted"
"""The reason in the history of a booking that ended with its owner's account."""

_ENDS = (State.REQUESTED, State.WAITING, State.OFFERED, State.CONFIRMED)


@forgets
def bookings_end(session: Session, done: Deletion) -> None:
    """Cancel what is still to come, whatever the deadline; places are offered to the next."""
    coming = session.scalars(
        select(Booking.id)
        .where(
            Booking.person_id.in_(done.person_ids),
            Booking.state.in_(_ENDS),
            Booking.ends_at > done.now,
        )
        .order_by(Booking.bookable_id, Booking.id)
    ).all()
    for booking_id in coming:
        place, booking = lock_booking(session, booking_id, done.now)
        if booking.state in _ENDS:
            actor = Actor(account_id=done.account_id)
            end(session, booking, State.CANCELLED, actor, done.now, DELETED)
            line.promote(session, place.id, done.now)
    session.execute(  # nobody will repeat these posts
        update(Booking)
        .where(Booking.account_id == done.account_id, Booking.idempotency_key.is_not(None))
        .values(idempotency_key=None, idempotency_hash=None)
    )
