"""When somebody's facts are deleted, sheets keep their portions, but not what they must not eat."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.eaters.models import Texture
from backend.canteen.kitchen.models import KitchenLine, LateClash
from backend.people.deleting import Deletion, forgets


@forgets
def marks_go(session: Session, done: Deletion) -> None:
    """A diet is a matter of health."""
    theirs = select(Booking.id).where(Booking.person_id.in_(done.person_ids))
    session.execute(
        update(KitchenLine)
        .where(KitchenLine.booking_id.in_(theirs))
        .values(marks=[], texture=Texture.NORMAL)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(LateClash).where(LateClash.booking_id.in_(theirs)))
