"""What becomes of the days of a standing order: a table of rules, and what a list says of them."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from backend import clock
from backend.booking.service import Actor
from backend.canteen import cancelling
from backend.canteen.repeating import queries, service
from backend.canteen.repeating.days import DayState, Served, state_of
from backend.canteen.repeating.working import run
from tests.canteen.standing import WEEK, menus, plan

NOW = datetime(2026, 3, 11, 12, tzinfo=clock.LOCAL)
OPEN = Served(SimpleNamespace(), serves=True, closes_at=NOW + timedelta(seconds=1))
CLOSED = Served(SimpleNamespace(), serves=True, closes_at=NOW)
CALLED_OFF = Served(SimpleNamespace(), serves=False, closes_at=NOW + timedelta(days=1))
UNPLANNED = Served(None, serves=True, closes_at=NOW + timedelta(days=1))


def became(outcome: str, state: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(outcome=outcome, state=state)


@pytest.mark.parametrize(
    ("served", "tried", "more", "state"),
    [
        (OPEN, None, {}, "coming"),
        (UNPLANNED, None, {}, "coming"),
        (CLOSED, None, {}, "too_late"),
        (CALLED_OFF, None, {}, "not_served"),
        (OPEN, became("made", "confirmed"), {}, "made"),
        (CLOSED, became("made", "attended"), {}, "made"),
        (CLOSED, became("made", "missed"), {}, "made"),
        (OPEN, became("made", "cancelled"), {}, "given_back"),
        (CALLED_OFF, became("made", "cancelled"), {}, "not_served"),
        (OPEN, became("own"), {}, "own"),
        (OPEN, became("left_out"), {}, "left_out"),
        (CLOSED, became("left_out"), {}, "left_out"),
        (OPEN, None, {"skipped": True}, "skipped"),
        (CLOSED, None, {"rests": True}, "rests"),
        (CALLED_OFF, None, {"rests": True}, "not_served"),
    ],
)
def test_a_day_is_one_word(served, tried, more, state) -> None:
    given = {"skipped": False, "rests": False} | more
    assert state_of(served, tried, NOW, **given) == DayState(state)


def test_a_list_says_what_is_true_of_each_day(session, make, planner, kitchen, top_up, now) -> None:
    """Noon on Wednesday: today's cut-off was yesterday, before they were set up; on Thursday the
    canteen is closed, for Friday no menu is ever shown.
    """
    menus(make, session, planner, kitchen, now)
    make.canteen_day(kitchen.canteen)
    wang, poor = make.resident(), make.resident("李建国")
    top_up(wang.person.id, 100_00)
    for one in (wang, poor):
        asked = plan(one.person.id, kitchen.id, since=clock.today(now))
        service.set_up(session, asked, Actor(account_id=one.account.id), now)
    cancelling.cancel(session, planner, kitchen.id, WEEK[1], None, "停水", now)
    session.commit()

    def days(someone, at):
        [order] = queries.of_person(session, someone.person.id, at)
        return [(one["state"], one["why"], one["closed"]) for one in order["days"]]

    made, coming = ("made", None, False), ("coming", None, False)
    gone = ("not_served", None, True)
    assert days(wang, now) == [
        gone, coming, made, gone, made, made, made, *[coming] * 2,
    ]  # fmt: skip
    monday_closed = datetime(2026, 3, 13, 16, tzinfo=clock.LOCAL)
    run(kitchen.id, monday_closed, lambda: False)
    assert days(poor, monday_closed)[:3] == [
        ("too_late", None, True), ("left_out", "money", True), gone,
    ]  # fmt: skip
