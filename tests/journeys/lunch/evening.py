"""Orders come in from 1,500 phones; at four they close: charged, frozen, printed, planned."""

from datetime import timedelta

from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.accounts.models import Hold, HoldState, Purse
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.kitchen.models import KitchenPaper, KitchenSheet
from backend.canteen.models import MenuItem
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.models import MealOrder
from backend.canteen.ordering.rush import Order, order_each
from backend.db import db, transaction
from backend.people.tokens import token_hash
from tests.journeys.lunch.district import AT_POINT, BROUGHT, DAY, EATERS, EVE, PAID_IN, Town

CUTOFF = clock.at_minute(DAY - timedelta(days=1), 16 * 60)
BATCH = 60


def order(town: Town) -> None:
    """Everybody orders for themselves, as phones do in a rush."""
    calls = [
        Order(token_hash(who.token), _wanted(town, number), lambda _me: None)
        for number, who in enumerate(town.eaters)
    ]
    for at in range(0, EATERS, BATCH):
        with transaction(one_write=True) as session:
            made = order_each(session, calls[at : at + BATCH], EVE)
        assert [one.state for one in made] == [State.CONFIRMED] * len(made)  # type: ignore[union-attr]


def close(town: Town) -> None:
    """At four: what was held is charged, and every order is on the sheet and in one stop."""
    with clock.frozen(CUTOFF):
        town.work("close meals", "plan runs")
    session = db.session
    assert session.scalar(select(func.sum(Purse.balance_fen))) == EATERS * PAID_IN - paid()
    assert session.scalar(select(func.count()).where(Hold.state == HoldState.OPEN)) == 0
    sheet = session.get_one(KitchenSheet, town.meal_id)
    portions = sum(len(town.plate(number)) for number in range(EATERS))
    assert (sheet.orders, sheet.portions) == (EATERS, portions)
    assert session.scalar(select(func.sum(MenuItem.taken))) == portions
    assert set(session.scalars(select(KitchenPaper.kind))) == {"sheet", "labels"}
    stops = session.scalars(select(DeliveryStop)).all()
    assert len(stops) == BROUGHT + AT_POINT
    assert [one for one in stops if one.run_id is None] == []
    of_runs = session.scalars(
        select(func.count(DeliveryStop.id))
        .join(DeliveryRun, DeliveryRun.id == DeliveryStop.run_id)
        .group_by(DeliveryRun.id)
    ).all()
    assert max(of_runs) <= 20


def paid() -> int:
    """What orders cost their eaters, by the orders themselves."""
    return db.session.scalar(
        select(func.sum(MealOrder.pays_fen))
        .join(Booking, Booking.id == MealOrder.booking_id)
        .where(Booking.state != State.CANCELLED)
    )


def _wanted(town: Town, number: int) -> Wanted:
    names = town.plate(number)
    return Wanted(
        meal_service_id=town.meal_id, person_id=town.eaters[number].person_id,
        dishes=sorted((town.items[name], 1) for name in names), mode=town.mode(number),
        address=town.homes[number] if number < len(town.homes) else None,
        idempotency_key=f"lunch-{number}", idempotency_hash=f"lunch-{number}",
    )  # fmt: skip
