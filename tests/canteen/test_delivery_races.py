"""Two schedulers plan one meal at the same moment: everybody has one stop, nobody two."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.canteen.delivery import planning
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.kitchen import closing
from backend.db import db, transaction
from tests.canteen.kitchens import AFTER, CUTOFF
from tests.canteen.routes import brought
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")


def test_two_schedulers_plan_once(own_app: Flask, now) -> None:
    with own_app.app_context():
        world = brought(Make(now), db.session())
        for floor in range(1, 10):
            world.order(f"翠园小区{floor % 3 + 1}号楼{floor}01")
        closing.close(db.session(), world.lunch.id, CUTOFF)
        db.session.commit()
        meal_id = world.lunch.id
    together = Barrier(4)

    def plan(_worker: int) -> int:
        with own_app.app_context():
            together.wait()
            try:
                with transaction() as session:
                    return planning.plan(session, meal_id, AFTER)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(plan, range(4))) == [0, 0, 0, 9]
    with own_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DeliveryStop)) == 9
        assert db.session.scalar(select(func.count()).select_from(DeliveryRun)) == 1
