"""When somebody's facts are deleted, claims stay: they name nobody. Reasons in words go."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.claims.models import MealJudgement
from backend.db import table_of
from backend.people.deleting import Deletion, forgets

_judgement = table_of(MealJudgement)


@forgets
def reasons_go(session: Session, done: Deletion) -> None:
    """What was decided stays, so that nothing is claimed or taken back anew."""
    session.execute(
        update(_judgement)
        .where(
            _judgement.c.booking_id.in_(
                select(Booking.id).where(Booking.person_id.in_(done.person_ids))
            )
        )
        .values(reason="")
    )
