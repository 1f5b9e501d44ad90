"""When somebody's facts are deleted, what they wrote about lessons goes; the stars stay."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.night_school.ratings.models import Rating
from backend.people.deleting import Deletion, forgets


@forgets
def comments_go(session: Session, done: Deletion) -> None:
    """The comments about lessons of theirs."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(Rating)
        .where(Rating.booking_id.in_(theirs))
        .values(comment=None)
        .execution_options(synchronize_session=False)
    )
