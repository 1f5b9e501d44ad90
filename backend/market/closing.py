"""A stall closes for good, on the day or before it: whom that hits, and what becomes of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.market import ending, fitting, handing_on, numbers, planning, slots
from backend.market.errors import NotToThatStall
from backend.market.models import Stage, Stall, Ticket
from backend.market.rehoming import look as rehoming_look
from backend.market.rehoming import service as rehoming
from backend.market.rehoming.look import Hit
from backend.staff import audit
from backend.staff.access import SignedInStaff


def look(
    session: Session, me: SignedInStaff, stall_id: int, now: datetime
) -> tuple[AnyRow, Sequence[Hit]]:
    """The stall, and who has slots there still to come, each with where they would go.

    Raises NotFound, also where residents do not see the market.
    """
    stall = _access(session, me, stall_id)
    return stall, rehoming_look.hits(session, stall, slots.to_come(session, stall_id, now), now)


def close(
    session: Session, me: SignedInStaff, stall_id: int, now: datetime, to: int | None = None, *,
    reason: str | None = None, seen: str | None = None,
) -> int:  # fmt: skip
    """No more numbers and no more slots; how many waited in line.

    `to`: those who wait are handed on to that stall, else each is told. Whoever has a slot still to
    come is moved or told (`rehoming`), once staff have `seen` exactly whom that hits and given a
    `reason`. Before it opens its room and its people are free again. Closing twice changes nothing.
    Raises NotFound, DayClosed, NotToThatStall, SlotsHit.
    """
    day = planning.open_day_of(session, me, _access(session, me, stall_id).market_day_id, now)
    slots.hold(session, day.id)
    stall, hits = look(session, me, stall_id, now)
    if stall.at_home and to is not None:
        raise NotToThatStall()
    rehoming.confirm(hits, reason, seen)
    if stall.closed_at is None:
        session.execute(update(Stall).where(Stall.id == stall_id).values(closed_at=now))
    if to is not None:
        waited = handing_on.hand_on(session, stall, to, now)
    else:
        waiting = (Ticket.stall_id == stall_id) & (Ticket.stage == Stage.WAITING)
        waited = ending.close(session, waiting, now, reason)
    slots.cancel(session, slots.to_come(session, stall_id, now), stall.closed_at or now)
    rehoming.rehome(session, me, hits, reason, now)
    fitting.occupy(session, day.id, day.day, now)
    audit.record(
        session, me.staff_id, "stall.close", "stall", stall.id, place_id=stall.place_id,
        after={"waited": waited, "to": to, "bookings": len(hits), "reason": reason},
    )  # fmt: skip
    return waited


def _access(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    stall = numbers.open_stall(session, stall_id)
    planning.access_stall(session, me, stall_id)
    return stall
