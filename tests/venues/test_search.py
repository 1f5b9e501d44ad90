"""The search across rooms: what fits, why the rest does not, and what comes nearest."""

from datetime import datetime, timedelta
from random import Random

import pytest

from backend.db import db
from backend.places import occupancy
from backend.places.models import Atom, OccupantKind, Place
from backend.places.occupancy import Use
from backend.venues import queries, search, service
from backend.venues.asked import MINUTE
from backend.venues.blocks import service as blocks
from backend.venues.search import Wish
from tests.venues.conftest import House, at

DAY = at(3, 0).date()
"""The Saturday."""


def find(api, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return api.get(f"/venues/search?day={DAY}&{query}")


def lesson(room, start, end):
    occupancy.occupy(
        db.session(), [Use(room.id, start, end, OccupantKind.LESSON, room.id)], at(0, 12)
    )
    db.session.commit()


def test_a_room_for_twelve_with_a_projector(api, make, statements) -> None:
    """Saturday afternoon, two hours, near me."""
    near, far = make.place(), make.place()
    make.rules(near)
    make.rules(far)
    for place, degrees in ((far, 31.30), (near, 31.21)):
        house = make.venue(place, latitude=degrees, longitude=121.40)
        room = make.open_room(
            place, venue_id=house.id, capacity=12, equipment=["projector"], functions=["meeting"]
        )
    make.rules(room, approval=True)
    statements.clear()
    answer = find(
        api, part="afternoon", minutes=120, headcount=12, equipment="projector",
        function="meeting", latitude=31.20, longitude=121.40,
    ).json["data"]  # fmt: skip
    assert len(statements) == 4
    assert [one["place_id"] for one in answer["items"]] == [near.id, far.id]
    assert [one["distance_m"] for one in answer["items"]] == [1113, 11132]
    assert sorted(one["approval"] for one in answer["items"]) == [False, True]
    starts = [one["starts_at"][11:16] for one in answer["items"][0]["starts"]]
    assert (starts[0], starts[-1], len(starts)) == ("12:00", "16:00", 9)
    assert (answer["free"], answer["alternatives"]) == (2, [])


def test_closed_full_and_not_yet_are_told_apart(api, house: House, make) -> None:
    lesson(house.left, at(3, 9), at(3, 21))
    make.open_room(make.place())  # without rules: never open
    far = make.place()
    make.rules(far, horizon_days=1)
    make.open_room(far)
    staff = make.place()
    make.rules(staff, audience="staff")
    make.open_room(staff)
    answer = find(api, from_time="10:00", until_time="12:00", headcount=5).json["data"]
    assert [one["room_id"] for one in answer["items"]] == [house.right.id]
    assert [answer[state] for state in ("free", "full", "closed", "not_yet")] == [1, 2, 1, 1]


def test_what_staff_took_is_told_with_the_reason(api, house: House, worker, now) -> None:
    lesson(house.left, at(3, 9), at(3, 13))
    for rooms, reason in (((house.right.id,), "空调检修"), ((house.left.id,), "选举投票日")):
        asked = blocks.Wanted(
            venue_id=house.hall.venue_id, room_ids=rooms, starts_at=at(3, 13), ends_at=at(3, 21),
            reason=reason,
        )  # fmt: skip
        blocks.make(db.session(), worker, asked, (), now)
    db.session.commit()
    told = ("free", "full", "closed", "blocked", "why_blocked")
    answer = find(api, part="evening", minutes=60).json["data"]
    assert [answer[one] for one in told] == [0, 0, 0, 3, ["空调检修", "选举投票日"]]
    answer = find(api, part="afternoon", minutes=60).json["data"]
    assert [answer[one] for one in told] == [1, 2, 0, 0, []]  # the others are taken in part only


def test_what_comes_nearest(api, house: House, make) -> None:
    """The community's hall is free for an hour only, or in the evening; the next one has room."""
    lesson(house.left, at(3, 13), at(3, 18))
    other = make.place()
    make.rules(other)
    theirs = make.open_room(other, capacity=60)
    answer = find(
        api, part="afternoon", minutes=120, headcount=50, community_id=house.place.id
    ).json["data"]  # fmt: skip
    assert (answer["items"], answer["full"]) == ([], 1)
    told = [
        (one["kind"], one["room_id"], one["starts"][0]["starts_at"][11:16])
        for one in answer["alternatives"]
    ]
    assert told == [
        ("shift", house.hall.id, "11:00"), ("shorter", house.hall.id, "12:00"),
        ("elsewhere", theirs.id, "12:00"),
    ]  # fmt: skip
    ends = answer["alternatives"][1]["starts"][0]["ends_at"]
    assert ends[11:16] == "13:00"
    plain = find(
        api, part="afternoon", minutes=120, headcount=50, community_id=house.place.id,
        alternatives="false",
    )  # fmt: skip
    assert plain.json["data"]["alternatives"] == []


def test_the_next_day_where_the_day_has_nothing(api, house: House) -> None:
    lesson(house.left, at(3, 0), at(4, 0))
    answer = find(api, part="morning", headcount=50).json["data"]
    assert [one["starts"][0]["starts_at"][:16] for one in answer["alternatives"]] == [
        "2026-03-15T09:00"
    ]


def test_who_did_not_come_is_not_in_the_way(house: House, make, neighbour, session, now) -> None:
    make.rules(house.hall, no_show_minutes=15)
    wanted = house.wanted(house.hall, (me := neighbour()), at(0, 14))
    service.reserve(session, me.me, wanted, now)
    session.commit()
    wish = Wish(day=at(0, 0).date(), from_minute=14 * 60, until_minute=18 * 60, headcount=60)
    first = search.search(session, wish, now)["items"][0]["starts"][0]["starts_at"]
    assert first[11:16] == "15:00"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"part": "night"}, 422),
        ({"from_time": "10:00"}, 422),
        ({"from_time": "10:00", "until_time": "10:00"}, 422),
        ({"part": "morning", "from_time": "10:00", "until_time": "12:00"}, 422),
        ({"latitude": "31"}, 422),
        ({"minutes": 0}, 422),
        ({"equipment": "gong"}, 422),
        ({"community_id": 99999}, 404),
    ],
)
def test_bad_questions(api, now, asked, status) -> None:
    assert find(api, **asked).status_code == status


