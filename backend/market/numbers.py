"""Queue numbers: taken on the phone with the code on show at the stall, or from staff at its table.

Numbers of a stall run from 1 without gaps (see `giving`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking import line as history
from backend.booking import rotating_codes
from backend.booking.models import Booking, State
from backend.db import AnyRow, RunAgain, hold, table_of
from backend.errors import NotFound
from backend.market import giving, number_facts, outlook, rules
from backend.market.errors import MaybeInVain, NumberCodeOld, NumbersLater, NumbersOver
from backend.market.fitting import RUN
from backend.market.grid import moment
from backend.market.models import (
    IN_LINE,
    MarketDay,
    MarketSlot,
    Service,
    Stage,
    Stall,
    Ticket,
)
from backend.market.number_facts import Wish
from backend.market.rules import Asked
from backend.people.queries import Resident, acts_for
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff

BEFORE = timedelta(hours=1)
"""How long before a stall opens its numbers are given."""

GRACE = timedelta(minutes=15)
"""So long after the slot somebody who booked still goes before those who just came."""

_slot = table_of(MarketSlot)


@dataclass(frozen=True, slots=True)
class Taken:
    """A number; `replayed`: the person had it already."""

    ticket_id: int
    number: int
    replayed: bool = False


def code_of(stall_id: int, now: datetime) -> str:
    """The code on show at the stall now."""
    return rotating_codes.code_of(f"stall-code:{stall_id}", now)


def link_of(stall_id: int, now: datetime) -> str:
    """What the QR at the stall holds: it opens the residents' client where a number is taken."""
    asked = urlencode({"stall": stall_id, "code": code_of(stall_id, now)})
    return f"{config.current().public_url}/m/#/check-in?{asked}"


def on_the_day(session: Session, stall_id: int) -> AnyRow:
    """A stall with a line of a market that residents see and that takes place. Raises NotFound."""
    stall = open_stall(session, stall_id)
    if stall.at_home:
        raise NotFound()
    return stall


def open_stall(session: Session, stall_id: int) -> AnyRow:
    """The same, or one that makes home visits. Raises NotFound."""
    row = session.execute(
        select(
            *table_of(Stall).c, MarketDay.day, MarketDay.place_id, MarketDay.title.label("market"),
            MarketDay.spot, Place.path, Service.name.label("service"), Service.minutes,
        )
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Service, Service.id == Stall.service_id)
        .where(
            Stall.id == stall_id, MarketDay.opened_at.is_not(None),
            MarketDay.cancelled_at.is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def at_my_stall(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    """The same for staff of its place. Raises NotFound."""
    stall = on_the_day(session, stall_id)
    if not me.may(RUN, stall.path):
        raise NotFound()
    return stall


def take(session: Session, me: Resident, wish: Wish, now: datetime) -> Taken:
    """Take a number at the stall, for oneself or somebody of the household.

    Who has one keeps it; who has booked is checked in with it. Raises NumberCodeOld, NumbersLater,
    NumbersOver, the rules of age and home, MaybeInVain, and NotFound. Sends one read and one write,
    and two reads more where the line has to be looked at.
    """
    facts = number_facts.for_one(session, me, wish, now)
    if (held := judge(wish, facts, now)) is not None:
        return held
    if needs_a_look(wish, facts) and (at := outlook.in_vain(session, facts, now)) is not None:
        raise MaybeInVain.at(at, facts, now)
    booking = None
    if facts.booking_id is not None:
        hold(session)
        booking = _booking(session, facts.id, facts.booking_id)
    whom = {"person_id": wish.person_id, "account_id": me.account_id}
    return _give(session, facts.id, now, booking, whom)


def judge(wish: Wish, facts: Any, now: datetime) -> Taken | None:
    """The number that the person has already, or None for who may take one.

    Raises NumberCodeOld, NumbersLater, NumbersOver, and the rules of age and home.
    """
    if facts.held_id is not None:
        return Taken(facts.held_id, facts.held_number, replayed=True)
    if not rotating_codes.is_current(f"stall-code:{facts.id}", wish.code, now):
        raise NumberCodeOld()
    asked = Asked(
        now=now, starts_at=moment(facts.day, facts.from_minute), books_from=now, cancelled_at=None,
        min_age=facts.min_age, max_age=facts.max_age, home_place_id=facts.home_place_id,
        birth_date=facts.birth_date, home_path=facts.home_path, live_booking_id=None,
    )  # fmt: skip
    rules.is_of_age(asked)
    rules.lives_here(asked)
    _check_hours(facts, now)
    return None


def needs_a_look(wish: Wish, facts: Any) -> bool:
    """Whether to see first if their turn comes before the stall closes; who has booked has one."""
    return not wish.anyway and facts.booking_id is None


def take_at_table(
    session: Session, me: SignedInStaff, stall_id: int, now: datetime,
    booking_id: int | None = None,
) -> Taken:  # fmt: skip
    """Staff give a number: to anybody, or to who has booked and is here now.

    Raises NotFound, NumbersLater, NumbersOver.
    """
    stall = at_my_stall(session, me, stall_id)
    booking = None
    if booking_id is not None:
        if (held := _held(session, stall_id, booking_id)) is not None:
            audit.unchanged(session)
            return held
        booking = _booking(session, stall_id, booking_id)
        if booking is None:
            raise NotFound()
    _check_hours(stall, now)
    whom = {"person_id": booking and booking.person_id, "staff_id": me.staff_id}
    taken = _give(session, stall_id, now, booking, whom)
    audit.record(
        session, me.staff_id, "ticket.create", "ticket", taken.ticket_id,
        after={"number": taken.number}, place_id=stall.place_id,
    )  # fmt: skip
    return taken


def leave(session: Session, me: Resident, ticket_id: int, now: datetime) -> None:
    """Give a number back. Doing so twice changes nothing. Raises NotFound for others'."""
    row = session.execute(
        select(Ticket.id, Ticket.stage).where(
            Ticket.id == ticket_id, acts_for(me, Ticket.person_id, clock.today(now))
        )
    ).first()
    if row is None:
        raise NotFound()
    session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.stage.in_(IN_LINE))
        .values(stage=Stage.LEFT, ended_at=now)
    )


