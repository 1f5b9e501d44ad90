"""A week of menus, and people with standing orders for its lunches."""

from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import select, update

from backend.booking.models import Booking
from backend.canteen import planning
from backend.canteen.items import Planned
from backend.canteen.models import Mode
from backend.canteen.repeating.models import Otherwise, StandingMeal
from backend.canteen.repeating.service import Plan

MONDAY = date(2026, 3, 16)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]


def plan(person_id: int, canteen_id: int, **given) -> Plan:
    """Lunch from Monday to Friday, the day's set meal, eaten there."""
    usual = {
        "person_id": person_id, "canteen_id": canteen_id, "meal": "lunch",
        "weekdays": [0, 1, 2, 3, 4], "dish_ids": [], "otherwise": Otherwise.SET, "portions": 1,
        "mode": Mode.DINE_IN, "since": MONDAY,
    }  # fmt: skip
    return Plan(**usual | given)


def menus(make, session, planner, kitchen, now, *, publish=True) -> SimpleNamespace:
    """The set meal (10 yuan), tofu and fish on every day of the week; on show where wished."""
    dish = make.dish(kitchen.canteen, name="一荤两素套餐", list_fen=1000, is_set=True, allergens=[])
    menu = [Planned(dish_id=one.id) for one in (dish, kitchen.tofu, kitchen.fish)]
    ids = [planning.set_menu(session, planner, kitchen.id, day, "lunch", menu, now) for day in WEEK]
    if publish:
        planning.publish(session, planner, kitchen.id, MONDAY, None, now)
    session.commit()
    return SimpleNamespace(set=dish, ids=ids)


def orders(session, person_id: int) -> list[tuple[date, str]]:
    """The person's bookings of the week: day and state, in the order they were made."""
    session.expire_all()
    rows = session.execute(
        select(Booking.starts_at, Booking.state)
        .where(Booking.person_id == person_id)
        .order_by(Booking.id)
    )
    return [(row.starts_at.date(), row.state) for row in rows]


def became(session, person_id: int) -> list[tuple[str, str | None]]:
    """What became of the person's meals, by day."""
    session.expire_all()
    rows = session.execute(
        select(StandingMeal.outcome, StandingMeal.why)
        .where(StandingMeal.person_id == person_id)
        .order_by(StandingMeal.meal_service_id)
    )
    return [(row.outcome, row.why) for row in rows]


def tried_long_ago(session, now) -> None:
    """As if everything had been tried a day before."""
    session.execute(update(StandingMeal).values(at=now - timedelta(days=1)))
    session.commit()
