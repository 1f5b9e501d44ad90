"""Moving a market as a whole: slots, bookings, stalls and rooms in one transaction; all told."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking import service as booking
from backend.booking.models import Bookable, Booking, State
from backend.booking.service import Actor
from backend.db import RunAgain, table_of
from backend.market import fitting, planning, slots
from backend.market.errors import PlanChanged, StallsStay
from backend.market.facts import once_key
from backend.market.models import MarketDay, MarketSlot, Stage, Stall, Ticket
from backend.market.moving import look, telling
from backend.market.moving.look import Hit, Look, Wanted
from backend.market.moving.models import MarketMove
from backend.market.moving.telling import GONE, NUMBER, PLACE, SLOT, WAIT, Piece
from backend.market.rehoming.service import MOVED
from backend.places.errors import RoomTaken
from backend.staff import audit
from backend.staff.access import SignedInStaff

UNFIT = "no_longer_fits"
"""The reason in the history of bookings that could not come along."""

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)
_booking, _stall = table_of(Booking), table_of(Stall)


def move(
    session: Session, me: SignedInStaff, market_day_id: int, wanted: Wanted,
    without: Collection[int], seen: str, now: datetime,
) -> Look:  # fmt: skip
    """Move a market with all that was booked there, and tell everybody once.

    `without`: the stalls that cannot come along; they stay at the old date, cancelled. `seen`: what
    the look showed. Whoever comes along may give the slot back until it begins. Raises what `look`
    does, PlanChanged, RoomTaken, and StallsStay.
    """
    planning.access_day(session, me, market_day_id, locked=True)
    slots.hold(session, market_day_id)
    found = look.look(session, me, market_day_id, wanted, now)
    if found.seen != seen:
        raise PlanChanged()
    if found.taken:
        raise RoomTaken()
    if {one.stall_id for one in found.clashes} != set(without) or len(set(without)) == len(
        found.stalls
    ) > 0:
        raise StallsStay()
    move_id = _note(session, me, found, now)
    try:
        with session.begin_nested():
            pieces = _leave_behind(session, me, found, set(without), now)
            pieces += _end_numbers(session, found, set(without), now)
            pieces += _shift(session, me, found, set(without), now)
    except IntegrityError as error:  # somebody booked the same service there meanwhile
        raise RunAgain() from error
    _settle(session, found, now)
    if found.day.opened_at is not None:
        days = (found.day.day, wanted.day)
        telling.tell(session, move_id, pieces, now, days, moved=found.later)
    audit.record(
        session, me.staff_id, "market_day.move", "market_day", market_day_id,
        before={"day": str(found.day.day), "place_id": found.day.place_id, "spot": found.day.spot},
        after={
            "day": str(wanted.day), "place_id": wanted.place_id, "spot": wanted.spot,
            "minutes_later": found.shift, "reason": wanted.reason,
            "bookings": len(found.hits), "left_behind": sorted(without),
        },
        place_id=found.day.place_id,
    )  # fmt: skip
    return found


def _note(session: Session, me: SignedInStaff, found: Look, now: datetime) -> int:
    day = found.day
    return int(
        session.execute(
            insert(MarketMove)
            .values(
                market_day_id=day.id, was_day=day.day, was_place_id=day.place_id,
                was_spot=day.spot, reason=found.wanted.reason, staff_id=me.staff_id, moved_at=now,
                was_from_minute=min((one.from_minute for one in found.stalls), default=0),
                was_until_minute=max((one.until_minute for one in found.stalls), default=0),
            )
            .returning(MarketMove.id)
        ).scalar_one()
    )  # fmt: skip


def _leave_behind(
    session: Session, me: SignedInStaff, found: Look, without: set[int], now: datetime
) -> list[Piece]:
    """Those stalls stay at the old date, on a market of their own that does not take place."""
    if not without:
        return []
    day = found.day
    same = ("place_id", "day", "title", "spot", "opened_at", "books_from")
    left = {name: getattr(day, name) for name in same} | {"cancelled_at": now}
    left_id = session.execute(insert(MarketDay).values(left).returning(MarketDay.id)).scalar_one()
    session.execute(
        update(_stall).where(_stall.c.id.in_(without)).values(market_day_id=left_id, room_id=None)
    )
    hits = [one for one in found.hits if one.stall_id in without]
    for one in hits:
        _end(session, me, one, "bookable_cancelled", now)
    of_stalls = select(_slot.c.id).where(_slot.c.stall_id.in_(without))
    session.execute(
        update(_bookable)
        .where(_bookable.c.id.in_(of_stalls), _bookable.c.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )
    return [_piece(one, GONE) for one in hits]


def _end_numbers(session: Session, found: Look, without: set[int], now: datetime) -> list[Piece]:
    """Numbers of the old date end, and who had booked is awaited again at the new one."""
    if not found.later:
        return [
            Piece(one.person_id, one.account_id, None, PLACE, one.service, number=one.number)
            for one in found.numbers
        ]
    ids = [one.ticket_id for one in found.numbers]
    booked = [
        one.booking_id for one in found.numbers
        if one.booking_id is not None and one.stall_id not in without
    ]  # fmt: skip
    session.execute(
        update(Ticket)
        .where(Ticket.id.in_(ids))
        .values(stage=Stage.CLOSED, ended_at=now, booking_id=None)
    )
    session.execute(
        update(_booking)
        .where(_booking.c.id.in_(booked), _booking.c.state == State.ATTENDED)
        .values(state=State.CONFIRMED)
    )
    return [
        Piece(one.person_id, one.account_id, None, NUMBER, one.service, number=one.number)
        for one in found.numbers
    ]


def _shift(
    session: Session, me: SignedInStaff, found: Look, without: set[int], now: datetime
) -> list[Piece]:
    """Slots and bookings go along; who no longer fits gives the slot back."""
    coming = [one for one in found.hits if one.stall_id not in without]
    for one in coming:
        if one.against is not None:
            _end(session, me, one, UNFIT, now)
    kept = [one for one in coming if one.against is None]
    _shift_slots(session, found)
    _shift_bookings(session, kept, found)
    for one in kept:
        line.record(session, one.booking_id, _state(one), now, staff_id=me.staff_id, reason=MOVED)
    freed = {one.bookable_id for one in coming if one.against is not None}
    for slot_id in sorted(freed):
        line.promote(session, slot_id, now)
    goes = SLOT if found.later else PLACE
    return [
        _piece(one, one.against or (goes if _state(one) == State.CONFIRMED else WAIT),
               to=one.to_starts_at)
        for one in coming
    ]  # fmt: skip


def _state(hit: Hit) -> State:
    return State.CONFIRMED if hit.state == State.ATTENDED else State(hit.state)


def _shift_slots(session: Session, found: Look) -> None:
    """In an order in which no two slots of a stall ever begin in the same minute."""
    names = ("starts_at", "ends_at", "closes_at", "cancel_until", "promote_until")
    rows = session.execute(
        select(_slot.c.id, _slot.c.minute, *(_bookable.c[name] for name in names))
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .join(_stall, _stall.c.id == _slot.c.stall_id)
        .where(_stall.c.market_day_id == found.day.id)
        .order_by(_slot.c.minute.desc() if found.shift > 0 else _slot.c.minute)
    ).all()
    if not rows:
        return
    place = {"place_id": found.wanted.place_id}
    if found.later:  # a stall that closed early opens again, with the slots it closed
        for stall in found.stalls:
            if stall.closed_at is not None and not fitting.called_off(stall, found.day.day):
                slots.stand_again(session, stall.id, stall.closed_at)
    session.execute(
        update(_bookable)
        .where(_bookable.c.id == bindparam("row_id"))
        .values(place | {name: bindparam(f"to_{name}") for name in names}),
        [
            {"row_id": row.id}
            | {
                f"to_{name}": at and at + found.delta
                for name in names
                for at in [row._mapping[name]]
            }
            for row in rows
        ],
    )
    session.execute(
        update(_slot)
        .where(_slot.c.id == bindparam("row_id"))
        .values(minute=bindparam("to_minute")),
        [{"row_id": row.id, "to_minute": row.minute + found.shift} for row in rows],
    )


def _shift_bookings(session: Session, kept: Iterable[Hit], found: Look) -> None:
    """They may be given back until they begin: it was not they who changed the day."""
    ids = [one.booking_id for one in kept]
    rows = session.execute(
        select(
            _booking.c.id, _booking.c.starts_at, _booking.c.ends_at, _booking.c.offer_until,
        ).where(_booking.c.id.in_(ids))
    ).all()  # fmt: skip
    if not rows:
        return
    service_of = {one.booking_id: one.service_id for one in kept}
    session.execute(
        update(_booking)
        .where(_booking.c.id == bindparam("row_id"))
        .values(
            starts_at=bindparam("to_starts"), ends_at=bindparam("to_ends"),
            cancel_until=bindparam("to_starts"), offer_until=bindparam("to_offer"),
            once_key=bindparam("to_key"),
        ),
        [
            {
                "row_id": row.id, "to_starts": row.starts_at + found.delta,
                "to_ends": row.ends_at + found.delta,
                "to_offer": row.offer_until and min(row.offer_until, row.starts_at + found.delta),
                "to_key": once_key(service_of[row.id], found.wanted.day),
            }
            for row in rows
        ],
    )  # fmt: skip


def _settle(session: Session, found: Look, now: datetime) -> None:
    """The market and its stalls stand where they are to be, in rooms of their own."""
    wanted = found.wanted
    session.execute(
        update(MarketDay)
        .where(MarketDay.id == found.day.id)
        .values(day=wanted.day, place_id=wanted.place_id, spot=wanted.spot)
    )
    for stall in look.stalls_of(session, found.day.id):
        plan = look.moved_plan(session, stall, wanted, found.shift)
        again: dict[str, None] = {}
        if found.later:
            again = {"paused_at": None}
            if not fitting.called_off(stall, found.day.day):
                again["closed_at"] = None
        session.execute(
            update(_stall).where(_stall.c.id == stall.id).values(plan.columns() | again)
        )
    fitting.occupy(session, found.day.id, wanted.day, now)


def _end(session: Session, me: SignedInStaff, hit: Hit, reason: str, now: datetime) -> None:
    row = booking.lock_row(session, hit.booking_id)
    booking.end(session, row, State.CANCELLED, Actor(staff_id=me.staff_id), now, reason)


def _piece(hit: Hit, kind: str, to: datetime | None = None) -> Piece:
    return Piece(
        hit.person_id, hit.account_id, hit.booking_id, kind, hit.service,
        at=clock.rfc3339(to or hit.starts_at),
    )  # fmt: skip
