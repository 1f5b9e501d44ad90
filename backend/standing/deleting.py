"""When somebody's facts are deleted, what was said about what they missed goes, too."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.people.deleting import Deletion, forgets
from backend.standing.models import Appeal, Waiver


@forgets
def appeals_go(session: Session, done: Deletion) -> None:
    """Theirs go; of others' that they wrote, the words and who wrote them."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    for table in (Appeal, Waiver):
        session.execute(
            delete(table)
            .where(table.booking_id.in_(theirs))
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(Appeal)
        .where(Appeal.account_id == done.account_id)
        .values(account_id=None, reason=None)
        .execution_options(synchronize_session=False)
    )
