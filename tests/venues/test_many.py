"""Several rooms read at once say of each what it says read alone."""

from datetime import date, timedelta

import pytest

from backend.places import occupancy
from backend.places.models import DayKind, OccupantKind
from backend.venues import many, queries, service, sheet, starts_each
from backend.venues.blocks.models import RoomBlock
from backend.venues.starts_each import Wanted
from tests.venues.conftest import at

REASON = '检修|"\n第二天'
FIRST, LAST = date(2026, 3, 11), date(2026, 3, 24)


@pytest.fixture
def rooms(house, make, neighbour, session, now) -> list[int]:
    """Rooms under rules of their own, with holidays, closures, other hours and uses."""
    venue = session.get_one(type(make.venue()), house.hall.venue_id)
    other = make.place(parent=make.once("street", make.place))
    far = make.open_room(other, name="书画室")
    make.rules(other, monday="14:00-17:00", max_minutes=60)
    make.rules(venue, saturday="18:00-02:00", sunday="01:00-12:00", buffer_after=15)
    make.rules(house.left, friday="", approval=True)
    make.opening_day(venue, day=date(2026, 3, 16), hours="10:00-12:00")
    make.opening_day(venue, room_id=house.right.id, day=date(2026, 3, 16), hours="13:00-15:00")
    make.opening_day(make.venue(other), day=date(2026, 3, 17))
    make.closure(other, starts_on=date(2026, 3, 19), ends_on=date(2026, 3, 20))
    make.day(date(2026, 3, 18), kind=DayKind.OFF, name="社区日")
    staff = make.staff()
    for room, day in ((house.hall, 1), (house.right, 2)):
        wanted = house.wanted(room, neighbour(f"王{day}"), at(day, 10))
        service.reserve_at_desk(session, staff.id, wanted, now)
    made = RoomBlock(
        venue_id=venue.id, starts_at=at(4, 9), ends_at=at(4, 12), reason=REASON, staff_id=staff.id,
        created_at=now,
    )  # fmt: skip
    use = occupancy.Use(house.hall.id, at(4, 9), at(4, 12), OccupantKind.BLOCK, make.add(made).id)
    occupancy.occupy(session, [use], now)
    return [house.hall.id, house.left.id, house.right.id, far.id]


def test_each_room_is_as_if_read_alone(rooms, session, now) -> None:
    found = many.of_rooms(session, rooms, FIRST, LAST, now + timedelta(days=1))
    for room_id in rooms:
        alone = sheet.of_room(session, room_id, FIRST, LAST, now + timedelta(days=1))
        together = found[room_id]
        assert (together.rules, list(together.days)) == (alone.rules, list(alone.days))
        assert (list(together.week), together.holiday) == (list(alone.week), alone.holiday)
        assert set(together.uses) == set(alone.uses)
        assert together.room.room_name == alone.room.room_name
    _hall, left, _right, far = rooms
    assert found[far].rules.max_minutes == 60
    assert {use.why for use in found[left].uses} == {None, REASON}


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_starts_read_in_company_are_those_read_alone(rooms, house, session, now) -> None:
    """Also of rooms that others ask for on other days, and once more is in use than before."""
    other_days = Wanted(rooms[0], date(2026, 3, 14), date(2026, 3, 15))
    nowhere = Wanted(99_999, FIRST, LAST)

    def check() -> None:
        wanted = [*(Wanted(room_id, FIRST, LAST) for room_id in rooms), nowhere, other_days]
        found = starts_each.read_each(session, wanted, now)
        assert found[4] is None
        for asked, one in zip(wanted, found, strict=True):
            if one is not None:
                days = {"day": asked.first, "days": (asked.last - asked.first).days + 1}
                alone = queries.list_starts(session, asked.room_id, days | {"minutes": 60}, now)
                assert starts_each.shown(one, 60, now) == alone

    check()
    use = occupancy.Use(house.left.id, at(6, 9), at(6, 11), OccupantKind.LESSON, 1)
    occupancy.occupy(session, [use], now)
    check()


def test_of_no_room_there_is_nothing(session, now) -> None:
    assert many.of_rooms(session, [], FIRST, LAST, now) == {}
