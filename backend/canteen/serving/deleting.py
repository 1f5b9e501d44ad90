"""When somebody's facts are deleted, who took their meals in is forgotten; that they were eaten
stays, for the books.
"""

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.serving.models import MealServed, ServingConflict
from backend.people.deleting import Deletion, forgets


@forgets
def receivers_go(session: Session, done: Deletion) -> None:
    """A neighbour's or a relative's name, or what was noted in its place."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(MealServed)
        .where(MealServed.booking_id.in_(theirs))
        .values(
            received_by=None,
            undone_reason=case((MealServed.undone_at.is_not(None), ""), else_=None),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(ServingConflict)
        .where(ServingConflict.booking_id.in_(theirs), ServingConflict.settled_at.is_not(None))
        .values(settled_note="")
        .execution_options(synchronize_session=False)
    )
