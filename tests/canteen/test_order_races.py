"""Many order at once: portions and money are never spent twice; and a control that does."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from backend import checking, clock
from backend.booking import check as booking_check
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind, Purse
from backend.canteen.items import Planned
from backend.canteen.models import Meal, MenuItem, Mode
from backend.canteen.ordering import check, service
from backend.canteen.ordering.asked import Wanted
from backend.db import db, transaction
from backend.people.queries import Resident
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.booking.crowd import Member, crowd
from tests.canteen.races import THREADS, at_once
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
THURSDAY = date(2026, 3, 12)
SOLD_OUT, SHORT, OVER = 409312, 409321, 40911


@dataclass(frozen=True, slots=True)
class Canteen:
    """A database of its own: two meals with a dish of `portions` and two as many as one likes."""

    app: Flask
    meals: Sequence[int]
    items: Sequence[Sequence[int]]
    members: Sequence[Member]

    def order(self, number: int, dishes: Sequence[int] = (0,), meal: int = 0) -> service.Ordered:
        who, items = self.members[number], self.items[meal]
        wanted = Wanted(
            meal_service_id=self.meals[meal], person_id=who.person_id, mode=Mode.DINE_IN,
            dishes=[(items[dish], 1) for dish in dishes],
        )  # fmt: skip
        return service.order(db.session(), self.me(number), wanted, NOON)

    def me(self, number: int) -> Resident:
        return Resident(self.members[number].account_id, self.members[number].person_id)

    def at_once(self, count: int, call: Callable[[int], object]) -> list[object]:
        return at_once(self.app, NOON, count, call)

    def is_sound(self) -> bool:
        checks = (*check.CHECKS, *booking_check.CHECKS)
        with self.app.app_context():
            found = checking.run(db.session.connection(), checks, NOON)
            return [one.check.name for one in found if one.rows] == []

    def taken(self) -> list[int]:
        with self.app.app_context():
            return list(db.session.scalars(select(MenuItem.taken).order_by(MenuItem.id).limit(3)))


@pytest.fixture
def canteen(own_app: Flask, request: pytest.FixtureRequest) -> Canteen:
    portions, people = request.param
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        place = make.once("community", make.place)
        house = make.canteen(place)
        make.canteen_meal(house, meal=Meal.DINNER, from_minute=1020, until_minute=1100)
        dishes = [make.dish(house, name=name) for name in ("豆腐", "青菜", "鲈鱼")]
        worker = make.staff(place=place)
        me = SignedInStaff(
            worker.id, worker.name, (Scope(Role.WORKER, place.id, place.path, place.name),)
        )
        plan = [Planned(dish_id=dishes[0].id, capacity=portions),
                *(Planned(dish_id=one.id) for one in dishes[1:])]  # fmt: skip
        members = crowd(people, NOON)
        with transaction() as session:
            meals = [
                planning.set_menu(session, me, house.id, THURSDAY, meal, plan, NOON)
                for meal in (Meal.LUNCH, Meal.DINNER)
            ]
            planning.publish(session, me, house.id, THURSDAY, None, NOON)
            for number, who in enumerate(members):
                paid = Credit(
                    person_id=who.person_id, kind=EntryKind.TOP_UP, fen=2400, key=f"{number}"
                )
                ledger.credit(session, paid, Actor(), NOON)
        items = [
            db.session.scalars(
                select(MenuItem.id).where(MenuItem.meal_service_id == meal).order_by(MenuItem.id)
            ).all()
            for meal in meals
        ]
        return Canteen(own_app, meals, items, members)


def with_portions(portions: int, people: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("canteen", [(portions, people)], indirect=True)


@with_portions(100, 130)
def test_a_hundred_portions_and_more_orders(canteen: Canteen) -> None:
    """Dishes are named in different orders: nobody waits for each other in a circle."""

    def order(number: int) -> object:
        return canteen.order(number, [(0, 1, 2), (2, 0), (1, 0)][number % 3]).state

    answers = canteen.at_once(130, order)
    assert (answers.count("confirmed"), answers.count(SOLD_OUT)) == (100, 30)
    assert canteen.taken()[0] == 100
    assert canteen.is_sound()


@with_portions(1, THREADS)
def test_the_last_portion_is_sold_once(canteen: Canteen) -> None:
    answers = canteen.at_once(THREADS, lambda number: canteen.order(number).state)
    assert (answers.count("confirmed"), answers.count(SOLD_OUT)) == (1, THREADS - 1)
    assert canteen.is_sound()


@with_portions(50, 4)
def test_one_balance_is_spent_once(canteen: Canteen) -> None:
    """Lunch and dinner for 16 yuan each, from two phones, and 24 on the account."""
    for who in range(4):
        answers = canteen.at_once(
            2, lambda number, who=who: canteen.order(who, (0, 1), meal=number).state
        )
        assert sorted(map(str, answers)) == [str(SHORT), "confirmed"]
    with canteen.app.app_context():
        assert set(db.session.scalars(select(Purse.held_fen))) == {1600}
    assert canteen.is_sound()


@with_portions(50, 1)
def test_one_person_has_one_order(canteen: Canteen) -> None:
    choices = [(0,), (1,), (0, 2), (2,)]

    def order(number: int) -> object:
        return canteen.order(0, choices[number % 4]).booking_id

    assert len(set(canteen.at_once(8, order))) == 1
    assert canteen.is_sound()


@with_portions(50, 6)
def test_amended_and_given_back_at_once(canteen: Canteen) -> None:
    def first(number: int) -> int:
        return canteen.order(number).booking_id

    ids = canteen.at_once(6, first)

    def amend_or_cancel(number: int) -> object:
        who = number // 2
        if number % 2:
            return canteen.order(who, (1, 2)).is_new
        actor = Actor(account_id=canteen.members[who].account_id)
        return booking.cancel(db.session(), ids[who], actor, NOON)  # type: ignore[arg-type]

    canteen.at_once(THREADS, amend_or_cancel)
    assert canteen.is_sound()
    with canteen.app.app_context():
        stand = db.session.scalar(
            select(func.count()).where(Booking.state == State.CONFIRMED).select_from(Booking)
        )
        held = db.session.scalar(select(func.sum(Purse.held_fen)))
    assert canteen.taken() == [0, stand, stand]
    assert held == 1600 * stand


@with_portions(1, 2)
def test_the_control_sells_the_last_portion_twice(canteen: Canteen) -> None:
    """Who looks first, and then writes what they saw, sells one portion to two."""
    with canteen.app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite lets one writer in at a time")
    both, item = threading.Barrier(2), canteen.items[0][0]

    def naive(_number: int) -> object:
        session = db.session()
        taken = session.scalars(select(MenuItem.taken).where(MenuItem.id == item)).one()
        both.wait()
        session.execute(update(MenuItem).where(MenuItem.id == item).values(taken=taken + 1))
        return "confirmed"

    assert canteen.at_once(2, naive) == ["confirmed"] * 2
    assert canteen.taken()[0] == 1


@with_portions(40, 60)
def test_everybody_at_once_over_http(canteen: Canteen) -> None:
    """In company on PostgreSQL; each twice: a second tap with the same key gets the same order."""

    def tap(number: int) -> tuple[int, int | None]:
        who = canteen.members[number % 60]
        dishes = [{"id": item, "portions": 1} for item in canteen.items[0]]
        answer = canteen.app.test_client().post(
            f"/mp/v1/canteens/meals/{canteen.meals[0]}/orders",
            json={
                "person_id": who.person_id, "dishes": dishes, "mode": "dine_in", "pays_fen": 2400,
            },
            headers={"Authorization": f"Bearer {who.token}", "Idempotency-Key": "tap"},
        )  # fmt: skip
        data = answer.get_json()["data"]
        return answer.status_code, data.get("booking_id")

    with clock.frozen(NOON), ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(tap, range(120)))
    told = Counter(status for status, _booking_id in answers)
    assert told == {201: 40, 200: 40, 409: 40}
    assert len({ident for status, ident in answers if status != 409}) == 40
    assert canteen.taken() == [40, 40, 40]
    assert canteen.is_sound()
