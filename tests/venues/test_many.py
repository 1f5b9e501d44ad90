"""Several rooms read at once say of each what it says read alone."""

from datetime import date, timedelta

from backend.places import occupancy
from backend.places.models import DayKind, OccupantKind
from backend.venues import many, service, sheet
from backend.venues.blocks.models import RoomBlock
from tests.venues.conftest import at

FIRST, LAST = date(2026, 3, 11), date(2026, 3, 24)


def test_each_room_is_as_if_read_alone(house, make, neighbour, session, now) -> None:
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
        venue_id=venue.id, starts_at=at(4, 9), ends_at=at(4, 12), reason="检修", staff_id=staff.id,
        created_at=now,
    )  # fmt: skip
    use = occupancy.Use(house.hall.id, at(4, 9), at(4, 12), OccupantKind.BLOCK, make.add(made).id)
    occupancy.occupy(session, [use], now)
    rooms = [house.hall.id, house.left.id, house.right.id, far.id]
    found = many.of_rooms(session, rooms, FIRST, LAST, now + timedelta(days=1))
    for room_id in rooms:
        alone = sheet.of_room(session, room_id, FIRST, LAST, now + timedelta(days=1))
        together = found[room_id]
        assert (together.rules, list(together.days)) == (alone.rules, list(alone.days))
        assert (list(together.week), together.holiday) == (list(alone.week), alone.holiday)
        assert set(together.uses) == set(alone.uses)
        assert together.room.room_name == alone.room.room_name
    assert found[far.id].rules.max_minutes == 60
    assert {use.why for use in found[house.left.id].uses} == {None, "检修"}


def test_of_no_room_there_is_nothing(session, now) -> None:
    assert many.of_rooms(session, [], FIRST, LAST, now) == {}
