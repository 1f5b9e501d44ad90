"""Two report at the same moment that nobody answered: there is one case, told once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select

from backend import clock
from backend.canteen.models import Mode
from backend.canteen.welfare import service
from backend.canteen.welfare.models import WelfareCase, WelfareStep
from backend.db import db, transaction
from backend.reminders.models import Reminder
from tests.canteen.kitchens import DAY, cooked
from tests.factories import Make

KNOCKED = clock.at_minute(DAY, 670)


def test_two_openings_at_once_are_one_case(own_app: Flask, now) -> None:
    with own_app.app_context():
        make = Make(now)
        meal = cooked(make, db.session())
        meal.dish("清炒时蔬", 400)
        booking_id = meal.order(make.person("王秀英"), {"清炒时蔬": 1}, Mode.DELIVERY, "3号楼").id
        staff_id = make.staff("worker").id
        db.session.remove()
    first = threading.Barrier(4)

    def report(number: int) -> int | None:
        with own_app.app_context():
            first.wait()
            with transaction() as session:
                return service.open_case(
                    session, booking_id, staff_id=staff_id, at=KNOCKED, key=f"phone-{number}",
                    now=KNOCKED,
                )  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        cases = list(pool.map(report, range(4)))
    assert len(set(cases)) == 1
    with own_app.app_context():
        for table, rows in ((WelfareCase, 1), (WelfareStep, 4), (Reminder, 1)):
            assert db.session.scalar(select(func.count()).select_from(table)) == rows
