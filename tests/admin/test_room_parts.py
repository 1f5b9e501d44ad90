"""Putting a hall together from its halves in the console: then neither is given over the other."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.commands.check import audit
from backend.db import db
from backend.places import occupancy
from backend.places.models import Atom, Occupancy, OccupantKind, RoomAtom
from backend.staff.models import AuditEntry
from backend.venues import service
from backend.venues.errors import InUse
from tests.console import Console, text_of
from tests.factories import Make
from tests.venues.conftest import House, at


@pytest.fixture
def house(make: Make, cast) -> House:
    """A hall and two rooms that know nothing of each other yet."""
    names = ("多功能厅", "东半厅", "西半厅")
    made = [make.open_room(cast.here, name=name, capacity=80) for name in names]
    make.rules(cast.here)
    return House(cast.here, *made)


@pytest.fixture
def lin(console: Console, cast, make: Make, house) -> Console:
    """The manager of the community."""
    return console.as_(make.staff("manager", cast.here, name="林主任"))


@pytest.fixture
def reserve(make: Make, house, now):
    def make_one(room, start, hours=1.0):
        who = make.resident("王秀英", home_place_id=house.place.id)
        made = service.reserve(db.session(), who.me, house.wanted(room, who, start, hours), now)
        db.session.commit()
        return made.booking_id

    return make_one


def tick(console: Console, room, *others):
    return console.post(f"/venues/rooms/{room.id}/parts", {"room_ids": [one.id for one in others]})


def ticked(console: Console, room) -> int:
    return console.get(f"/venues/rooms/{room.id}/parts").text.count(" checked")


def uses(kind: str, occupant_id: int) -> int:
    return len(
        db.session.scalars(
            select(Occupancy.id).where(
                Occupancy.occupant_kind == kind, Occupancy.occupant_id == occupant_id
            )
        ).all()
    )


def test_afterwards_the_hall_and_its_halves_give_way_to_each_other(lin, house, reserve) -> None:
    booked = reserve(house.hall, at(1, 10))
    reserve(house.left, at(1, 12))
    assert tick(lin, house.hall, house.left, house.right).status_code == 302
    assert ticked(lin, house.hall) == 2
    assert uses("reservation", booked) == 3  # what the hall has of its own, and both halves
    for room, start in ((house.left, at(1, 10)), (house.hall, at(1, 12))):
        with pytest.raises(InUse):
            reserve(room, start)
    reserve(house.right, at(1, 12))
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "room.parts")).one()
    assert (row.before, row.after) == ({"parts": []}, {"parts": ["东半厅", "西半厅"]})
    assert [found for found in audit(timedelta(0)) if found.rows] == []


def test_refused_where_both_have_something_on(lin, house, reserve) -> None:
    booked = reserve(house.hall, at(1, 10), 2)
    reserve(house.left, at(1, 11))
    answer = tick(lin, house.hall, house.left)
    assert answer.status_code == 422
    assert "2026-03-12 11:00–12:00 东半厅 合唱排练" in text_of(answer)
    assert ticked(lin, house.hall) == 0
    assert uses("reservation", booked) == 1
    assert tick(lin, house.hall, house.right).status_code == 302  # nothing is on there


def test_what_is_over_is_in_nobodys_way(lin, house, session_past) -> None:
    assert tick(lin, house.hall, house.left).status_code == 302


@pytest.fixture
def session_past(house) -> None:
    """Yesterday both were in use at the same hour."""
    for number, room in enumerate((house.hall, house.left), 1):
        use = occupancy.Use(room.id, at(-1, 10), at(-1, 11), OccupantKind.LESSON, number)
        occupancy.occupy(db.session(), [use], at(-2, 10))
    db.session.commit()


def test_taken_apart_again_what_stands_keeps_the_whole(lin, house, reserve) -> None:
    tick(lin, house.hall, house.left, house.right)
    booked = reserve(house.hall, at(1, 10))
    look = tick(lin, house.hall, house.right)
    assert look.status_code == 409
    said = text_of(look)
    for words in ("还有安排约的是整间", "2026-03-12 10:00–11:00 多功能厅 合唱排练", "已核对，拆开"):
        assert words in said, words
    assert ticked(lin, house.hall) == 2
    shown = re.findall(r'name="shown" value="([^"]+)"', look.text)
    given = {"room_ids": [house.right.id], "shown": shown}
    second = reserve(house.hall, at(1, 12))  # in between: the list is another
    path = f"/venues/rooms/{house.hall.id}/parts"
    again = lin.post(path, given)
    assert again.status_code == 409
    given["shown"] = re.findall(r'name="shown" value="([^"]+)"', again.text)
    assert len(given["shown"]) == 2
    assert lin.post(path, given).status_code == 302
    assert uses("reservation", second) == 3
    assert ticked(lin, house.hall) == 1
    with pytest.raises(InUse):
        reserve(house.left, at(1, 10))
    reserve(house.left, at(1, 14))
    reserve(house.hall, at(1, 14))
    assert tick(lin, house.hall, house.left, house.right).status_code == 422
    assert uses("reservation", booked) == 3


def test_a_hall_of_nothing_but_halves_stays_a_room(lin, make, house, cast, reserve) -> None:
    atoms = [
        atom for room in (house.left, house.right)
        for atom in db.session.scalars(
            select(RoomAtom.atom_id).where(RoomAtom.room_id == room.id)
        )
    ]  # fmt: skip
    hall = make.open_room(cast.here, [db.session.get_one(Atom, one) for one in atoms], name="合")
    assert ticked(lin, hall) == 2
    assert tick(lin, hall).status_code == 302
    assert ticked(lin, hall) == 0
    reserve(house.left, at(1, 10))
    reserve(hall, at(1, 10))


def test_saved_unchanged_it_changes_nothing(lin, house) -> None:
    tick(lin, house.hall, house.left)
    assert tick(lin, house.hall, house.left).status_code == 302
    rows = select(AuditEntry).where(AuditEntry.action == "room.parts")
    assert len(db.session.scalars(rows).all()) == 1


def test_not_in_a_circle_and_not_from_elsewhere(lin, make, house) -> None:
    far = make.open_room(make.place(parent=make.place()), name="远处")
    tick(lin, house.hall, house.left)
    page = tick(lin, house.left, house.hall)
    assert page.status_code == 422
    assert "已经包含这一间" in text_of(page)
    assert tick(lin, house.left, house.right).status_code == 422  # it is a part itself
    for others in ((far,), (house.hall,)):
        assert tick(lin, house.hall, *others).status_code == 422
    assert lin.get(f"/venues/rooms/{far.id}/parts").status_code == 404
    assert tick(lin, far, house.left).status_code == 404


def test_only_managers_may(console, cast, house) -> None:
    wang = console.as_(cast.wang)
    assert wang.get(f"/venues/rooms/{house.hall.id}/parts").status_code == 403
    assert tick(wang, house.hall, house.left).status_code == 403
    assert "房间组成" not in wang.get(f"/venues/rooms/{house.hall.id}").text
