"""When somebody's facts are deleted, the photos taken at their door go at once."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.delivery.models import DeliveryStop
from backend.people.deleting import Deletion, forgets


@forgets
def photos_go(session: Session, done: Deletion) -> None:
    """That the meal was handed over stays."""
    stops = (
        select(DeliveryStop.id)
        .join(Booking, Booking.id == DeliveryStop.booking_id)
        .where(Booking.person_id.in_(done.person_ids))
    )
    session.execute(delete(DeliveryPhoto).where(DeliveryPhoto.stop_id.in_(stops)))
