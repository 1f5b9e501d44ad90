"""Many at once: one courier has the run, and one bag is handed over once."""

import collections
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.canteen.carrying import claiming, ticking
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.serving.models import MealServed
from backend.canteen.serving.service import undo
from backend.db import db, transactional
from backend.errors import Refusal
from tests.canteen.runs import carried
from tests.canteen.serving import Counter
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
MANY = 6


def at_once(app: Flask, verb: Callable[[int], object]) -> collections.Counter[object]:
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
        return collections.Counter(pool.map(one, range(MANY)))


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


def test_no_run_comes_back_with_a_bag_that_is_to_be_brought_again(own_app: Flask) -> None:
    """The courier closes the run at the moment in which the counter takes a collection back."""
    with own_app.app_context():
        lunch = carried(Make(NOON), db.session())
        rider = lunch.staff()
        me, counter = lunch.me(rider), Counter(db.session(), rider.id)
        runs = {}
        for name in ("王秀英", "李国强", "周强", "赵玉兰"):
            run_id = lunch.run(rider, name).id
            runs[run_id] = counter.serve(lunch.bookings[name], NOON).id

    for run_id, served_id in runs.items():

        def either(number: int, run_id: int = run_id, served_id: int = served_id) -> None:
            if number % 2:
                claiming.back(db.session(), me, run_id, 1, NOON)
            else:
                undo(db.session(), served_id, staff_id=me.staff_id, reason="点错了", now=NOON)

        at_once(own_app, either)
    with own_app.app_context():
        found = select(DeliveryRun.back_at.is_(None), DeliveryStop.state)
        rows = db.session.execute(found.join(DeliveryStop, DeliveryStop.run_id == DeliveryRun.id))
        assert {tuple(row) for row in rows} <= {(True, "todo"), (False, "gone")}
