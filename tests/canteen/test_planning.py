"""Menus: set, changed as far as nobody is wronged, copied from week to week, shown at a moment."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from backend import clock
from backend.booking.models import Bookable
from backend.canteen import planning
from backend.canteen.errors import DishOrdered, MealOver, NotServing, PortionsOrdered
from backend.canteen.items import Planned
from backend.canteen.models import MealService, MenuItem
from backend.errors import Invalid, NotFound
from backend.staff.models import AuditEntry

MONDAY = date(2026, 3, 16)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def plan(session, planner, kitchen, now):
    """`plan(dishes…)` sets the menu of Monday's lunch, or of another day."""

    def set_menu(*dishes: Planned, day: date = MONDAY, meal: str = "lunch") -> int:
        return planning.set_menu(session, planner, kitchen.id, day, meal, dishes, now)

    return set_menu


def items(session, service_id: int) -> list[tuple]:
    session.expire_all()
    rows = session.scalars(
        select(MenuItem).where(MenuItem.meal_service_id == service_id).order_by(MenuItem.id)
    )
    return [(one.dish_id, one.list_fen, one.discount_fen, one.capacity, one.overbooked)
            for one in rows]  # fmt: skip


def order(session, service_id: int, dish_id: int, portions: int) -> None:
    session.execute(
        update(MenuItem)
        .where(MenuItem.meal_service_id == service_id, MenuItem.dish_id == dish_id)
        .values(taken=portions)
    )


def test_a_menu_is_set_and_changed(session, plan, kitchen) -> None:
    tofu, fish = kitchen.tofu.id, kitchen.fish.id
    first = plan(Planned(dish_id=tofu), Planned(dish_id=fish, list_fen=1600, capacity=20))
    assert items(session, first) == [(tofu, 800, 0, None, 0), (fish, 1600, 0, 20, 0)]
    again = plan(Planned(dish_id=tofu, discount_fen=100, capacity=50))
    assert again == first
    assert items(session, first) == [(tofu, 800, 100, 50, 0)]
    noted = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [one.action for one in noted] == ["menu.change", "menu.change"]


def test_what_was_ordered_stays(session, plan, kitchen) -> None:
    tofu, fish = kitchen.tofu.id, kitchen.fish.id
    meal = plan(Planned(dish_id=tofu, capacity=50), Planned(dish_id=fish))
    order(session, meal, tofu, 30)
    for dishes in (
        [Planned(dish_id=fish)],
        [Planned(dish_id=tofu, list_fen=900, capacity=50)],
        [Planned(dish_id=tofu, discount_fen=1, capacity=50)],
    ):
        with pytest.raises(DishOrdered):
            plan(*dishes)
    with pytest.raises(PortionsOrdered) as refused:
        plan(Planned(dish_id=tofu, capacity=20))
    assert refused.value.data == {"dish": "红烧豆腐", "taken": 30}
    plan(Planned(dish_id=tofu, capacity=20, reason="供货不足"))
    assert items(session, meal) == [(tofu, 800, 0, 20, 10)]
    plan(Planned(dish_id=tofu, capacity=25))  # less oversold needs no reason
    assert items(session, meal) == [(tofu, 800, 0, 25, 5)]
    plan(Planned(dish_id=tofu))
    assert items(session, meal) == [(tofu, 800, 0, None, 0)]


@pytest.mark.parametrize(
    "given",
    [{"list_fen": 0}, {"list_fen": -5}, {"discount_fen": 801}, {"discount_fen": -1}],
)
def test_a_price_is_a_price(plan, kitchen, given) -> None:
    with pytest.raises(Invalid):
        plan(Planned(dish_id=kitchen.tofu.id, **given))


def test_a_dish_stands_on_a_menu_once_and_is_the_canteens(plan, kitchen, make) -> None:
    other = make.canteen(make.place(name="滨江社区"))
    for dishes in ([kitchen.tofu.id] * 2, [make.dish(other).id]):
        with pytest.raises(Invalid):
            plan(*(Planned(dish_id=one) for one in dishes))


