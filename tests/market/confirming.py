"""What staff do in two steps in the console: look whom it hits, then confirm exactly that."""

from datetime import datetime

from sqlalchemy.orm import Session

from backend.market import cancelling, closing
from backend.market.rehoming.look import seen
from backend.staff.access import SignedInStaff


def cancel_day(
    session: Session, me: SignedInStaff, day_id: int, now: datetime, reason: str = "下大雨"
) -> None:
    """Cancel a market, whomever it hits."""
    found = cancelling.look(session, me, day_id, now)
    cancelling.cancel_day(session, me, day_id, now, reason=reason, seen=found.seen)


def close(
    session: Session, me: SignedInStaff, stall_id: int, now: datetime, to: int | None = None,
    reason: str = "师傅临时有事",
) -> int:  # fmt: skip
    """Close a stall for good, whomever it hits."""
    _, hits = closing.look(session, me, stall_id, now)
    return closing.close(session, me, stall_id, now, to, reason=reason, seen=seen(hits))
