"""A hall of two halves, open from 9 to 21, and how a test asks for a piece of time in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend import clock
from backend.db import db
from backend.places.models import Atom, Place, Room
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from backend.venues.service import Wanted
from tests.factories import Make, Signed


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In the days after the tests' Wednesday, on the wall."""
    return datetime(2026, 3, 11, tzinfo=clock.LOCAL) + timedelta(
        days=day, hours=hour, minutes=minute
    )


@dataclass(frozen=True, slots=True)
class House:
    """A community's house with a divisible hall."""

    place: Place
    hall: Room
    left: Room
    right: Room

    def wanted(self, room: Room, who: Signed, start: datetime, hours: float = 1, **more: Any):
        """A wish of somebody for themselves."""
        return Wanted(
            **{
                "room_id": room.id, "person_id": who.person.id, "starts_at": start,
                "ends_at": start + timedelta(hours=hours), "title": "合唱排练", "headcount": 8,
            }
            | more
        )  # fmt: skip


@pytest.fixture
def house(make: Make) -> House:
    place = make.once("community", make.place)
    left, right = (make.add(Atom(place_id=place.id, name=name)) for name in ("东半厅", "西半厅"))
    made = House(
        place,
        make.open_room(place, [left, right], name="多功能厅", capacity=80),
        make.open_room(place, [left], name="东半厅"),
        make.open_room(place, [right], name="西半厅"),
    )
    make.rules(place)
    return made


@pytest.fixture
def neighbour(make: Make) -> Callable[[str], Signed]:
    """Residents of the house's community."""
    place = make.once("community", make.place)
    return lambda name="王秀英", **given: make.resident(name, home_place_id=place.id, **given)


@pytest.fixture
def worker(make: Make, house: House) -> SignedInStaff:
    """Who books for residents in the house's community."""
    someone = make.staff("worker", house.place)
    scope = Scope(Role.WORKER, house.place.id, house.place.path, house.place.name)
    return SignedInStaff(someone.id, someone.name, (scope,))


@pytest.fixture
def session(app):
    return db.session()
