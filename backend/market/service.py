"""The verbs of booking slots: book one, with somebody or with anybody, and change to another time.

Giving a slot back is that of every booking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking import service as booking
from backend.booking.errors import CancelTooLate, Full, NotLive
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked, Replay, Wish
from backend.db import AnyRow, table_of
from backend.errors import NotFound, Refusal
from backend.market import rules
from backend.market.models import MarketDay, MarketSlot, Stall
from backend.market.rules import Asked
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A piece of a stall's time for somebody; `provider_id`: with whom, None: with anybody.

    `wait`: join the line where nothing is free.
    """

    stall_id: int
    person_id: int
    starts_at: datetime
    provider_id: int | None = None
    wait: bool = False
    idempotency_key: str | None = None
    idempotency_hash: str | None = None


def once_key(service_id: int, day: object) -> str:
    """A person has one live booking per service and day."""
    return f"market:{service_id}:{day}"


def book(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Booked:
    """Book a slot for oneself or somebody of the household.

    The same Idempotency-Key answers with the first booking. Raises the refusals of the rules, Full,
    and NotFound for slots that are not there and people the account may not act for.
    """
    slots, day = _slots(session, wanted)
    if (replay := _replay(session, me, wanted)) is not None:
        return booking.replayed(replay, _wish(slots[0], day, wanted))
    rules.check(_asked(session, me, slots[0], day, wanted.person_id, now))
    return _take(session, me, slots, day, wanted, now)


def change(
    session: Session, me: Resident, booking_id: int, wanted: Wanted, now: datetime, *,
    late: bool = False,
) -> Booked:  # fmt: skip
    """Another time, or another person, at the same market for the same service.

    The old slot is kept if the new one is not to be had. Raises NotFound, NotLive, CancelTooLate,
    the refusals of the rules, and Full.
    """
    check_mine(session, me, booking_id, now)
    slots, day = _slots(session, wanted)
    if (replay := _replay(session, me, wanted)) is not None:
        return booking.replayed(replay, _wish(slots[0], day, wanted))
    _, held = booking.lock_booking(session, booking_id, now, [one.id for one in slots])
    if held.state not in (State.CONFIRMED, State.WAITING, State.OFFERED) or now >= held.starts_at:
        raise NotLive()
    minutes = booking.late_minutes(held, now)
    if minutes is not None and not late:
        raise CancelTooLate(cancel_until=held.cancel_until)
    rules.check(_asked(session, me, slots[0], day, held.person_id, now, leaving=booking_id))
    actor = Actor(account_id=me.account_id)
    booking.end(session, held, State.CANCELLED, actor, now, line.TRANSFERRED, late_minutes=minutes)
    booked = _take(session, me, slots, day, wanted, now)
    line.promote(session, held.bookable_id, now)
    return booked


def person_of(session: Session, me: Resident, booking_id: int, now: datetime) -> tuple[int, int]:
    """(person, stall) of a booking of mine that is a market's. Raises NotFound."""
    check_mine(session, me, booking_id, now)
    row = session.execute(
        select(Booking.person_id, _slot.c.stall_id)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .where(Booking.id == booking_id)
    ).first()
    if row is None:
        raise NotFound()
    return row.person_id, row.stall_id


def why_not(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Sequence[Refusal]:
    """Every reason against it in the order of the rules; none: it can be booked, if one is free."""
    slots, day = _slots(session, wanted)
    return rules.reasons(_asked(session, me, slots[0], day, wanted.person_id, now))


def _slots(session: Session, wanted: Wanted) -> tuple[Sequence[AnyRow], AnyRow]:
    """The slots that would do, the best first, and their stall with its day. Raises NotFound.

    Of several people the one with most free time that day comes first; where nothing is free, the
    one with the shortest line.
    """
    day = session.execute(
        select(
            Stall.service_id, Stall.min_age, Stall.max_age, Stall.home_place_id, MarketDay.day,
            MarketDay.books_from, MarketDay.cancelled_at,
        )
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(Stall.id == wanted.stall_id, MarketDay.opened_at.is_not(None))
    ).first()  # fmt: skip
    rows = session.execute(
        select(
            _slot.c.id, _slot.c.provider_id, _bookable.c.starts_at, _bookable.c.capacity,
            _bookable.c.taken, _bookable.c.waiting,
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(_slot.c.stall_id == wanted.stall_id)
    ).all()  # fmt: skip
    free: dict[int | None, int] = {}
    for row in rows:
        free[row.provider_id] = free.get(row.provider_id, 0) + row.capacity - row.taken
    fitting = [
        row for row in rows
        if row.starts_at == wanted.starts_at
        and wanted.provider_id in (None, row.provider_id)
    ]  # fmt: skip
    if day is None or not fitting:
        raise NotFound()

    def liking(row: AnyRow) -> tuple[bool, int, int, int]:
        full = row.taken >= row.capacity or row.waiting > 0
        return full, row.waiting, -free[row.provider_id], row.id

    return sorted(fitting, key=liking), day


def _asked(
    session: Session, me: Resident, slot: AnyRow, day: AnyRow, person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> Asked:  # fmt: skip
    """What the rules look at. Raises NotFound for people the account may not act for."""
    person = session.execute(
        select(Person.birth_date, Place.path, Booking.id.label("live_id"))
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(
            Booking,
            (Booking.person_id == Person.id) & Booking.state.in_(LIVE) & (Booking.id != leaving)
            & (Booking.once_key == once_key(day.service_id, day.day)),
        )
        .where(
            Person.id == person_id, Person.merged_into_id.is_(None),
            acts_for(me, Person.id, clock.today(now)),
        )
    ).first()  # fmt: skip
    if person is None:
        raise NotFound()
    return Asked(
        now=now, starts_at=slot.starts_at, books_from=day.books_from,
        cancelled_at=day.cancelled_at, min_age=day.min_age, max_age=day.max_age,
        home_place_id=day.home_place_id, birth_date=person.birth_date, home_path=person.path,
        live_booking_id=person.live_id,
    )  # fmt: skip


def _take(
    session: Session, me: Resident, slots: Sequence[AnyRow], day: AnyRow, wanted: Wanted,
    now: datetime,
) -> Booked:  # fmt: skip
    """The first of the slots that has a place; a position in the first one's line, if wanted."""
    actor = Actor(account_id=me.account_id)
    for slot in slots:
        try:
            return booking.book(session, _wish(slot, day, wanted), actor, now)
        except Full:
            continue
    if not wanted.wait:
        raise Full()
    return booking.book(session, _wish(slots[0], day, wanted, wait=True), actor, now)


def _wish(slot: AnyRow, day: AnyRow, wanted: Wanted, *, wait: bool = False) -> Wish:
    return Wish(
        bookable_id=slot.id, person_id=wanted.person_id, wait=wait,
        once_key=once_key(day.service_id, day.day), idempotency_key=wanted.idempotency_key,
        idempotency_hash=wanted.idempotency_hash,
    )  # fmt: skip


def _replay(session: Session, me: Resident, wanted: Wanted) -> Replay | None:
    if wanted.idempotency_key is None:
        return None
    row = session.execute(
        select(Booking.id, Booking.state, Booking.queue_no, Booking.idempotency_hash).where(
            Booking.account_id == me.account_id,
            Booking.idempotency_key == wanted.idempotency_key,
        )
    ).first()
    return row and Replay(row.id, row.state, row.queue_no, row.idempotency_hash)
