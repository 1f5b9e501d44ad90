"""What follows when an order ends: portions and money are there again.

Residents end theirs before the cut-off; staff, and a meal that is called off, afterwards too: then
what was charged is taken back, and what was credited for a dish that was replaced.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.service import Actor, follows_end
from backend.canteen.accounts import ledger
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.delivery import ending as delivery
from backend.canteen.ordering import facts, portions
from backend.canteen.ordering.errors import OrdersClosed


@follows_end(facts.WORD, too_late=OrdersClosed)
def give_back(session: Session, booking_id: int, now: datetime) -> None:
    """The booking has ended and its meal is locked: its dishes and its money come free."""
    portions.give_back(session, facts.portions_of(session, booking_id))
    ledger.release(session, [booking_id], now)
    delivery.leave(session, booking_id, now)
    # Charges come back first: only then is there enough to take credits from.
    entries = session.scalars(
        select(Entry.id)
        .where(
            Entry.booking_id == booking_id, Entry.kind.in_((EntryKind.CHARGE, EntryKind.CREDIT)),
            Entry.reversed_by_id.is_(None),
        )
        .order_by(Entry.fen, Entry.purse_id)
    ).all()  # fmt: skip
    for entry_id in entries:
        ledger.reverse(session, entry_id, Actor(), now)
