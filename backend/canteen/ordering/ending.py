"""What follows when an order ends: portions and money are there again.

Residents end theirs before the cut-off; staff, and a meal that is called off, afterwards too: then
what was charged is taken back, and what was credited for a dish that was replaced.
"""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.ends import OwnWords, follows_end
from backend.canteen.accounts import ledger
from backend.canteen.accounts.taking_back import take_back
from backend.canteen.delivery import ending as delivery
from backend.canteen.ordering import facts, portions
from backend.canteen.ordering.errors import DayOff, OrderOver, OrdersClosed
from backend.canteen.ordering.models import MealLine
from backend.db import table_of

_line = table_of(MealLine)


def _called_off() -> DayOff:
    return DayOff(why=_("这一餐已经取消"))


@follows_end(facts.WORD, words=OwnWords(OrdersClosed, _called_off, OrderOver))
def give_back(session: Session, booking_ids: Sequence[int], now: datetime) -> None:
    """The bookings have ended and their meal is locked: dishes and money come free."""
    dishes = session.execute(
        select(_line.c.menu_item_id, func.sum(_line.c.portions))
        .where(_line.c.booking_id.in_(booking_ids))
        .group_by(_line.c.menu_item_id)
    )
    portions.give_back(session, {item_id: int(count) for item_id, count in dishes})
    ledger.release(session, booking_ids, now)
    delivery.leave(session, booking_ids, now)
    take_back(session, booking_ids, now)
