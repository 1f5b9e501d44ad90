"""Somebody who plans the menus of a canteen, with three dishes to put on them."""

from collections.abc import Callable
from itertools import count
from types import SimpleNamespace

import pytest

from backend.booking.models import Booking, State
from backend.db import db
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.factories import Make


@pytest.fixture
def session(app):
    return db.session()


@pytest.fixture
def planner(make: Make) -> SignedInStaff:
    """A worker of the community."""
    place = make.once("community", make.place)
    someone = make.staff(place=place)
    scope = Scope(Role.WORKER, place.id, place.path, place.name)
    return SignedInStaff(someone.id, someone.name, (scope,))


@pytest.fixture
def kitchen(make: Make) -> SimpleNamespace:
    """A canteen and its dishes."""
    canteen = make.once("canteen", make.canteen)
    return SimpleNamespace(
        id=canteen.id, canteen=canteen, tofu=make.dish(),
        fish=make.dish(name="清蒸鲈鱼", list_fen=1800, allergens=["fish"]),
        greens=make.dish(name="清炒时蔬", list_fen=400, allergens=[]),
    )  # fmt: skip


@pytest.fixture
def meal_of(make: Make, now) -> Callable[[int], int]:
    """A booking of a person to hold money for, made without the canteen's own verbs; its id."""
    run, numbers = make.run(), count(1)

    def book(person_id: int) -> int:
        number = next(numbers)
        row = Booking(
            bookable_id=run.id, person_id=person_id, state=State.CANCELLED, starts_at=now,
            ends_at=now, code=f"code-{number}", short_code="123456", created_at=now,
        )  # fmt: skip
        return make.add(row).id

    return book
