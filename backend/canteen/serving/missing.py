"""Meals that nobody took: once a meal is over, what was neither collected nor delivered is missed.

The resident's share stays with the canteen, which has cooked for them, unless the district decided
otherwise (MISSED_MEALS_ARE_PAID); nobody is asked for a subsidy of it either way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from backend import config
from backend.booking import line
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.errors import MoneySpent
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.kitchen import crediting
from backend.canteen.models import MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving.models import MealServed
from backend.canteen.welfare.queries import is_open
from backend.db import table_of

AFTER = timedelta(minutes=30)
"""How long after a meal tablets and couriers may still bring what they noted without a network;
what comes later puts a missed meal right.
"""

NOT_TAKEN = "not_taken"
"""The reason in the history of a meal that nobody took."""

_bookable, _service, _booking = table_of(Bookable), table_of(MealService), table_of(Booking)
_event, _order, _served = table_of(BookingEvent), table_of(MealOrder), table_of(MealServed)
_entry = table_of(Entry)

_NOT_TAKEN = and_(_booking.c.state == State.CONFIRMED, ~is_open(_booking.c.id))
"""Whoever is being looked for is judged when that has ended."""


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals that are over, with orders that nobody took."""
    left = (
        select(_booking.c.id).where(_booking.c.bookable_id == _bookable.c.id, _NOT_TAKEN).exists()
    )
    return session.scalars(
        select(_bookable.c.id)
        .join(_service, _service.c.id == _bookable.c.id)
        .where(_bookable.c.ends_at <= now - AFTER, _bookable.c.cancelled_at.is_(None), left)
        .order_by(_bookable.c.ends_at, _bookable.c.id)
    ).all()


def mark(session: Session, meal_service_id: int, now: datetime) -> int:
    """Note the orders of a meal that nobody took as missed; how many. A second run finds none.

    Money comes back to the purses it came from where the district does not keep it.
    """
    line.lock(session, meal_service_id)
    rows = session.execute(
        update(_booking)
        .where(_booking.c.bookable_id == meal_service_id, _NOT_TAKEN)
        .values(state=State.MISSED)
        .returning(_booking.c.id)
    )
    missed = sorted(row.id for row in rows)
    if not missed:
        return 0
    events = [
        {"booking_id": one, "at": now, "state": State.MISSED, "reason": NOT_TAKEN} for one in missed
    ]
    session.execute(insert(_event), events)
    if not config.current().missed_meals_are_paid:
        for booking_id in missed:
            _pay_back(session, booking_id, now)
    return len(missed)


def take_credit_back(session: Session, booking_id: int, now: datetime) -> None:
    """The meal was eaten after all: what came back for it is paid again, as far as it is there."""
    credits = session.scalars(
        select(_entry.c.id).where(
            _entry.c.booking_id == booking_id, _entry.c.kind == EntryKind.CREDIT,
            _entry.c.key.startswith(f"{NOT_TAKEN}:", autoescape=True),
            _entry.c.reversed_by_id.is_(None),
        )
    ).all()  # fmt: skip
    for entry_id in credits:
        try:
            ledger.reverse(session, entry_id, Actor(), now, _("这一餐后来登记了取餐"))
        except MoneySpent:
            continue  # spent on another meal meanwhile: nobody is brought below nothing


def _pay_back(session: Session, booking_id: int, now: datetime) -> None:
    """Once each time it was missed: it may have been noted as eaten by mistake in between."""
    times = select(func.count()).select_from(_served).where(_served.c.booking_id == booking_id)
    pays_fen = session.scalars(
        select(_order.c.pays_fen).where(_order.c.booking_id == booking_id)
    ).one()
    key = f"{NOT_TAKEN}:{booking_id}:{session.scalar(times)}"
    crediting.give_back(session, booking_id, pays_fen, key, _("没有取餐"), Actor(), now)
