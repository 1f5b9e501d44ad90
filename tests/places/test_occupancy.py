"""Rooms and their atoms: overlap in use is refused by the database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from backend.db import db
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.models import Atom, Occupancy, OccupantKind
from backend.places.occupancy import Use
from tests.factories import Make

HOUR = timedelta(hours=1)


@pytest.fixture
def hall(make: Make):
    """A hall of two halves, and each half as a room of its own."""
    place = make.place()
    left, right = (make.add(Atom(place_id=place.id, name=name)) for name in ("东半厅", "西半厅"))
    return {
        "hall": make.room(place, [left, right], name="多功能厅"),
        "left": make.room(place, [left], name="东半厅"),
        "right": make.room(place, [right], name="西半厅"),
    }


def use(room, start, hours=1, occupant=1) -> Use:
    return Use(room.id, start, start + hours * HOUR, OccupantKind.LESSON, occupant)


@pytest.mark.parametrize(
    ("first", "second", "offset", "fits"),
    [
        ("hall", "hall", 0, False),
        ("hall", "left", 0, False),
        ("left", "hall", 0, False),
        ("left", "right", 0, True),
        ("hall", "hall", 1, True),  # one ends as the other begins
        ("hall", "left", -1, True),
        ("left", "left", 0.5, False),
    ],
)
def test_rooms_that_share_an_atom_exclude_each_other(hall, now, first, second, offset, fits):
    session = db.session()
    occupancy.occupy(session, [use(hall[first], now)], now)
    wanted = use(hall[second], now + offset * HOUR, occupant=2)
    if fits:
        occupancy.occupy(session, [wanted], now)
        return
    found = occupancy.clashes(session, wanted.room_id, [(wanted.starts_at, wanted.ends_at)])
    assert [clash.occupant_id for clash in found] == [1]
    with pytest.raises(RoomTaken):
        occupancy.occupy(session, [wanted], now)
    rows = session.scalars(select(Occupancy.occupant_id)).all()
    assert set(rows) == {1}  # and the transaction goes on


def test_all_or_none(hall, now) -> None:
    session = db.session()
    occupancy.occupy(session, [use(hall["left"], now + 5 * HOUR)], now)
    wanted = [use(hall["left"], now + n * HOUR, occupant=2) for n in range(9)]
    with pytest.raises(RoomTaken):
        occupancy.occupy(session, wanted, now)
    assert session.scalar(select(func.count()).select_from(Occupancy)) == 1


def test_a_move_ignores_itself_and_vacating_frees(hall, now) -> None:
    session = db.session()
    occupancy.occupy(session, [use(hall["hall"], now)], now)
    span = [(now, now + HOUR)]
    ignored = (OccupantKind.LESSON, [1])
    assert occupancy.clashes(session, hall["left"].id, span, ignore=ignored) == []
    occupancy.vacate(session, OccupantKind.LESSON, [1])
    assert occupancy.clashes(session, hall["left"].id, span) == []
    occupancy.occupy(session, [use(hall["left"], now, occupant=2)], now)


def test_the_database_itself_refuses(hall, now, make: Make) -> None:
    row = {
        "atom_id": db.session.scalar(select(Atom.id).limit(1)), "starts_at": now,
        "ends_at": now + HOUR, "occupant_kind": "lesson", "occupant_id": 1,
    }  # fmt: skip
    db.session.execute(insert(Occupancy), [row])
    with pytest.raises(IntegrityError, match="ex_occupancy_overlap"):
        db.session.execute(insert(Occupancy), [row | {"occupant_id": 2}])