def test_days_without_meals(plan, kitchen, make) -> None:
    dish = Planned(dish_id=kitchen.tofu.id)
    make.canteen_day(kitchen.canteen, day=FRIDAY)
    with pytest.raises(NotServing) as refused:
        plan(dish, day=FRIDAY)
    assert str(refused.value) == "这一天不供餐：台风停餐。"
    with pytest.raises(NotServing):
        plan(dish, day=FRIDAY + timedelta(days=1))
    with pytest.raises(MealOver):
        plan(dish, day=date(2026, 3, 10))
    with pytest.raises(NotFound):
        plan(dish, meal="dinner")


def test_a_canteen_elsewhere_is_not_found(session, planner, make, kitchen, now) -> None:
    other = make.canteen(make.place(name="滨江社区"))
    with pytest.raises(NotFound):
        planning.set_menu(session, planner, other.id, MONDAY, "lunch", [], now)


def test_a_week_is_copied(session, planner, plan, kitchen, make, now) -> None:
    tofu, fish = kitchen.tofu, kitchen.fish
    plan(Planned(dish_id=tofu.id, list_fen=700, discount_fen=100, capacity=40))
    plan(Planned(dish_id=fish.id), day=MONDAY + timedelta(days=1))
    plan(Planned(dish_id=tofu.id), Planned(dish_id=fish.id), day=MONDAY + timedelta(days=2))
    plan(Planned(dish_id=tofu.id), day=FRIDAY)
    fish.offered = False
    make.canteen_day(kitchen.canteen, day=FRIDAY + timedelta(days=7))
    copied, left_out = planning.copy_week(
        session, planner, kitchen.id, MONDAY + timedelta(days=3), MONDAY + timedelta(days=8), now
    )
    assert copied == 2
    assert [(one.day, one.why) for one in left_out] == [
        (MONDAY + timedelta(days=8), "菜品都已下架"), (FRIDAY + timedelta(days=7), "台风停餐"),
    ]  # fmt: skip
    week = select(MealService).where(MealService.day >= MONDAY + timedelta(days=7))
    menus = {one.day: items(session, one.id) for one in session.scalars(week)}
    assert menus == {
        MONDAY + timedelta(days=7): [(tofu.id, 800, 100, 40, 0)],
        MONDAY + timedelta(days=9): [(tofu.id, 800, 0, None, 0)],
    }
    copied, left_out = planning.copy_week(
        session, planner, kitchen.id, MONDAY, MONDAY + timedelta(days=7), now
    )
    assert (copied, left_out[0].why) == (0, "这一餐已经有菜单")


def test_a_week_is_shown_with_its_deadlines(session, planner, plan, kitchen, make, now) -> None:
    dish = Planned(dish_id=kitchen.tofu.id)
    meals = [plan(dish, day=MONDAY + timedelta(days=number)) for number in (0, 1, 4)]
    make.canteen_day(kitchen.canteen, day=FRIDAY - timedelta(days=1))
    at = now + timedelta(hours=6)
    assert planning.publish(session, planner, kitchen.id, FRIDAY, at, now) == (3, [])
    rows = {one.id: one for one in session.scalars(select(Bookable).execution_options(
        populate_existing=True))}  # fmt: skip
    # Monday's orders close on Friday, Friday's on Wednesday: nothing is cooked on Thursday.
    closes = [datetime(2026, 3, day, 16, tzinfo=clock.LOCAL) for day in (13, 16, 18)]
    assert [rows[one].closes_at for one in meals] == closes
    assert {(rows[one].published_at, rows[one].opens_at) for one in meals} == {(at, at)}
    assert [rows[one].cancel_until for one in meals] == closes
    assert planning.publish(session, planner, kitchen.id, MONDAY, None, now) == (0, [])


def test_what_would_be_closed_at_once_is_not_shown(session, planner, plan, kitchen, now) -> None:
    thursday = date(2026, 3, 12)
    plan(Planned(dish_id=kitchen.tofu.id), day=thursday)
    plan(Planned(dish_id=kitchen.tofu.id), day=thursday + timedelta(days=1))
    late = datetime(2026, 3, 11, 16, tzinfo=clock.LOCAL)  # exactly at the cut-off is closed
    published, left_out = planning.publish(session, planner, kitchen.id, thursday, late, now)
    assert (published, [(one.day, one.why) for one in left_out]) == (
        1, [(thursday, "已经过了截止订餐的时间")],
    )  # fmt: skip
