"""The verbs of residents who cannot come down: ask for a visit, correct what was said about it.

Another time is a change as that of every slot, giving back is that of every booking.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import requests
from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked
from backend.db import table_of
from backend.errors import NotFound
from backend.market import facts, rules, service
from backend.market.errors import NotAtHome
from backend.market.models import MarketSlot, Stall
from backend.market.service import Wanted
from backend.market.visits import details
from backend.market.visits.details import Details
from backend.market.visits.models import HomeVisit
from backend.people.models import Account, Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place

_earlier, _slot = aliased(Booking), table_of(MarketSlot)
AHEAD = (
    select(func.count())
    .where(
        _earlier.bookable_id == Booking.bookable_id, _earlier.state == State.REQUESTED,
        _earlier.id < Booking.id,
    )
    .scalar_subquery()
)  # fmt: skip
"""How many have asked for the same time before and are not decided."""

IS_FULL = Bookable.taken >= Bookable.capacity + Bookable.overbooked


@dataclass(frozen=True, slots=True)
class Asking:
    """A visit that is asked for, and where."""

    wanted: Wanted
    details: Details


def ask(session: Session, me: Resident, asking: Asking, now: datetime) -> Booked:
    """Ask for a visit of oneself or somebody of the household; staff decide.

    A time that is full can be asked for too: who asked first is next when it comes free. The same
    Idempotency-Key answers with the first request. Raises NotFound, NotAtHome, and the refusals of
    the rules.
    """
    wanted = asking.wanted
    slots, day = facts.slots_for(session, wanted.stall_id, wanted.starts_at, wanted.provider_id)
    if not day.at_home:
        raise NotAtHome()
    wish = service.wish_of(slots[0], day, wanted)
    if (replay := service.replay_of(session, me, wanted)) is not None:
        return booking.replayed(replay, wish)
    rules.check(facts.for_account(session, me, slots[0], day, wanted.person_id, now))
    booked = requests.ask(session, wish, Actor(account_id=me.account_id), now)
    details.write(session, booked.booking_id, asking.details)
    return booked


def correct(session: Session, me: Resident, booking_id: int, said: Details, now: datetime) -> None:
    """Another address, number or note, up to the visit. Raises NotFound, NotLive."""
    check_mine(session, me, booking_id, now)
    row = session.execute(
        select(Booking.state, Booking.starts_at)
        .join(HomeVisit, HomeVisit.booking_id == Booking.id)
        .where(Booking.id == booking_id)
        .with_for_update(of=Booking.__table__)
    ).first()
    if row is None:
        raise NotFound()
    if row.state not in (State.REQUESTED, State.CONFIRMED) or now >= row.starts_at:
        raise NotLive()
    session.execute(
        update(HomeVisit)
        .where(HomeVisit.booking_id == booking_id)
        .values(address=said.address, phone=said.phone, note=said.note)
    )


def get_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """A visit of mine, or of somebody I act for, with what was said. Raises NotFound."""
    check_mine(session, me, booking_id, now)
    row = session.execute(
        select(
            Booking.id.label("booking_id"), Booking.state, Booking.starts_at, Booking.ends_at,
            HomeVisit.address, HomeVisit.phone, HomeVisit.note, HomeVisit.outcome,
            HomeVisit.minutes, HomeVisit.remark, AHEAD.label("ahead"), IS_FULL.label("full"),
            _slot.c.stall_id, Stall.market_day_id,
        )
        .join(HomeVisit, HomeVisit.booking_id == Booking.id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .where(Booking.id == booking_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    waits = row.state == State.REQUESTED and row.full
    shown = dict(row._mapping) | {
        "starts_at": clock.rfc3339(row.starts_at), "ends_at": clock.rfc3339(row.ends_at),
        "waits": waits, "ahead": row.ahead if waits else None,
    }  # fmt: skip
    del shown["full"]
    return shown


def known_for_account(
    session: Session, me: Resident, person_id: int, now: datetime
) -> dict[str, Any]:
    """What the form begins with. Raises NotFound for people the account may not act for."""
    if not session.execute(
        select(Person.id).where(Person.id == person_id, acts_for(me, Person.id, clock.today(now)))
    ).first():
        raise NotFound()
    known = known_of(session, person_id)
    if known["phone"] is None:
        known["phone"] = session.scalar(
            select(Person.phone)
            .join(Account, Account.person_id == Person.id)
            .where(Account.id == me.account_id)
        )
    return known


def known_of(session: Session, person_id: int) -> dict[str, Any]:
    """The address as far as it is on file, and the person's own number."""
    above = aliased(Place)
    row = session.execute(
        select(Person.address, Person.phone, Place.name, Place.kind, above.name.label("above"))
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(above, above.id == Place.parent_id)
        .where(Person.id == person_id)
    ).one()
    home = (row.above if row.kind == "building" else None, row.name, row.address)
    return {"address": "".join(filter(None, home)) or None, "phone": row.phone}
