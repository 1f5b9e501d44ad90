"""At a venue's desk: whoever comes for a room shows their code, or says its six digits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.errors import CodeUnknown
from backend.booking.models import Booking
from backend.desk import reservations, rooms
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, room

QR_PREFIX = "xf:b:"


def come_by_code(
    session: Session, me: SignedInStaff, venue_id: int, code: str, now: datetime
) -> int:
    """Check in whoever's code this is: the text of a QR, or six digits; the booking.

    Who is here already stays so. Raises NotFound, CodeUnknown, NotLive, CheckInLater, RoomLetGo.
    """
    rooms.get_venue(session, me, venue_id)
    given = "".join(code.split())
    if given.startswith(QR_PREFIX):
        of_code = Booking.code == given.removeprefix(QR_PREFIX)
    else:
        of_code = Booking.short_code == given
    found = session.scalars(
        select(Booking.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .where(of_code, room.c.venue_id == venue_id, Booking.ends_at > now)
        .order_by(Booking.starts_at, Booking.id)
        .limit(1)
    ).first()
    if found is None:
        raise CodeUnknown()
    if reservations.get_reservation(session, me, found, now)["checked_in_at"]:
        audit.unchanged(session)
    else:
        reservations.come(session, me, found, now)
    return found
