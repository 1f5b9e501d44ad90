"""A resident's own slots at markets, and their part of the calendar (RFC 5545)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import ics
from backend.booking.calendar_feed import fills_calendar
from backend.booking.errors import NotHeld
from backend.booking.models import Booking, State
from backend.booking.queries import is_mine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.market.models import MarketDay, MarketSlot, Provider, Service, Stall
from backend.market.wording import service_words
from backend.people.models import Person
from backend.people.queries import Resident
from backend.places.models import Place

PAST = timedelta(days=90)
"""How long a slot stays in the feed after it is over."""

_slot = table_of(MarketSlot)


def get_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """What a slot's booking says beside every booking's own: where, with whom, what to bring.

    Raises NotFound, also for other people's and for bookings of something else.
    """
    row = session.execute(
        select(
            Stall.market_day_id, MarketDay.title.label("market"), MarketDay.spot,
            _slot.c.stall_id, Stall.at_home, Service.bring, Provider.id.label("provider_id"),
            Provider.name.label("provider_name"),
        )
        .select_from(Booking)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Service, Service.id == Stall.service_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(Booking.id == booking_id, is_mine(me, clock.today(now)))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return dict(row._mapping)


@fills_calendar
def slots_of(session: Session, me: Resident, now: datetime) -> Iterator[Event]:
    """All slots that stand, for the feed."""
    return map(_event, _held(session, me, now))


def calendar_of(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The slot, to be put into a phone's calendar; a second file moves the same entry.

    Raises NotFound, and NotHeld for one that is waited for or no more.
    """
    get_mine(session, me, booking_id, now)
    found = _held(session, me, now, booking_id)
    if not found:
        raise NotHeld(_("预约成功以后才能加入日历。"))
    return ics.calendar("Market", _("幸福集市预约"), map(_event, found))


def _held(
    session: Session, me: Resident, now: datetime, booking_id: int | None = None
) -> Sequence[AnyRow]:
    only = true() if booking_id is None else Booking.id == booking_id
    return session.execute(
        select(
            Booking.id, Booking.starts_at, Booking.ends_at, Booking.created_at,
            Service.name.label("service"), Person.name.label("person_name"), MarketDay.spot,
            Stall.at_home, Place.name.label("place_name"), Place.address,
        )
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            only, is_mine(me, clock.today(now)), Booking.ends_at > now - PAST,
            Booking.state.in_((State.CONFIRMED, State.ATTENDED)),
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()  # fmt: skip


def _event(held: AnyRow) -> Event:
    """Where somebody is visited at home stands in no calendar."""
    service = service_words(held.service, at_home=held.at_home)
    return ics.event(
        f"slot-{held.id}", held.starts_at, held.ends_at, made_at=held.created_at,
        summary=f"{service} {held.person_name}".rstrip(),
        where=() if held.at_home else (held.place_name, held.spot, held.address),
    )  # fmt: skip
