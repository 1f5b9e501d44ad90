"""Markets from a template: on which day, once a month, as far as people, place and rooms allow."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from backend import clock
from backend.errors import NotFound
from backend.market import planning, plans
from backend.market.errors import MonthMade, NoStalls
from backend.market.models import MarketDay, Stall
from backend.market.repeating import queries, service
from backend.market.repeating.dates import LAST, Rule, ahead
from backend.market.repeating.models import TemplateMonth
from tests.market import confirming

SECOND = Rule(2, 5)
MARCH, APRIL, MAY = date(2026, 3, 14), date(2026, 4, 11), date(2026, 5, 9)


@pytest.mark.parametrize(
    ("rule", "month", "day"),
    [
        (SECOND, date(2026, 3, 1), MARCH),
        (Rule(1, 6), date(2026, 3, 1), date(2026, 3, 1)),
        (Rule(LAST, 6), date(2026, 3, 1), date(2026, 3, 29)),
        (Rule(LAST, 5), date(2026, 2, 1), date(2026, 2, 28)),
        (Rule(day_of_month=28), date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_on_which_day_of_a_month(rule, month, day) -> None:
    assert rule.in_month(month) == day


@given(
    st.dates(date(2020, 1, 1), date(2060, 12, 1)),
    st.builds(Rule, st.integers(1, LAST), st.integers(0, 6))
    | st.builds(Rule, day_of_month=st.integers(1, 28)),
)
def test_every_month_has_one_and_the_next_come_in_order(after: date, rule: Rule) -> None:
    found = ahead(rule, after, 6)
    assert len(found) == 6
    assert found[0] > after
    for before, day in pairwise(found):
        assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == 1
    for day in found:
        if rule.day_of_month is not None:
            assert day.day == rule.day_of_month
            continue
        assert day.weekday() == rule.weekday
        last = day.day + 7 > monthrange(day.year, day.month)[1]
        assert last if rule.week == LAST else (day.day - 1) // 7 + 1 == rule.week


@pytest.fixture
def template(session, planner, market, make, now) -> int:
    """The market of the 14th of March, held every second Saturday."""
    planning.add_stall(session, planner, market.day.id, market.plan(breaks=((600, 615),)), now)
    return service.set_up(session, planner, market.day.id, SECOND, now)


def days(session) -> list[date]:
    return list(session.scalars(select(MarketDay.day).order_by(MarketDay.day)))


def test_months_are_made_ahead_as_drafts_and_once(session, planner, template, now) -> None:
    assert service.due(session, now) == [template]
    assert service.make_due(session, template, now) == 1
    assert days(session) == [MARCH, APRIL]
    [made] = session.scalars(select(MarketDay).where(MarketDay.day == APRIL))
    assert made.opened_at is None
    shown = plans.get_day(session, planner, made.id)
    assert [(one["service"], one["people"], one["breaks"]) for one in shown["stalls"]] == [
        ("理发", ["李师傅"], [[600, 615]])
    ]
    assert service.due(session, now) == []
    assert service.make_due(session, template, now) == 0
    confirming.cancel_day(session, planner, made.id, now)  # what was cancelled is not made again
    assert service.make_due(session, template, now) == 0
    with pytest.raises(MonthMade):
        service.make(session, planner, template, APRIL, now)
    later = now + timedelta(days=20)
    assert service.make_due(session, template, later) == 1
    assert days(session) == [MARCH, APRIL, MAY]
    service.end(session, planner, template, later)
    assert service.due(session, later + timedelta(days=60)) == []


def test_what_clashes_is_left_out_and_listed(session, planner, market, make, template, now) -> None:
    nurse = make.provider("严护士")
    make.paper(nurse, valid_until=date(2026, 4, 1))
    plan = market.plan(provider_ids=(nurse.id,), from_minute=600, until_minute=700)
    planning.add_stall(session, planner, market.day.id, plan, now)
    other = service.set_up(session, planner, market.day.id, SECOND, now)
    estate = make.market_day(make.place("estate", market.place), day=APRIL)
    planning.add_stall(session, planner, estate.id, market.plan(), now)
    coming = queries.get_template(session, planner, other, now)["coming"]
    assert coming[0]["day"] == MARCH
    assert coming[0]["made"].market_day_id == market.day.id
    april = coming[1]["clashes"]
    assert [
        "李师傅这段时间已经安排在" in april[0],
        "严护士的健康证只到 2026-04-01" in april[1],
    ] == [True] * 2
    made = service.make(session, planner, other, APRIL, now)
    assert made.left_out == april
    assert (
        session.scalars(select(Stall).where(Stall.market_day_id == made.market_day_id)).all() == []
    )
    assert service.make_due(session, template, now) == 0  # the place has a market that day
    [noted] = session.scalars(
        select(TemplateMonth).where(
            TemplateMonth.template_id == template, TemplateMonth.month == date(2026, 4, 1)
        )
    )
    assert (noted.market_day_id, "已经有一场集市了" in noted.left_out[0]) == (None, True)
    confirming.cancel_day(session, planner, made.market_day_id, now)
    assert service.make(session, planner, template, APRIL, now).market_day_id is not None


def test_a_holiday_is_shown(session, planner, market, make, now) -> None:
    planning.add_stall(session, planner, market.day.id, market.plan(), now)
    ident = service.set_up(session, planner, market.day.id, Rule(day_of_month=1), now)
    coming = queries.get_template(session, planner, ident, now)["coming"]
    assert {one["day"]: one["holiday"] for one in coming}[date(2026, 5, 1)] == "劳动节"


def test_whose_and_when(session, planner, market, make, now) -> None:
    with pytest.raises(NoStalls):
        service.set_up(session, planner, market.day.id, SECOND, now)
    planning.add_stall(session, planner, market.day.id, market.plan(), now)
    ident = service.set_up(session, planner, market.day.id, SECOND, now)
    with pytest.raises(NotFound):
        service.make(session, planner, ident, date(2026, 4, 12), now)
    with pytest.raises(NotFound):
        service.access(session, planner, 99)
    service.change(session, planner, ident, "春季集市", "东门", Rule(day_of_month=20))
    at = datetime(2026, 4, 1, 12, tzinfo=clock.LOCAL)
    first, *_later = queries.get_template(session, planner, ident, at)["coming"]
    assert first["day"] == date(2026, 4, 20)
