"""Which door meals were brought to is forgotten: some weeks after, and with the person."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.delivery.models import DeliveryStop
from backend.db import table_of
from backend.people.deleting import Deletion, forgets

KEPT = timedelta(days=30)
"""How long after a meal the unit and flat it was brought to are kept."""

_stop = table_of(DeliveryStop)


def forget(session: Session, now: datetime) -> int:
    """Forget units and flats of meals long eaten; of how many orders."""
    return _forget(session, _stop.c.booking_id.in_(_bookings(Booking.ends_at < now - KEPT)))


@forgets
def doors_go(session: Session, done: Deletion) -> None:
    """That a meal was brought stays; to which door goes."""
    theirs = _bookings(Booking.person_id.in_(done.person_ids))
    _forget(session, _stop.c.booking_id.in_(theirs))


def _bookings(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(Booking.id).where(which)


def _forget(session: Session, which: ColumnElement[bool]) -> int:
    known = or_(_stop.c.unit.is_not(None), _stop.c.flat.is_not(None))
    done = update(_stop).where(which, known).values(unit=None, flat=None)
    return int(session.connection().execute(done).rowcount)
