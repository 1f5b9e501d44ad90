"""A reservation as a calendar file (RFC 5545)."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend.booking import ics
from backend.booking.errors import NotHeld
from backend.booking.models import State
from backend.people.queries import Resident
from backend.venues import mine


def of_reservation(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The reservation, to be put into a phone's calendar; a second file moves the same entry.

    Raises NotFound, and NotHeld for one that is not confirmed yet or no more.
    """
    found = mine.get_mine(session, me, booking_id, now)
    if found["state"] not in (State.CONFIRMED, State.ATTENDED):
        raise NotHeld(_("预约成功以后才能加入日历。"))
    starts_at, ends_at, made_at = (
        datetime.fromisoformat(found[name]) for name in ("starts_at", "ends_at", "created_at")
    )
    event = ics.event(
        f"reservation-{booking_id}", starts_at, ends_at, made_at=made_at,
        summary=f"{found['title']} {found['person_name']}".rstrip(),
        where=(found["venue_name"], found["room_name"], found["address"]),
    )  # fmt: skip
    return ics.calendar("Venues", _("房间预约"), [event])
