"""Reservations that changed opening hours leave outside: which they are, ending those chosen."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.commands.check import audit
from backend.db import db
from backend.errors import NotFound
from backend.places.models import Venue
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from backend.venues import errors, outside, service
from backend.venues.models import RoomRules
from backend.venues.service import Change
from tests.venues.conftest import at


@pytest.fixture
def venue(house, session):
    return session.get_one(Venue, house.hall.venue_id)


@pytest.fixture
def reserve(house, neighbour, session, now):
    def make_one(name="王秀英", room=None, start=None, **more):
        who = neighbour(name)
        asked = house.wanted(room or house.hall, who, start or at(2, 14), **more)
        return service.reserve(session, who.me, asked, now).booking_id

    return make_one


def found(session, worker, venue, now) -> list[int]:
    return [hit.booking_id for hit in outside.list_outside(session, worker, venue.id, now)[0]]


def closed_day(make, house, venue, day) -> None:
    make.opening_day(venue, day=day)


def shorter_day(make, house, venue, day) -> None:
    make.opening_day(venue, day=day, hours="09:00-14:30")


def other_room(make, house, venue, day) -> None:
    make.opening_day(venue, room_id=house.left.id, day=day)


def closure(make, house, venue, day) -> None:
    make.closure(house.place, starts_on=day, ends_on=day)


def room_rules(make, house, venue, day) -> None:
    make.rules(house.hall, friday="09:00-12:00")


def holiday(make, house, venue, day) -> None:
    rules = db.session.scalars(select(RoomRules)).one()
    rules.holiday = ""
    make.day(day)


def longer_day(make, house, venue, day) -> None:
    make.opening_day(venue, day=day, hours="08:00-22:00")


@pytest.mark.parametrize(
    ("change", "hit"),
    [
        (closed_day, True), (shorter_day, True), (other_room, False), (closure, True),
        (room_rules, True), (holiday, True), (longer_day, False),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)  # fmt: skip
def test_which_changes_leave_it_outside(
    house, make, venue, reserve, worker, session, now, change, hit
) -> None:
    booking_id, _untouched = reserve(), reserve("李建国", start=at(3, 14))
    assert found(session, worker, venue, now) == []
    change(make, house, venue, at(2, 0).date())
    assert found(session, worker, venue, now) == ([booking_id] if hit else [])
    expected = Counter({venue.id: 1}) if hit else Counter()
    assert outside.count(session, worker, now) == expected
    assert found(session, worker, venue, at(2, 14)) == []  # it has begun: staff see them there


def test_requests_and_nights(house, make, venue, reserve, worker, session, now) -> None:
    make.rules(house.hall, approval=True)
    make.rules(house.left, friday="18:00-02:00", saturday="")
    asked = reserve()
    night = reserve("李建国", house.left, at(2, 23), hours=2)
    assert found(session, worker, venue, now) == []
    make.opening_day(venue, day=at(3, 0).date())  # the night before still ends at two
    assert found(session, worker, venue, now) == []
    make.opening_day(venue, day=at(2, 0).date())
    assert found(session, worker, venue, now) == [asked, night]


def test_what_staff_meant_is_not_listed(
    house, make, neighbour, venue, worker, session, now
) -> None:
    asked = house.wanted(house.hall, neighbour(), at(2, 22))
    given = service.reserve_at_desk(
        session, worker.staff_id, asked, now, overruled_reason="街道会议"
    ).booking_id
    assert found(session, worker, venue, now) == []
    to = Change(starts_at=at(2, 14), ends_at=at(2, 15))
    service.change_at_desk(session, worker.staff_id, given, to, now)
    make.opening_day(venue, day=at(2, 0).date())
    assert found(session, worker, venue, now) == [given]


def test_ending_those_chosen(house, make, venue, reserve, worker, session, now) -> None:
    first, second = reserve(), reserve("李建国", start=at(2, 16))
    make.opening_day(venue, day=at(2, 0).date())
    hits, why = outside.list_outside(session, worker, venue.id, now)
    assert why == "选举投票日"
    assert outside.end(session, worker, venue.id, {hits[0].token}, "选举投票日", now) == 1
    states = {one: db.session.get_one(Booking, one, populate_existing=True).state
              for one in (first, second)}  # fmt: skip
    assert states == {first: State.CANCELLED, second: State.CONFIRMED}
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.after["bookings"]) == ("reservation.end_outside", [first])
    with pytest.raises(errors.ListChanged):  # somebody was quicker
        outside.end(session, worker, venue.id, {hit.token for hit in hits}, "选举投票日", now)
    assert found(session, worker, venue, now) == [second]
    session.commit()
    assert not [one for one in audit(timedelta(hours=1)) if one.rows]


def test_others_do_not_see_them(house, make, venue, reserve, session, now) -> None:
    reserve()
    make.opening_day(venue, day=at(2, 0).date())
    elsewhere = make.place(name="滨江社区")
    scope = Scope(Role.WORKER, elsewhere.id, elsewhere.path, elsewhere.name)
    other = SignedInStaff(make.staff("worker", elsewhere).id, "周敏", (scope,))
    assert outside.count(session, other, now) == Counter()
    with pytest.raises(NotFound):
        outside.list_outside(session, other, venue.id, now)
    with pytest.raises(NotFound):
        outside.end(session, other, venue.id, (), "不行", now)
