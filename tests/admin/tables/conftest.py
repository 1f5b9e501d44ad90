"""A district whose tables staff keep."""

from datetime import date

import pytest

from backend.canteen.welfare.models import GridWorker
from backend.market.models import ProviderService
from backend.night_school.models import Term
from backend.places.models import Place
from tests.console import Console
from tests.factories import Make


@pytest.fixture
def district(make: Make) -> Place:
    make.once("community", make.place)
    return make.once("district", make.place)


@pytest.fixture
def manager(console: Console, make: Make, district: Place) -> Console:
    """Who manages the whole district."""
    return console.as_(make.staff("manager", district, name="刘建华"))


@pytest.fixture
def stocked(make: Make, district: Place) -> Make:
    """One row at least in every table."""
    make.run(teacher_id=make.teacher().id, room_id=make.room().id)
    make.notice()
    make.closure()
    make.day()
    make.rules(make.once("community", make.place))
    make.opening_day()
    barber = make.provider()
    make.add(ProviderService(provider_id=barber.id, service_id=make.service().id))
    make.paper(barber)
    make.canteen_day(make.once("canteen", make.canteen))
    make.dish()
    make.delivery_papers()
    community = make.once("community", make.place)
    make.add(GridWorker(place_id=community.id, name="何平", phone="13700000003"))
    return make


@pytest.fixture
def term(make: Make) -> Term:
    return make.add(Term(name="2026年春", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))
