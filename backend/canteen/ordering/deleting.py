"""When somebody's facts are deleted, nobody knows any more where their meals were brought."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.ordering.models import MealOrder
from backend.people.deleting import Deletion, forgets


@forgets
def addresses_go(session: Session, done: Deletion) -> None:
    """That a meal was eaten, and who paid for it, stays; where it went and all notes go."""
    session.execute(
        update(MealOrder)
        .where(
            MealOrder.booking_id.in_(
                select(Booking.id).where(Booking.person_id.in_(done.person_ids))
            )
        )
        .values(address=None, phone=None, note=None)
        .execution_options(synchronize_session=False)
    )
