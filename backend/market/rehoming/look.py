"""Who has, asked or waits for slots that are to be no more, and which slot could be theirs instead.

The rule (docs/rules): whoever holds a slot goes to the free one nearest in time, at the same stall
or at another of the same market, service and conditions; with the same person, if two are as near.
Confirmed slots come before requests, earlier ones before later ones. A slot somebody waits for is
not free. Who only waits, or has an offer, is not moved.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import LIVE, Bookable, Booking, State
from backend.db import AnyRow, table_of
from backend.market.models import MarketSlot, Provider, Stall
from backend.people.models import Person
from backend.people.naming import shown_name

_slot, _bookable = table_of(MarketSlot), table_of(Bookable)
_GO_ELSEWHERE = (State.CONFIRMED, State.REQUESTED)


@dataclass(frozen=True, slots=True)
class Free:
    """A slot with places left: when, where and with whom (None: whoever is there)."""

    slot_id: int
    stall_id: int
    provider_id: int | None
    provider_name: str | None
    starts_at: datetime
    ends_at: datetime
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A slot held, asked or waited for that is to be no more: whose, and `to` which they go."""

    booking_id: int
    bookable_id: int
    stall_id: int
    provider_id: int | None
    person_id: int
    account_id: int | None
    person_name: str | None
    last_four: str | None
    state: str
    quantity: int
    starts_at: datetime
    to: Free | None = None


def hits(session: Session, stall: AnyRow, slot_ids: Collection[int], now: datetime) -> list[Hit]:
    """Whoever of these slots of a stall is still to come, by time; each with where they go."""
    found = _booked(session, slot_ids, now)
    return deal(found, _free(session, stall, slot_ids, now)) if found else []


def seen(found: Sequence[Hit]) -> str:
    """What was on show: another one means that somebody booked or cancelled since."""
    shown = [
        (one.booking_id, one.state, one.starts_at, one.to and replace(one.to, slot_id=0))
        for one in found  # a slot that is new with the change has no id that lasts
    ]
    return sha256(repr(shown).encode()).hexdigest()[:32] if shown else ""


def deal(found: Sequence[Hit], free: Sequence[Free]) -> list[Hit]:
    """Give each who holds a slot the nearest free one; the same in the order of their times."""
    left = {one.slot_id: one.places for one in free}
    goes: dict[int, Free] = {}
    for hit in sorted(found, key=lambda one: (one.state != State.CONFIRMED, one.starts_at,
                                              one.booking_id)):  # fmt: skip
        fitting = [one for one in free if left[one.slot_id] >= hit.quantity]
        if hit.state in _GO_ELSEWHERE and fitting:
            best = min(fitting, key=lambda one: _distance(hit, one))
            left[best.slot_id] -= hit.quantity
            goes[hit.booking_id] = best
    return [replace(one, to=goes.get(one.booking_id)) for one in found]


def _distance(hit: Hit, one: Free) -> tuple[object, ...]:
    return (
        abs(one.starts_at - hit.starts_at), one.provider_id != hit.provider_id,
        one.stall_id != hit.stall_id, one.starts_at, one.slot_id,
    )  # fmt: skip


def _booked(session: Session, slot_ids: Collection[int], now: datetime) -> list[Hit]:
    rows = session.execute(
        select(
            Booking.id.label("booking_id"), Booking.bookable_id, _slot.c.stall_id,
            _slot.c.provider_id, Booking.person_id, Booking.account_id, Person.phone,
            shown_name().label("person_name"), Booking.state, Booking.quantity, Booking.starts_at,
        )
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.bookable_id.in_(slot_ids), Booking.starts_at > now,
            Booking.state.in_([one for one in LIVE if one != State.ATTENDED]),
        )
        .order_by(Booking.starts_at, Booking.id)
    )  # fmt: skip
    found = []
    for row in rows:
        values = dict(row._mapping)
        phone = values.pop("phone")
        found.append(Hit(**values, last_four=phone and phone[-4:]))
    return found


def _free(session: Session, stall: AnyRow, without: Collection[int], now: datetime) -> list[Free]:
    """The slots with places left, of this stall and of those like it at the same market."""
    same = [
        getattr(Stall, name).is_not_distinct_from(getattr(stall, name))
        for name in ("market_day_id", "service_id", "at_home", "min_age", "max_age",
                     "home_place_id")
    ]  # fmt: skip
    rows = session.execute(
        select(
            _slot.c.id, _slot.c.stall_id, _slot.c.provider_id, Provider.name,
            _bookable.c.starts_at, _bookable.c.ends_at,
            (_bookable.c.capacity - _bookable.c.taken).label("places"),
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(
            *same, Stall.closed_at.is_(None), _bookable.c.cancelled_at.is_(None),
            _bookable.c.starts_at > now, _bookable.c.waiting == 0,
            _bookable.c.taken < _bookable.c.capacity, _slot.c.id.not_in(without),
        )
        .order_by(_slot.c.id)
    )  # fmt: skip
    return [Free(*row) for row in rows]
