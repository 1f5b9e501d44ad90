"""Somebody who plans markets in a community, and plans to vary."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from backend.db import db
from backend.market.fitting import StallPlan
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.console import Console
from tests.factories import Make


@pytest.fixture
def session(app):
    return db.session()


@pytest.fixture
def console(app) -> Console:
    return Console(app)


@pytest.fixture
def planner(make: Make) -> SignedInStaff:
    """A worker of the community."""
    place = make.once("community", make.place)
    someone = make.staff(place=place)
    scope = Scope(Role.WORKER, place.id, place.path, place.name)
    return SignedInStaff(someone.id, someone.name, (scope,))


@pytest.fixture
def market(make: Make, planner) -> SimpleNamespace:
    """A market day, a barber with a certificate, and `plan(...)` for a stall from 9 to 11."""
    place = make.once("community", make.place)
    service = make.service(papers=["health"])
    barber = make.provider()
    make.paper(barber)
    usual = StallPlan(
        service_id=service.id, provider_ids=(barber.id,), from_minute=540, until_minute=660,
        slot_minutes=15, at_once=1, walk_up_percent=50,
    )  # fmt: skip
    return SimpleNamespace(
        place=place, day=make.market_day(place), service=service, barber=barber,
        plan=lambda **given: replace(usual, **given),
    )  # fmt: skip
