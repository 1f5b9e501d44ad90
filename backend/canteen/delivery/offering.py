"""Too few eat in an estate that is served at one point: they are asked, by message and telephone.

Fetched instead, the fee comes back; given back, all of it; or somebody goes there all the same.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.delivery import ending
from backend.canteen.kitchen import crediting, repricing
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.ordering.service import AMENDED
from backend.db import AnyRow, table_of
from backend.reminders import outbox, reasons
from backend.reminders.models import Delivery, Kind, Reminder

_booking, _order, _reminder = table_of(Booking), table_of(MealOrder), table_of(Reminder)


def tell_few(session: Session, meal: AnyRow, least: Mapping[int, int], now: datetime) -> None:
    """Each is told what they can choose, and put on the call list.

    `least`: how many orders it would take, by booking.
    """
    if not least:
        return
    rows = session.execute(
        select(_booking.c.id, _booking.c.person_id, _booking.c.account_id)
        .where(_booking.c.id.in_(least))
        .order_by(_booking.c.id)
    )
    today = clock.today(meal.starts_at) == clock.today(now)
    for row in rows:
        facts = {"few": least[row.id]}
        if row.account_id is not None:
            outbox.tell(
                session, Kind.CHANGED, person_id=row.person_id, account_id=row.account_id,
                booking_id=row.id, now=now, facts=facts, concerns_today=today,
            )  # fmt: skip
        session.execute(
            insert(Reminder).values(
                kind=Kind.CHANGED, person_id=row.person_id, account_id=row.account_id,
                booking_id=row.id, facts=facts, state=Delivery.UNREACHED,
                reason=str(reasons.TOO_FEW), place_id=meal.place_id, due_at=now, settled_at=now,
                created_at=now,
            )
        )  # fmt: skip


def tell_enough(session: Session, meal: AnyRow, points: Mapping[int, str], now: datetime) -> None:
    """It is brought after all, since others have ordered: each is told, as they were before.

    `points`: where to, by booking. Who has no account is rung once more if they were rung before.
    """
    if not points:
        return
    rows = session.execute(
        select(_reminder.c.booking_id, _reminder.c.person_id, _reminder.c.account_id)
        .where(
            _reminder.c.booking_id.in_(points), _reminder.c.reason == str(reasons.TOO_FEW),
            _reminder.c.account_id.is_not(None) | _reminder.c.called_at.is_not(None),
        )
        .order_by(_reminder.c.booking_id)
    ).all()  # fmt: skip
    today = clock.today(meal.starts_at) == clock.today(now)
    for row in rows:
        outbox.tell(
            session, Kind.CHANGED, person_id=row.person_id, account_id=row.account_id,
            booking_id=row.booking_id, now=now, facts={"enough": points[row.booking_id]},
            concerns_today=today,
        )  # fmt: skip


def fetched(session: Session, stop: Mapping[str, Any], actor: Actor, now: datetime) -> int:
    """The meal is fetched instead of brought; the fee that comes back, in fen."""
    order = session.execute(
        update(_order)
        .where(_order.c.booking_id == stop["booking_id"])
        .values(mode=Mode.PICK_UP, revision=_order.c.revision + 1)
        .returning(_order.c.revision, _order.c.fee_fen)
    ).one()
    ending.leave(session, [stop["booking_id"]], now)
    less = repricing.read(session, [stop["booking_id"]]).less(stop["booking_id"])
    repricing.keep(session, {stop["booking_id"]: less})  # a rule may be for meals brought only
    key, note = f"fetched:{stop['booking_id']}", "改为自取，退送餐费"
    credited = crediting.give_back(
        session, stop["booking_id"], order.fee_fen, key, note, actor, now
    )  # fmt: skip
    line.record(
        session, stop["booking_id"], State.CONFIRMED, now, staff_id=actor.staff_id, reason=AMENDED
    )
    outbox.tell(
        session, Kind.CHANGED, person_id=stop["person_id"], account_id=stop["account_id"],
        booking_id=stop["booking_id"], now=now, concerns_today=True,
        facts={"revision": order.revision, "fee_fen": credited},
    )  # fmt: skip
    return credited
