"""What staff decide about a bookable as a whole: its places, its deadline, that it is cancelled."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import kept, line
from backend.booking.errors import CapacityTooSmall
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.service import Actor, end_all, pass_on_first
from backend.db import AnyRow
from backend.reminders import outbox
from backend.reminders.models import Kind

CHUNK = 1000
"""So many bookings end in the statements that one would take."""


def change_capacity(
    session: Session, bookable_id: int, capacity: int, now: datetime, *, overbook: bool = False
) -> None:
    """Set the number of places; added ones are offered to the line.

    A capacity below what is taken needs `overbook`, the explicit decision to keep everybody.
    Raises CapacityTooSmall.
    """
    pass_on_first(session, bookable_id, now)
    place = line.lock(session, bookable_id)
    missing = max(place.taken - capacity, 0)
    if missing and not overbook:
        raise CapacityTooSmall(taken=place.taken)
    session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id)
        .values(capacity=capacity, overbooked=missing)
    )
    line.promote(session, bookable_id, now)


def keep_places(
    session: Session, bookable_id: int, places: int, until: datetime | None,
    group: Collection[int], now: datetime,
) -> None:  # fmt: skip
    """Keep so many places until a moment for the people of a group; 0 keeps none.

    `group`: those of the live bookings that are of its people. What comes free is offered to the
    line.
    """
    pass_on_first(session, bookable_id, now)
    line.lock(session, bookable_id)
    kept.keep(session, bookable_id, places, until, group)
    line.promote(session, bookable_id, now)


def change_deadline(session: Session, bookable_id: int, until: datetime | None) -> None:
    """Until when places may be given back from now on; None: as long as it lasts.

    Who holds or waits for a place keeps the deadline they were promised, unless the new one is
    kinder. Raises NotFound.
    """
    line.lock(session, bookable_id)
    session.execute(update(Bookable).where(Bookable.id == bookable_id).values(cancel_until=until))
    dated = Booking.cancel_until.is_not(None)
    harsher = dated if until is None else dated & (Booking.cancel_until < until)
    session.execute(
        update(Booking)
        .where(Booking.bookable_id == bookable_id, Booking.state.in_(LIVE), harsher)
        .values(cancel_until=until)
    )


def cancel(
    session: Session, bookable_id: int, actor: Actor, now: datetime, reason: str | None = None
) -> int:
    """Cancel the whole thing and every live booking of it, telling each; how many were hit."""
    ended = call_off(session, bookable_id, actor, now)
    outbox.tell_all(
        session, Kind.CANCELLED, ended, now, facts={"reason": reason} if reason else None
    )
    return len(ended)


def call_off(
    session: Session, bookable_id: int, actor: Actor, now: datetime
) -> Sequence[AnyRow]:  # fmt: skip
    """The same, and who is told is for the caller: the bookings that were hit."""
    line.lock(session, bookable_id)
    session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id, Bookable.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )
    live = session.execute(
        select(
            Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id, Booking.state,
            Booking.quantity, Booking.on_kept, Booking.starts_at,
        ).where(
            Booking.bookable_id == bookable_id,
            Booking.state.in_([state for state in LIVE if state != State.ATTENDED]),
        ).order_by(Booking.id)
    ).all()  # fmt: skip
    for at in range(0, len(live), CHUNK):
        some = live[at : at + CHUNK]
        end_all(session, some, State.CANCELLED, actor, now, "bookable_cancelled")
    line.promote(session, bookable_id, now)  # clears next_expiry_at; a cancelled run offers nothing
    return live
