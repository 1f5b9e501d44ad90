"""When somebody's facts are deleted, what staff noted beside their fees goes; the sums stay."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.night_school.fees.models import Fee
from backend.people.deleting import Deletion, forgets


@forgets
def notes_go(session: Session, done: Deletion) -> None:
    """Of every enrolment of theirs."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(Fee)
        .where(Fee.booking_id.in_(theirs))
        .values(note=None)
        .execution_options(synchronize_session=False)
    )
