"""Where a meal was brought to is forgotten some weeks after it."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.ordering.models import MealOrder
from backend.db import table_of

KEPT = timedelta(days=30)
"""How long after a meal its address, telephone and note are kept."""

_order = table_of(MealOrder)


def forget(session: Session, now: datetime) -> int:
    """Forget address, telephone and note of meals long eaten; of how many orders."""
    old = select(Booking.id).where(Booking.ends_at < now - KEPT)
    known = or_(*(_order.c[name].is_not(None) for name in ("address", "phone", "note")))
    return int(
        session.connection()
        .execute(
            update(_order)
            .where(_order.c.booking_id.in_(old), known)
            .values(address=None, phone=None, note=None)
        )
        .rowcount
    )
