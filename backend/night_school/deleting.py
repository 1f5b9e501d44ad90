"""When somebody's facts are deleted, the words about them go: reasons, notes, comments.

That they were excused, paid, or gave so many stars stays, without a name to it.
"""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.night_school.excuses.models import Excuse
from backend.night_school.fees.models import Fee
from backend.night_school.ratings.models import Rating
from backend.people.deleting import Deletion, forgets


@forgets
def words_go(session: Session, done: Deletion) -> None:
    """Of every enrolment of theirs; and the reasons they gave with their account for others."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    excused = or_(Excuse.booking_id.in_(theirs), Excuse.account_id == done.account_id)
    for forgotten in (
        update(Excuse).where(excused).values(reason=None),
        update(Fee).where(Fee.booking_id.in_(theirs)).values(note=None),
        update(Rating).where(Rating.booking_id.in_(theirs)).values(comment=None),
    ):
        session.execute(forgotten.execution_options(synchronize_session=False))
