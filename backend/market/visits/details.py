"""The details of a home visit: written with its booking, moved along with it, forgotten later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.market.visits.models import HomeVisit

KEPT = timedelta(days=30)
"""How long after a visit its address, telephone and note are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Where, which number to ring, what should be known beforehand."""

    address: str
    phone: str
    note: str | None = None


def write(session: Session, booking_id: int, details: Details, *, checked: bool = False) -> None:
    """Keep them for a booking that was just made."""
    session.execute(
        insert(HomeVisit).values(
            booking_id=booking_id, address=details.address, phone=details.phone, note=details.note,
            checked=checked,
        )
    )  # fmt: skip


def follow(session: Session, booking_id: int, new_id: int) -> None:
    """The visit has another time, and by that another booking."""
    session.execute(
        update(HomeVisit).where(HomeVisit.booking_id == booking_id).values(booking_id=new_id)
    )


def forget(session: Session, now: datetime) -> int:
    """Forget where people were visited some weeks ago; of how many visits."""
    old = select(Booking.id).where(Booking.ends_at < now - KEPT)
    known = or_(
        HomeVisit.address.is_not(None), HomeVisit.phone.is_not(None), HomeVisit.note.is_not(None)
    )
    return int(
        session.connection()
        .execute(
            update(HomeVisit.__table__)  # type: ignore[arg-type]
            .where(HomeVisit.booking_id.in_(old), known)
            .values(address=None, phone=None, note=None)
        )
        .rowcount
    )