def _check_hours(stall: Any, now: datetime) -> None:
    opens_at = moment(stall.day, stall.from_minute) - BEFORE
    if now < opens_at:
        raise NumbersLater(opens_at, now)
    if stall.closed_at is not None or now >= moment(stall.day, stall.until_minute):
        raise NumbersOver()


def _held(session: Session, stall_id: int, booking_id: int) -> Taken | None:
    """The number given for a booking."""
    row = session.execute(
        select(Ticket.id, Ticket.number).where(
            Ticket.stall_id == stall_id, Ticket.booking_id == booking_id
        )
    ).first()
    return row and Taken(row.id, row.number, replayed=True)


def _booking(session: Session, stall_id: int, booking_id: int) -> AnyRow | None:
    """A slot booked at the stall and not come to yet; its row is held."""
    return session.execute(
        select(Booking.id, Booking.person_id, Booking.account_id, Booking.starts_at,
               Booking.ends_at)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .where(
            _slot.c.stall_id == stall_id, Booking.id == booking_id,
            Booking.state == State.CONFIRMED,
        )
        .with_for_update(of=Booking.__table__)
    ).first()  # fmt: skip


def _give(
    session: Session, stall_id: int, now: datetime, booking: AnyRow | None, whom: dict[str, Any]
) -> Taken:
    asked = {"stall_id": stall_id} | whom
    if booking is not None:
        asked["booking_id"] = booking.id
        if now < booking.ends_at + GRACE:
            asked["due_at"] = max(booking.starts_at, now)
        if whom.get("account_id") is None:
            asked["account_id"] = booking.account_id
        _come(session, booking.id, now, whom)
    try:
        [given] = giving.give(session, [asked], now)
    except IntegrityError as error:  # a double tap: the next try finds the number
        raise RunAgain() from error
    if given is None:
        raise NumbersOver()
    return Taken(*given)


def _come(session: Session, booking_id: int, now: datetime, whom: dict[str, Any]) -> None:
    session.execute(update(Booking).where(Booking.id == booking_id).values(state=State.ATTENDED))
    history.record(
        session, booking_id, State.ATTENDED, now,
        account_id=whom.get("account_id"), staff_id=whom.get("staff_id"),
    )  # fmt: skip
