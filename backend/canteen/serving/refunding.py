"""The price of a meal that is over given back: it was spoiled, or never came though noted so.

Before a meal its order is given back (`booking.cancel`); afterwards what happened stays on file and
only the money goes back, all of it, to the purses it came from. No layer is asked for a meal that
was paid back; one that was claimed before is a negative line of the next claim.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.accounts.taking_back import take_back
from backend.canteen.serving import telling
from backend.canteen.serving.errors import NotOverYet
from backend.db import table_of
from backend.errors import NotFound

OVER = (State.ATTENDED, State.MISSED)
"""What became of an order whose price can be given back."""

_booking, _entry = table_of(Booking), table_of(Entry)
_PAID = (EntryKind.CHARGE, EntryKind.CREDIT, EntryKind.REVERSAL)


def paid_fen(session: Session, booking_id: int) -> int:
    """What an order has cost so far, less what was given back."""
    found = select(func.coalesce(-func.sum(_entry.c.fen), 0))
    mine = _entry.c.booking_id == booking_id
    return int(session.scalars(found.where(mine, _entry.c.kind.in_(_PAID))).one())


def refund(
    session: Session, booking_id: int, *, staff_id: int, reason: str, now: datetime
) -> int:  # fmt: skip
    """Give back all that was paid; the fen, none the second time. Who ordered is told.

    Raises NotFound, NotOverYet.
    """
    order = session.execute(
        select(_booking.c.id, _booking.c.state, _booking.c.person_id, _booking.c.account_id)
        .where(_booking.c.id == booking_id)
        .with_for_update()
    ).first()
    if order is None:
        raise NotFound()
    if order.state not in OVER:
        raise NotOverYet()
    fen = paid_fen(session, booking_id)
    if fen > 0:
        take_back(session, [booking_id], now, staff_id=staff_id, note=reason)
        telling.refunded(session, order, fen, reason, now)
    return fen