def test_a_day_that_is_over(api, now) -> None:
    assert api.get("/venues/search?day=2026-03-10").status_code == 422


def test_as_each_room_by_itself(make, session, now) -> None:
    """Rules, hours, halls in halves and uses at random: the search finds what the strips show."""
    chance = Random(7)
    rooms = [room for _ in range(6) for room in _venue(make, chance)]
    make.closure(db.session.get_one(Place, rooms[3].place_id), starts_on=DAY, ends_on=DAY)
    for number in range(60):
        room = chance.choice(rooms)
        start = at(2, 12) + chance.randrange(0, 40 * 4) * 15 * MINUTE
        kind = chance.choice([OccupantKind.BLOCK, OccupantKind.LESSON])
        use = Use(room.id, start, start + chance.choice([1, 4, 8]) * 15 * MINUTE, kind, number)
        if not occupancy.clashes(session, room.id, [(use.starts_at, use.ends_at)]):
            occupancy.occupy(session, [use], at(0, 12))
    session.commit()
    for _ in range(12):
        begin = chance.randrange(0, 22) * 60
        wish = Wish(
            day=at(chance.choice([2, 3, 4]), 0).date(), minutes=chance.choice([30, 60, 90, 150]),
            from_minute=begin, until_minute=min(begin + chance.choice([120, 360]), 1440),
            headcount=chance.choice([1, 20]), alternatives=False, limit=50,
        )  # fmt: skip
        found = {
            one["room_id"]: [start["starts_at"] for start in one["starts"]]
            for one in search.search(session, wish, now)["items"]
        }
        alone = {
            room.id: starts
            for room in rooms
            if room.capacity >= wish.headcount and (starts := _alone(session, room, wish, now))
        }
        assert found == alone


def _venue(make, chance):
    place: Place = make.place()
    left, right = (make.add(Atom(place_id=place.id, name=name)) for name in ("东", "西"))
    hours = chance.choice(["09:00-21:00", "08:30-11:45 13:00-17:00", "18:00-02:00", "00:00-24:00"])
    make.rules(
        place, **dict.fromkeys(("friday", "saturday", "sunday"), hours),
        grid_minutes=chance.choice([20, 30, 60]), buffer_before=chance.choice([0, 30]),
        buffer_after=chance.choice([0, 15]), horizon_days=chance.choice([2, 14]),
    )  # fmt: skip
    made = [
        make.open_room(place, atoms, capacity=capacity)
        for atoms, capacity in (([left, right], 40), ([left], 15), ([right], 15))
    ]
    if chance.random() < 0.5:
        make.rules(made[1], max_minutes=60)
    return made


def _alone(session, room, wish, now):
    """The starts of the strip that lie in the window to their ends."""
    asked = {"day": wish.day - timedelta(days=1), "days": 2, "minutes": wish.minutes}
    strip = queries.list_starts(session, room.id, asked, now)
    window = wish.window()
    grid, least = strip["grid_minutes"], max(wish.minutes, strip["min_minutes"])
    length = -(-least // grid) * grid * MINUTE
    found = []
    for day in strip["days"]:
        for start in day["starts"]:
            begins = datetime.fromisoformat(start["starts_at"])
            [closes] = [
                ends
                for one in day["open"]
                for ends in [datetime.fromisoformat(one["ends_at"])]
                if datetime.fromisoformat(one["starts_at"]) <= begins < ends
            ]
            ends = min(begins + length, closes)
            if start["minutes"] and window.starts_at <= begins and ends <= window.ends_at:
                found.append(start["starts_at"])
    return found
