"""A canteen's month: entered, published as it stands, taken back; then everybody reads it."""

from datetime import date, timedelta

import pytest

from backend.canteen.claims.errors import PeriodNotOver
from backend.canteen.ordering.models import MealCut
from backend.canteen.public_months import service
from tests.canteen.eaten import Eaten, three_lunches
from tests.console import me_of
from tests.factories import Make

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def eaten(make: Make, session) -> Eaten:
    return three_lunches(make, session)


@pytest.fixture
def me(make: Make, eaten):
    return me_of(make.staff("accountant", name="沈会计"))


def test_published_as_it_stands(session, eaten, me, now) -> None:
    place = eaten.canteen.id
    assert service.list_public(session, None)["months"] == []
    service.enter(session, me, place, FEBRUARY, 600_00, "二月放假，供餐 16 天")
    service.publish(session, me, place, FEBRUARY, now)
    [row] = service.list_public(session, None)["canteens"]
    expected = {"meals": 2, "income_fen": 3 * 1699, "subsidy_fen": 2 * 301, "cost_fen": 600_00}
    assert row.items() >= expected.items()
    eaten.make.add(MealCut(booking_id=eaten.served()[0], part=0, payer="city", fen=60))
    assert service.list_months(session, me, FEBRUARY)[0].now.subsidy_fen == 2 * 301 - 60
    eaten.order(eaten.make.person("李建国"), eaten.make.subsidy(name="另一条"), date(2026, 2, 13))
    assert service.list_public(session, FEBRUARY)["canteens"] == [row]
    [month] = service.list_months(session, me, FEBRUARY)
    assert (month.differs, month.now.meals) == (True, 3)
    service.take_back(session, me, place, FEBRUARY)
    assert service.list_public(session, None)["canteens"] == []
    service.publish(session, me, place, FEBRUARY, now)
    assert service.list_public(session, None)["canteens"][0]["meals"] == 3


def test_not_before_the_month_is_over(session, eaten, me, now) -> None:
    service.enter(session, me, eaten.canteen.id, MARCH, 100, None)
    with pytest.raises(PeriodNotOver):
        service.publish(session, me, eaten.canteen.id, MARCH, now)
    service.publish(session, me, eaten.canteen.id, MARCH, now + timedelta(days=21))
