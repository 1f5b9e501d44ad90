"""Reservations in calendars (RFC 5545): their part of the feed, and one as a file."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy.orm import Session

from backend.booking import ics
from backend.booking.calendar_feed import fills_calendar
from backend.booking.errors import NotHeld
from backend.db import AnyRow
from backend.people.queries import Resident
from backend.venues import mine

PAST = timedelta(days=90)
"""How long a reservation stays in the feed after it is over."""


@fills_calendar
def reservations_of(session: Session, me: Resident, now: datetime) -> Iterator[Event]:
    """All reservations that stand, for the feed."""
    return map(_event, mine.for_calendar(session, me, now, now - PAST))


def of_reservation(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The reservation, to be put into a phone's calendar; a second file moves the same entry.

    Raises NotFound, and NotHeld for one that is not confirmed yet or no more.
    """
    mine.get_mine(session, me, booking_id, now)
    found = mine.for_calendar(session, me, now, now - PAST, booking_id)
    if not found:
        raise NotHeld(_("预约成功以后才能加入日历。"))
    return ics.calendar("Venues", _("房间预约"), map(_event, found))


def _event(held: AnyRow) -> Event:
    return ics.event(
        f"reservation-{held.id}", held.starts_at, held.ends_at, made_at=held.created_at,
        summary=f"{held.title} {held.person_name}".rstrip(),
        where=(held.venue_name, held.room_name, held.address),
    )  # fmt: skip
