"""Classes below their least number: when they are flagged, and each decision."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking.errors import Cancelled
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school import classes, desk, minimum
from backend.night_school.errors import NothingToDecide
from backend.staff.models import AuditEntry
from tests.factories import fresh
from tests.night_school.staffing import signed_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def worker(make):
    return signed_in(make.staff("worker"))


@pytest.fixture
def small(make):
    """Sign-up closed an hour ago; eight were needed, nobody came."""
    return make.run(minimum=8, closes_at=make.now - HOUR, opens_at=make.now - DAY)


def do(verb, *args):
    with transaction() as session:
        return verb(session, *args)


def flagged(me, now):
    return [one["id"] for one in minimum.list_too_small(db.session, me, now)]


def notes(action):
    return db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


@pytest.mark.parametrize(
    ("given", "is_flagged"),
    [
        ({}, True),
        ({"minimum": None}, False),
        ({"taken": 7}, True),
        ({"taken": 8}, False),
        ({"closes_in": HOUR}, False),
        ({"closes_in": timedelta()}, True),
        ({"closes_in": None}, False),
        ({"published_at": None}, False),
        ({"cancelled": True}, False),
        ({"over": True}, False),
    ],
)
def test_when_a_class_is_flagged(make, worker, given, is_flagged) -> None:
    now = make.now
    closes_in = given.get("closes_in", -HOUR)
    run = make.run(
        minimum=given.get("minimum", 8), taken=given.get("taken", 0), opens_at=now - DAY,
        closes_at=None if closes_in is None else now + closes_in,
        published_at=given.get("published_at", now - DAY),
        cancelled_at=now if given.get("cancelled") else None,
        lead=timedelta(weeks=-4) if given.get("over") else DAY,
    )  # fmt: skip
    assert (flagged(worker, now) == [run.id]) is is_flagged
    shown = classes.get_class(db.session, worker, run.id)
    assert bool(minimum.standing(shown, now)["due"]) is is_flagged


def test_running_it_anyway_ends_the_question_with_a_reason(small, worker, now) -> None:
    do(minimum.run_anyway, worker, small.id, "老师愿意", now)
    do(minimum.run_anyway, worker, small.id, "老师愿意", now)
    assert flagged(worker, now + DAY) == []
    (note,) = notes("class.run_anyway")
    assert (note.staff_id, note.at) == (worker.staff_id, now)
    assert note.after["reason"] == "老师愿意"


def test_extending_asks_again_when_the_new_end_has_come(small, worker, now) -> None:
    until = now + 2 * DAY
    do(minimum.extend, worker, small.id, until, "再等等", now)
    assert fresh(small).closes_at == until
    assert flagged(worker, now) == []
    assert flagged(worker, until) == [small.id]
    assert notes("class.extend")[0].after["reason"] == "再等等"


def test_cancelling_it_ends_the_question(small, worker, now) -> None:
    do(desk.cancel_class, worker, small.id, "人数不足", now)
    assert flagged(worker, now) == []
    for verb, args in (
        (minimum.run_anyway, ("原因",)), (minimum.extend, (now + DAY, "原因")),
        (minimum.set_minimum, (3,)),
    ):  # fmt: skip
        with pytest.raises(Cancelled):
            do(verb, worker, small.id, *args, now)


@pytest.mark.parametrize("after", [timedelta(), -HOUR, timedelta(days=7, minutes=1)])
def test_sign_up_is_extended_to_before_the_first_lesson(small, worker, now, after) -> None:
    with pytest.raises(Invalid):
        do(minimum.extend, worker, small.id, now + after, "再等等", now)


def test_nothing_is_decided_that_is_not_open(make, worker, now) -> None:
    run = make.run(minimum=8)
    for verb, args in ((minimum.run_anyway, ("原因",)), (minimum.extend, (now + DAY, "原因"))):
        with pytest.raises(NothingToDecide):
            do(verb, worker, run.id, *args, now)


def test_another_number_is_looked_at_anew(small, worker, now) -> None:
    do(minimum.run_anyway, worker, small.id, "老师愿意", now)
    do(minimum.set_minimum, worker, small.id, 8, now)
    assert flagged(worker, now) == []
    do(minimum.set_minimum, worker, small.id, 5, now)
    assert flagged(worker, now) == [small.id]
    with pytest.raises(Invalid):
        do(minimum.set_minimum, worker, small.id, 31, now)
    do(minimum.set_minimum, worker, small.id, None, now)
    assert flagged(worker, now) == []


@pytest.mark.parametrize("role", ["worker", "manager", "teacher"])
def test_others_neither_see_nor_decide(small, make, now, role) -> None:
    me = signed_in(make.staff(role, None if role == "teacher" else make.place()))
    assert flagged(me, now) == []
    for verb, args in (
        (minimum.run_anyway, ("原因",)), (minimum.extend, (now + DAY, "原因")),
        (minimum.set_minimum, (3,)),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            do(verb, me, small.id, *args, now)
