"""Two tablets hand over one meal: one wins. Given back at the same moment: one of the two holds."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend import clock
from backend.booking import service as booking_service
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.models import Purse
from backend.canteen.models import MenuItem, Mode
from backend.canteen.serving import service
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import db, transactional
from backend.desk import meal_counter
from backend.desk.meal_counter import Sale
from backend.errors import Refusal
from tests.canteen.kitchens import cooked
from tests.canteen.serving import NOON
from tests.console import me_of
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")
THREADS, MEALS, SERVED, SOLD_OUT = 12, 6, 409371, 409312


def at_once(app: Flask, count: int, call: Callable[[int], object]) -> list[object]:
    first = threading.Barrier(min(count, THREADS))

    def one(number: int) -> object:
        with app.app_context():
            if number < first.parties:
                first.wait()
            try:
                return transactional(call)(number)
            except Refusal as refusal:
                return refusal.errcode
            finally:
                db.session.remove()

    with clock.frozen(NOON), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(count)))


def test_tablets_at_one_meal_and_an_order_given_back(own_app: Flask, now: datetime) -> None:
    with own_app.app_context():
        make = Make(now)
        meal = cooked(make, db.session())
        meal.dish("清炒时蔬", 400)
        orders = [
            meal.order(make.person(f"居民{number}"), {"清炒时蔬": 1}).id for number in range(MEALS)
        ]
        staff_id = make.staff("counter").id
        db.session.commit()

    def serve(booking_id: int, key: str) -> bool:
        return service.serve(
            db.session(), booking_id, way=Way.COUNTER, proof=Proof.LIST, staff_id=staff_id,
            at=NOON, key=key, now=NOON,
        ).is_new  # fmt: skip

    answers = at_once(own_app, 24, lambda n: serve(orders[0], f"tablet {n}"))
    assert Counter(answers) == {True: 1, SERVED: 23}
    answers = at_once(own_app, 24, lambda _: serve(orders[1], "the same tap"))
    assert Counter(answers) == {True: 1, False: 23}

    def serve_or_give_back(number: int) -> object:
        order = orders[2 + number // 2 % (MEALS - 2)]
        if number % 2:
            return serve(order, f"either {number}")
        actor = Actor(staff_id=staff_id)
        return booking_service.cancel(db.session(), order, actor, NOON, "不吃了")

    at_once(own_app, 2 * (MEALS - 2), serve_or_give_back)
    with own_app.app_context():
        eaten = db.session.scalars(select(Booking.id).where(Booking.state == State.ATTENDED)).all()
        served = db.session.scalars(
            select(MealServed.booking_id).where(MealServed.undone_at.is_(None))
        ).all()
        assert sorted(eaten) == sorted(served)
        gone = db.session.scalar(
            select(func.count()).where(Booking.state == State.CANCELLED).select_from(Booking)
        )
        assert gone + len(eaten) == MEALS


def test_a_walk_in_is_sold_one_meal_however_often_it_is_tapped(own_app: Flask, now) -> None:
    """And the last portion goes to one of two who stand at two tablets."""
    with own_app.app_context():
        make = Make(now)
        meal = cooked(make, db.session())
        dish = meal.dish("清炒时蔬", 400)
        dish.capacity = 2
        chen, others = make.person("陈静"), [make.person(name) for name in ("李静", "王静")]
        me = me_of(make.staff("counter", make.once("community", make.place)))
        db.session.commit()
        item_id, people = dish.id, [chen.id, *(one.id for one in others)]

    def sell(person_id: int, key: str) -> int:
        sale = Sale(
            person_id=person_id, dishes=[(item_id, 1)], mode=Mode.DINE_IN, pays_fen=400,
            in_cash=True, despite_diet=False, key=key,
        )  # fmt: skip
        return meal_counter.sell(db.session(), me, meal.id, sale, NOON)

    answers = at_once(own_app, 12, lambda _: sell(people[0], "one button"))
    assert len(set(answers)) == 1
    answers = at_once(own_app, 2, lambda n: sell(people[n + 1], f"tablet {n}"))
    assert answers.count(SOLD_OUT) == 1
    with own_app.app_context():
        assert db.session.scalars(select(MenuItem.taken)).all() == [2]
        assert db.session.scalars(select(Receipt.fen)).all() == [400, 400]
        assert db.session.scalars(select(Purse.balance_fen)).all() == [0, 0]
        eaten = select(func.count()).where(MealServed.undone_at.is_(None))
        assert db.session.scalar(eaten.select_from(MealServed)) == 2
