"""What follows when an order ends: portions and money are there again.

Residents end theirs before the cut-off; staff, and a meal that is called off, afterwards too: then
what was charged is taken back.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.service import Actor, follows_end
from backend.canteen.accounts import ledger
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.ordering import facts, portions
from backend.canteen.ordering.errors import OrdersClosed


@follows_end(facts.WORD, too_late=OrdersClosed)
def give_back(session: Session, booking_id: int, now: datetime) -> None:
    """The booking has ended and its meal is locked: its dishes and its money come free."""
    portions.give_back(session, facts.portions_of(session, booking_id))
    ledger.release(session, [booking_id], now)
    charges = session.scalars(
        select(Entry.id)
        .where(
            Entry.booking_id == booking_id, Entry.kind == EntryKind.CHARGE,
            Entry.reversed_by_id.is_(None),
        )
        .order_by(Entry.purse_id)
    ).all()  # fmt: skip
    for entry_id in charges:
        ledger.reverse(session, entry_id, Actor(), now)
