"""Recurring and single requests for the same rooms, all approved in the same instant."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db, transactional
from backend.people.queries import Resident
from backend.places.models import Place, Room
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from backend.venues.series import deciding, making
from backend.venues.series.dates import Pattern
from tests.booking.crowd import Member
from tests.factories import Make
from tests.venues.test_races import THREADS, Races, _approve, _reserve, races  # noqa: F401

pytestmark = pytest.mark.xdist_group("races")

WEEKS = 3


def test_series_and_single_requests_are_approved_at_once(races: Races) -> None:  # noqa: F811
    """Every third asks for three weeks; of any two that compete one gets the hour, nobody both."""
    make = Make(races.now)
    for room_id in races.rooms:
        room = db.session.get_one(Room, room_id)
        make.rules(room, approval=True, audience="everyone", series_dates=WEEKS, series_days=60)
    place = db.session.scalars(select(Place)).first()
    clerk = make.staff("worker", place)
    scope = Scope(Role.WORKER, place.id, place.path, place.name)
    me = SignedInStaff(clerk.id, clerk.name, (scope,))
    day = clock.local(races.now).replace(hour=12, minute=0, second=0, microsecond=0)
    reserve, ask = transactional(_reserve), transactional(_ask)
    approve, approve_all = transactional(_approve), transactional(_approve_all)
    asked = []
    for number, member in enumerate(races.members):
        dice = random.Random(number)
        start = day + timedelta(days=3, minutes=30 * dice.randrange(12))
        span = (races.rooms[number % 3], start, start + timedelta(minutes=30 * dice.randint(1, 4)))
        if dice.randrange(3):
            asked.append((approve, reserve(member, span, races.now)))
        else:
            asked.append((approve_all, ask(member, span, races.now)))

    def call(number: int, _dice: random.Random, _member: Member) -> object:
        verb, ident = asked[number]
        return verb(me, ident, races.now)

    answers = races.all_at_once(call)
    assert {one for one in answers if one != "approved"} <= {409130}  # another's approval decided
    assert len([one for one in answers if one == "approved"]) < THREADS
    db.session.rollback()
    assert set(db.session.scalars(select(Booking.state))) == {"confirmed", "declined"}
    assert races.overlaps() == 0
    assert races.wrong() == {}


def _ask(me: Member, wanted: tuple[int, datetime, datetime], now: datetime) -> int:
    room_id, starts_at, ends_at = wanted
    asked = making.Wanted(
        room_id=room_id, person_id=me.person_id, title="排练", headcount=5,
        pattern=Pattern(starts_at=starts_at, ends_at=ends_at, times=WEEKS),
    )  # fmt: skip
    return making.reserve(db.session(), Resident(me.account_id, me.person_id), asked, now).series_id


def _approve_all(me: SignedInStaff, series_id: int, now: datetime) -> str:
    deciding.approve(db.session(), me, series_id, now)
    return "approved"
