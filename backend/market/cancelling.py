"""A market day is cancelled: whom that hits is looked at first, then each is told why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import bookables
from backend.booking.service import Actor
from backend.db import AnyRow
from backend.market import ending, planning, slots
from backend.market.errors import DayHit
from backend.market.models import IN_LINE, MarketDay, Stall, Ticket
from backend.market.moving.look import Hit, Number, hits_of, numbers_of
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.staff import audit
from backend.staff.access import SignedInStaff


@dataclass(frozen=True, slots=True)
class Look:
    """Who has, asked or waits for slots of a market, and who holds a number there."""

    day: AnyRow
    hits: Sequence[Hit]
    numbers: Sequence[Number]

    @property
    def seen(self) -> str:
        """What was on show: another one means that somebody booked, cancelled or came since."""
        shown = (
            [(one.booking_id, one.state) for one in self.hits],
            [one.ticket_id for one in self.numbers],
        )
        return sha256(repr(shown).encode()).hexdigest()[:32]


def look(session: Session, me: SignedInStaff, market_day_id: int, now: datetime) -> Look:
    """Whom it would hit. Raises NotFound, DayClosed."""
    day = planning.open_day_of(session, me, market_day_id, now)
    return Look(day, hits_of(session, day, day.day, 0, now), numbers_of(session, day.id))


def cancel_day(
    session: Session, me: SignedInStaff, market_day_id: int, now: datetime, *,
    reason: str | None = None, seen: str | None = None,
) -> Look:  # fmt: skip
    """The market does not take place: rooms are free, who booked or holds a number is told why.

    Where it hits anybody staff have `seen` exactly whom, and given a `reason`. Raises NotFound,
    DayClosed, DayHit.
    """
    planning.open_day_of(session, me, market_day_id, now)
    slots.hold(session, market_day_id)
    found = look(session, me, market_day_id, now)
    if (found.hits or found.numbers) and (seen != found.seen or not reason):
        raise DayHit()
    for slot_id in slots.ids_of(session, market_day_id):
        bookables.cancel(session, slot_id, Actor(staff_id=me.staff_id), now, reason)
    of_day = select(Stall.id).where(Stall.market_day_id == market_day_id)
    ending.close(session, Ticket.stall_id.in_(of_day) & Ticket.stage.in_(IN_LINE), now, reason)
    session.execute(
        update(MarketDay).where(MarketDay.id == market_day_id).values(cancelled_at=now)
    )  # fmt: skip
    occupancy.vacate(session, OccupantKind.MARKET, [market_day_id])
    audit.record(
        session, me.staff_id, "market_day.cancel", "market_day", market_day_id,
        after={"reason": reason, "bookings": len(found.hits), "numbers": len(found.numbers)},
        place_id=found.day.place_id,
    )  # fmt: skip
    return found
