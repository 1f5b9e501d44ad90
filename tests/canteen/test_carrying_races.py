"""Many at once: one courier has the run, and one bag is handed over once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.canteen.carrying import claiming, ticking
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery.models import DeliveryRun
from backend.canteen.serving.models import MealServed
from backend.db import db, transactional
from backend.errors import Refusal
from tests.canteen.runs import carried
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
MANY = 6


def at_once(app: Flask, verb: Callable[[int], object]) -> Counter[object]:
    """What became of each of MANY calls: `done`, or the refusal's name."""
    ready = threading.Barrier(MANY)

    def one(number: int) -> object:
        with app.app_context():
            ready.wait()
            try:
                transactional(verb)(number)
            except Refusal as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(one, range(MANY)))


def test_one_has_the_run_and_a_bag_is_handed_over_once(own_app: Flask) -> None:
    with own_app.app_context():
        lunch = carried(Make(NOON), db.session())
        couriers = [lunch.me(lunch.staff(name=f"送餐员{n}")) for n in range(MANY)]
        free = lunch.run().id
        busy = lunch.staff()
        out = lunch.run(busy, "王秀英")
        me, run_id, stop_id = lunch.me(busy), out.id, lunch.stops["王秀英"].id
        code = lunch.bookings["王秀英"].short_code

    def claim(number: int) -> None:
        claiming.claim(db.session(), couriers[number], free, NOON)

    def tick(number: int) -> None:
        ticked = Tick(outcome=Outcome.DONE, key=f"key {number % 3}", at=NOON, code=code)
        ticking.tick(db.session(), me, run_id, stop_id, ticked, NOON)

    assert at_once(own_app, claim) == {"done": 1, "RunTaken": MANY - 1}
    told = at_once(own_app, tick)
    assert told["done"] == 2  # the one that was first, and the same sent again
    assert sum(told.values()) == MANY
    with own_app.app_context():
        assert db.session.get_one(DeliveryRun, free).courier_id is not None
        assert db.session.scalar(select(func.count(MealServed.id))) == 1
