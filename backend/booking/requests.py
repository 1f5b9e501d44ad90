"""Requests: bookings that hold nothing until staff decide.

One that nobody decides is declined as its start passes; to every reader from that moment on,
whether or not a job ran.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking import service as booking
from backend.booking.codes import new_code, new_short_code
from backend.booking.errors import Cancelled, Full, NotLive
from backend.booking.models import Bookable, Booking, State
from backend.booking.service import Actor, Booked, Wish
from backend.db import AnyRow, RunAgain, db, table_of
from backend.reminders import outbox
from backend.reminders.models import Kind

UNDECIDED = "undecided"
"""The reason in the history of a request whose start passed before anybody decided."""


def ask(session: Session, wish: Wish, actor: Actor, now: datetime) -> Booked:
    """Write a request for a bookable that staff give; the caller has checked the rules.

    Raises Cancelled; asks the door to run again where the same person or key got in first.
    """
    place = booking.lock_places(session, [wish.bookable_id], now)[wish.bookable_id]
    if place.cancelled_at is not None:
        raise Cancelled()
    copied = session.execute(
        select(Bookable.starts_at, Bookable.ends_at, Bookable.cancel_until)
        .where(Bookable.id == place.id)
    ).one()  # fmt: skip
    try:
        booking_id = session.execute(
            insert(table_of(Booking)).values(
                bookable_id=place.id, person_id=wish.person_id, account_id=actor.account_id,
                staff_id=actor.staff_id, state=State.REQUESTED, once_key=wish.once_key,
                code=new_code(), short_code=new_short_code(), created_at=now,
                idempotency_key=wish.idempotency_key, idempotency_hash=wish.idempotency_hash,
                **copied._mapping,
            ).returning(Booking.id)
        ).scalar_one()  # fmt: skip
    except IntegrityError as error:
        raise RunAgain() from error
    line.record(
        session, booking_id, State.REQUESTED, now, account_id=actor.account_id,
        staff_id=actor.staff_id, reason=wish.overruled_reason,
    )  # fmt: skip
    outbox.tell(
        session, Kind.WAITLISTED, person_id=wish.person_id, account_id=actor.account_id,
        booking_id=booking_id, now=now,
    )  # fmt: skip
    return Booked(int(booking_id), State.REQUESTED)


def grant(session: Session, booking_id: int, actor: Actor, now: datetime) -> None:
    """A request that is open gets its place, and they are told. Raises NotLive, Full."""
    place, held = booking.lock_booking(session, booking_id, now)
    if held.state != State.REQUESTED:
        raise NotLive()
    if place.taken + held.quantity > place.capacity + place.overbooked:
        raise Full()
    session.execute(
        update(Bookable).where(Bookable.id == place.id).values(taken=Bookable.taken + held.quantity)
    )
    session.execute(update(Booking).where(Booking.id == booking_id).values(state=State.CONFIRMED))
    line.record(session, booking_id, State.CONFIRMED, now, staff_id=actor.staff_id)
    outbox.tell(
        session, Kind.BOOKED, person_id=held.person_id, account_id=held.account_id,
        booking_id=booking_id, now=now, concerns_today=is_today(held, now),
    )  # fmt: skip


def due(session: Session, now: datetime) -> Sequence[int]:
    """The requests whose start has passed, whatever they are for."""
    return session.scalars(
        select(Booking.id)
        .where(Booking.state == State.REQUESTED, Booking.starts_at <= now)
        .order_by(Booking.starts_at)
    ).all()


def expire(booking_ids: Iterable[int], now: datetime) -> int:
    """Decline what nobody decided in time, and tell them; how many."""
    session, expired = db.session(), 0
    for booking_id in sorted(booking_ids):
        _, held = booking.lock_booking(session, booking_id, now)
        if held.state == State.REQUESTED and held.starts_at <= now:
            turn_down(session, booking_id, Actor(), now, UNDECIDED)
            expired += 1
    return expired


def turn_down(session: Session, booking_id: int, actor: Actor, now: datetime, reason: str) -> None:
    """What is open is declined; its bookable is held, so that nobody else decides it meanwhile."""
    held = booking.lock_row(session, booking_id)
    if held.state != State.REQUESTED:
        return
    booking.end(session, held, State.DECLINED, actor, now, reason)
    outbox.tell(
        session, Kind.CANCELLED, person_id=held.person_id, account_id=held.account_id,
        booking_id=booking_id, now=now, facts={"reason": reason},
        concerns_today=is_today(held, now),
    )  # fmt: skip


def is_today(held: AnyRow, now: datetime) -> bool:
    """Whether it begins today."""
    return clock.today(held.starts_at) == clock.today(now)
