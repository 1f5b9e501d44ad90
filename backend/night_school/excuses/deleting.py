"""When somebody's facts are deleted, the reasons they gave go; that they were excused stays."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.night_school.excuses.models import Excuse
from backend.people.deleting import Deletion, forgets


@forgets
def reasons_go(session: Session, done: Deletion) -> None:
    """Of lessons of theirs, and of those they asked for with their account."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(Excuse)
        .where(or_(Excuse.booking_id.in_(theirs), Excuse.account_id == done.account_id))
        .values(reason=None)
        .execution_options(synchronize_session=False)
    )
