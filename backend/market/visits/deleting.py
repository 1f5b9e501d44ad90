"""When somebody's facts are deleted, nobody knows any more where they were visited."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.market.visits.models import HomeVisit
from backend.people.deleting import Deletion, forgets


@forgets
def addresses_go(session: Session, done: Deletion) -> None:
    """That somebody was visited stays; where, which number to ring and all notes go."""
    session.execute(
        update(HomeVisit)
        .where(
            HomeVisit.booking_id.in_(
                select(Booking.id).where(Booking.person_id.in_(done.person_ids))
            )
        )
        .values(address=None, phone=None, note=None, remark=None)
        .execution_options(synchronize_session=False)
    )
