"""Guests and walk-ins at several tablets want the same last portions: none is sold twice."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.guests import service as guests
from backend.canteen.guests.models import GuestLine, GuestSale
from backend.canteen.guests.service import GuestWish
from backend.canteen.models import MenuItem, Mode
from backend.canteen.ordering.models import MealLine
from backend.db import db
from backend.desk import meal_counter
from backend.desk.meal_counter import Sale
from tests.canteen.kitchens import cooked
from tests.canteen.races import at_once
from tests.canteen.serving import NOON
from tests.console import me_of
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")
LEFT, BUYERS, SOLD_OUT = 5, 24, 409312


def test_guests_and_walk_ins_never_get_more_than_there_is(own_app: Flask, now) -> None:
    with own_app.app_context():
        make = Make(now)
        meal = cooked(make, db.session())
        dish = meal.dish("清炒时蔬", 400)
        dish.capacity = LEFT
        people = [make.person(f"居民{number}").id for number in range(BUYERS)]
        me = me_of(make.staff("counter", make.once("community", make.place)))
        db.session.commit()
        item_id = dish.id

    def buy(number: int) -> object:
        key = f"tablet {number:02d}"
        if number % 2:
            wish = GuestWish(dishes=[(item_id, 1)], people=1, pays_fen=400, key=key)
            guests.sell(db.session(), me, meal.id, wish, NOON)
            return "guest"
        sale = Sale(
            person_id=people[number], dishes=[(item_id, 1)], mode=Mode.DINE_IN, pays_fen=400,
            in_cash=True, despite_diet=False, key=key,
        )  # fmt: skip
        meal_counter.sell(db.session(), me, meal.id, sale, NOON)
        return "resident"

    answers = Counter(at_once(own_app, NOON, BUYERS, buy))
    assert answers["guest"] + answers["resident"] == LEFT
    assert answers[SOLD_OUT] == BUYERS - LEFT
    with own_app.app_context():
        assert db.session.scalars(select(MenuItem.taken)).all() == [LEFT]
        assert len(db.session.scalars(select(GuestLine.portions)).all()) == answers["guest"]
        assert len(db.session.scalars(select(MealLine.portions)).all()) == answers["resident"]
        numbers = db.session.scalars(select(Receipt.number).order_by(Receipt.number)).all()
        assert numbers == list(range(1, LEFT + 1))


def test_one_button_sells_once_and_one_mistake_is_put_right_once(own_app: Flask, now) -> None:
    with own_app.app_context():
        make = Make(now)
        meal = cooked(make, db.session())
        dish = meal.dish("清炒时蔬", 400)
        dish.capacity = 2
        me = me_of(make.staff("counter", make.once("community", make.place)))
        db.session.commit()
        item_id = dish.id
    wish = GuestWish(dishes=[(item_id, 2)], people=2, pays_fen=800, key="one button")

    sold = at_once(
        own_app, NOON, 12, lambda _: guests.sell(db.session(), me, meal.id, wish, NOON)
    )  # fmt: skip
    [sale_id] = set(sold)
    at_once(
        own_app, NOON, 12,
        lambda _: guests.take_back(db.session(), me, sale_id, "不吃了", NOON),
    )  # fmt: skip
    with own_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(GuestSale)) == 1
        assert db.session.scalars(select(MenuItem.taken)).all() == [0]
        assert sorted(db.session.scalars(select(Receipt.fen))) == [-800, 800]
