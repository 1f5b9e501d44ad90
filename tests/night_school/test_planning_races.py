"""Two clerks at once: the same teacher, the same room, overlapping terms; one of them is told."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db, transactional
from backend.errors import Invalid, Refusal
from backend.night_school.models import CourseRun, Term
from backend.night_school.planning.opening import plan_class
from backend.tables import TABLES, writing
from tests.conftest import NOON
from tests.factories import Make
from tests.night_school.staffing import signed_in
from tests.night_school.test_planning import wish


def at_once(app, works) -> list[str]:
    """What each of them got, all begun at the same moment."""
    gate, told = threading.Barrier(len(works)), []

    def run(work) -> None:
        with app.app_context():
            gate.wait()
            try:
                transactional(work)()
                told.append("done")
            except Refusal as refusal:
                told.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


@pytest.fixture
def make(own_app):
    with own_app.app_context(), clock.frozen(NOON):
        yield Make(NOON)


@pytest.mark.parametrize("shared", ["teacher", "room"])
def test_only_one_of_two_plans_fits(own_app, make, shared) -> None:
    term = make.add(Term(name="春", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))
    given = {"teacher_id": make.teacher().id} if shared == "teacher" else {
        "room_id": make.room().id}  # fmt: skip
    plan, me = wish(make, term, **given), signed_in(make.staff("worker"))
    db.session.rollback()
    works = [lambda: plan_class(db.session(), me, plan, NOON)] * 2
    told = at_once(own_app, works)
    assert told[-1] == "done"
    assert told[0] in ("PlanClashes", "RoomTaken")
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 1


def test_only_one_of_two_overlapping_terms_is_made(own_app, make) -> None:
    me = signed_in(make.staff("manager", make.once("district", lambda: make.place("district"))))
    db.session.rollback()

    def term(name: str):
        asked = {"name": name, "starts_on": "2026-04-01", "ends_on": "2026-07-01"}
        return lambda: writing.create_row(db.session(), me, TABLES["terms"], asked, NOON)

    assert at_once(own_app, [term("春"), term("夏")]) == [Invalid.__name__, "done"]
    assert db.session.scalar(select(func.count()).select_from(Term)) == 1
