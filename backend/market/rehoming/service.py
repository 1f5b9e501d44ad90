"""Moving whoever can be moved to another slot, ending the rest, each told once with the reason."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking import service as booking
from backend.booking.models import HELD, Bookable, Booking, State
from backend.booking.service import Actor
from backend.db import RunAgain
from backend.market.errors import SlotsHit
from backend.market.rehoming import look
from backend.market.rehoming.look import Free, Hit
from backend.market.rehoming.messages import FACT
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff.access import SignedInStaff

MOVED = "market_moved"
"""The reason in the history of bookings that went to another time without being asked."""


def confirm(found: Sequence[Hit], reason: str | None, seen: str | None) -> None:
    """Whether staff saw exactly this and said why. Raises SlotsHit, with whom it hits."""
    if found and (seen != look.seen(found) or not reason):
        raise SlotsHit(found, look.seen(found), seen)


def rehome(
    session: Session, me: SignedInStaff, found: Sequence[Hit], reason: str | None, now: datetime
) -> None:
    """Move or end these bookings; all slots of the market are held (`slots.hold`).

    Whoever was moved may give the slot back until it begins. Their slots are cancelled by whoever
    calls.
    """
    for hit in found:
        row = booking.lock_row(session, hit.booking_id)
        if hit.to is None:
            booking.end(session, row, State.CANCELLED, Actor(staff_id=me.staff_id), now, reason)
        else:
            _move(session, me, hit, hit.to, now)
        outbox.tell(
            session, Kind.CHANGED, person_id=hit.person_id, account_id=hit.account_id, now=now,
            booking_id=hit.booking_id,
            facts={
                FACT: hit.state, "reason": reason, "was": clock.rfc3339(hit.starts_at),
                "to": hit.to and clock.rfc3339(hit.to.starts_at),
            },
            concerns_today=clock.today(hit.starts_at) == clock.today(now),
        )  # fmt: skip
    for slot_id in sorted({one.bookable_id for one in found}):
        line.promote(
            session, slot_id, now
        )  # clears what ran there; a cancelled slot offers nothing


def _move(session: Session, me: SignedInStaff, hit: Hit, to: Free, now: datetime) -> None:
    """The same booking, with its code and what was said about it, at another slot."""
    held = hit.quantity if hit.state in HELD else 0
    line.leave(session, hit.bookable_id, held=held)
    taken = session.execute(
        update(Bookable)
        .where(Bookable.id == to.slot_id, Bookable.taken + held <= Bookable.capacity)
        .values(taken=Bookable.taken + held)
        .returning(Bookable.id)
    ).first()
    if taken is None:
        raise RunAgain()
    session.execute(
        update(Booking)
        .where(Booking.id == hit.booking_id)
        .values(
            bookable_id=to.slot_id, starts_at=to.starts_at, ends_at=to.ends_at,
            cancel_until=to.starts_at, queue_no=None,
        )
    )  # fmt: skip
    line.record(
        session, hit.booking_id, State(hit.state), now, staff_id=me.staff_id, reason=MOVED
    )  # fmt: skip
