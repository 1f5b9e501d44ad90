"""The verbs of booking slots: book one, with somebody or with anybody, and change to another time.

Giving a slot back is that of every booking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import line, requests
from backend.booking import service as booking
from backend.booking.errors import CancelTooLate, Full, NotLive
from backend.booking.models import Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked, Replay, Wish
from backend.db import AnyRow, table_of
from backend.errors import NotFound, Refusal
from backend.market import facts, rules
from backend.market.errors import AddressNeeded
from backend.market.models import MarketSlot
from backend.market.visits import details
from backend.people.queries import Resident

_slot = table_of(MarketSlot)
_OPEN = (State.CONFIRMED, State.WAITING, State.OFFERED, State.REQUESTED)


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


def book(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Booked:
    """Book a slot for oneself or somebody of the household.

    The same Idempotency-Key answers with the first booking. Raises the refusals of the rules, Full,
    and NotFound for slots that are not there and people the account may not act for.
    """
    slots, day = _slots(session, wanted)
    if day.at_home:
        raise AddressNeeded()
    if (replay := replay_of(session, me, wanted)) is not None:
        return booking.replayed(replay, wish_of(slots[0], day, wanted))
    rules.check(facts.for_account(session, me, slots[0], day, wanted.person_id, now))
    return _take(session, Actor(account_id=me.account_id), slots, day, wanted, now)


def book_at_desk(
    session: Session, staff_id: int, wanted: Wanted, now: datetime, *,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Staff book for somebody; with a reason against rules that staff may set aside.

    Nobody sets aside how many places there are, or the line.
    """
    slots, day = _slots(session, wanted)
    if day.at_home:
        raise AddressNeeded()
    asked = facts.for_staff(session, slots[0], day, wanted.person_id, now)
    rules.check(asked, overruled=overruled_reason is not None)
    return _take(session, Actor(staff_id=staff_id), slots, day, wanted, now, overruled_reason)


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
    if (replay := replay_of(session, me, wanted)) is not None:
        return booking.replayed(replay, wish_of(slots[0], day, wanted))
    held = _held(session, booking_id, slots, now)
    minutes = booking.late_minutes(held, now)
    if minutes is not None and not late:
        raise CancelTooLate(cancel_until=held.cancel_until)
    rules.check(
        facts.for_account(session, me, slots[0], day, held.person_id, now, leaving=booking_id)
    )
    actor = Actor(account_id=me.account_id)
    return _exchange(session, actor, held, slots, day, wanted, now, late_minutes=minutes)


def change_at_desk(
    session: Session, staff_id: int, booking_id: int, wanted: Wanted, now: datetime, *,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Staff change somebody's time, which is never late; who had booked it stays who is told.

    Raises NotLive, the refusals of the rules, and Full; then nothing has changed.
    """
    slots, day = _slots(session, wanted)
    held = _held(session, booking_id, slots, now)
    asked = facts.for_staff(session, slots[0], day, held.person_id, now, leaving=booking_id)
    rules.check(asked, overruled=overruled_reason is not None)
    actor = Actor(account_id=held.account_id, staff_id=staff_id)
    return _exchange(session, actor, held, slots, day, wanted, now, overruled_reason)


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
    return rules.reasons(facts.for_account(session, me, slots[0], day, wanted.person_id, now))


def _slots(session: Session, wanted: Wanted) -> tuple[Sequence[AnyRow], AnyRow]:
    return facts.slots_for(session, wanted.stall_id, wanted.starts_at, wanted.provider_id)


def _held(session: Session, booking_id: int, slots: Sequence[AnyRow], now: datetime) -> AnyRow:
    """The booking that is to be changed, locked with its slot and the new ones. Raises NotLive."""
    _, held = booking.lock_booking(session, booking_id, now, [one.id for one in slots])
    if held.state not in _OPEN or now >= held.starts_at:
        raise NotLive()
    return held


def _exchange(
    session: Session, actor: Actor, held: AnyRow, slots: Sequence[AnyRow], day: AnyRow,
    wanted: Wanted, now: datetime, reason: str | None = None, *, late_minutes: int | None = None,
) -> Booked:  # fmt: skip
    """One of the slots in place of what is held, which goes to the next in its line.

    A request for a home visit stays one, unless staff give the time.
    """
    booking.end(
        session, held, State.CANCELLED, actor, now, line.TRANSFERRED, late_minutes=late_minutes
    )
    if held.state == State.REQUESTED and actor.staff_id is None:
        booked = requests.ask(session, wish_of(slots[0], day, wanted), actor, now)
    else:
        booked = _take(session, actor, slots, day, wanted, now, reason)
    if day.at_home:
        details.follow(session, held.id, booked.booking_id)
    line.promote(session, held.bookable_id, now)
    return booked


def _take(
    session: Session, actor: Actor, slots: Sequence[AnyRow], day: AnyRow, wanted: Wanted,
    now: datetime, reason: str | None = None,
) -> Booked:  # fmt: skip
    """The first of the slots that has a place; a position in the first one's line, if wanted."""
    for slot in slots:
        try:
            return booking.book(session, wish_of(slot, day, wanted, reason), actor, now)
        except Full:
            continue
    if not wanted.wait or day.at_home:
        raise Full()
    return booking.book(session, wish_of(slots[0], day, wanted, reason, wait=True), actor, now)


def wish_of(
    slot: AnyRow, day: AnyRow, wanted: Wanted, reason: str | None = None, *, wait: bool = False
) -> Wish:
    """What the one mechanism of booking is asked for."""
    return Wish(
        bookable_id=slot.id, person_id=wanted.person_id, wait=wait, overruled_reason=reason,
        once_key=facts.once_key(day.service_id, day.day), idempotency_key=wanted.idempotency_key,
        idempotency_hash=wanted.idempotency_hash,
    )  # fmt: skip


def replay_of(session: Session, me: Resident, wanted: Wanted) -> Replay | None:
    """What the account has booked under the same Idempotency-Key."""
    if wanted.idempotency_key is None:
        return None
    row = session.execute(
        select(Booking.id, Booking.state, Booking.queue_no, Booking.idempotency_hash).where(
            Booking.account_id == me.account_id,
            Booking.idempotency_key == wanted.idempotency_key,
        )
    ).first()
    return row and Replay(row.id, row.state, row.queue_no, row.idempotency_hash)
