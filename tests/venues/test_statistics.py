"""Hours used of hours open: spans in tables, figures counted by hand, days kept as they were."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend import clock
from backend.booking import service as booking
from backend.booking.service import Actor
from backend.db import db
from backend.places import occupancy
from backend.places.models import DayKind, Occupancy, OccupantKind, Venue
from backend.scheduler import add_up_rooms
from backend.staff import periods
from backend.venues import coming, requests, service
from backend.venues.statistics import counting, days, heat, spans, summaries, turned_away
from backend.venues.statistics.days import Opened, Use
from backend.venues.statistics.figures import NAMES, Figures
from backend.venues.statistics.models import RoomDay
from tests.console import me_of
from tests.venues.conftest import at

WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, 11) + timedelta(days=day) for day in range(3))
LATER = at(9, 12)


# spans, in minutes of one day


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], []),
        ([(5, 5)], []),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(4, 6), (1, 5)], [(1, 6)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(1, 2), (3, 4)], [(1, 2), (3, 4)]),
    ],
)
def test_spans_are_joined(given, wanted) -> None:
    assert spans.joined(given) == wanted


@pytest.mark.parametrize(
    ("some", "others", "both", "rest"),
    [
        ([], [(1, 2)], [], []),
        ([(0, 10)], [], [], [(0, 10)]),
        ([(0, 10)], [(2, 4), (6, 12)], [(2, 4), (6, 10)], [(0, 2), (4, 6)]),
        ([(0, 4), (8, 12)], [(2, 10)], [(2, 4), (8, 10)], [(0, 2), (10, 12)]),
        ([(3, 5)], [(0, 9)], [(3, 5)], []),
        ([(0, 2), (2, 4)], [(2, 2)], [], [(0, 2), (2, 4)]),
    ],
)
def test_spans_are_cut(some, others, both, rest) -> None:
    assert spans.within(some, spans.joined(others)) == both
    assert spans.without(some, spans.joined(others)) == rest


def test_an_hour_gets_its_minutes() -> None:
    assert spans.dealt([(50, 130), (170, 180)]) == {0: 10, 1: 60, 2: 20}


ENDS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted).map(tuple))


@settings(max_examples=60, deadline=None)
@given(opened=ENDS, uses=st.lists(st.tuples(st.sampled_from(OccupantKind), st.integers(0, 200),
                                            st.integers(0, 200))))  # fmt: skip
def test_minutes_agree_with_counting_them_one_by_one(opened, uses) -> None:
    hours = spans.joined(opened)
    made = days.of_room(
        1, 1, Opened(hours, spans.dealt(hours)),
        [Use(kind, *sorted((one, other))) for kind, one, other in uses],
    )  # fmt: skip

    def minutes(kinds) -> set[int]:
        return {
            minute for kind, one, other in uses if kind in kinds
            for minute in range(*sorted((one, other)))
        }  # fmt: skip

    is_open = {minute for start, end in hours for minute in range(start, end)}
    blocked = minutes({OccupantKind.BLOCK})
    others = minutes(set(OccupantKind) - {OccupantKind.BLOCK})
    for name, by_hand in (
        ("open", is_open - blocked), ("blocked", is_open & blocked),
        ("used", (is_open - blocked) & others), ("outside", others - is_open),
        ("lessons", (is_open - blocked) & minutes({OccupantKind.LESSON})),
    ):  # fmt: skip
        by_hour = dict.fromkeys(range(4), 0) | getattr(made, name)
        assert by_hour == {
            hour: len([minute for minute in by_hand if minute // 60 == hour]) for hour in range(4)
        }, name


# rooms, by hand


def figures(room, first: date, last: date, now=LATER) -> dict[str, int]:
    """What is counted of one room, zeros left out."""
    found = counting.count(db.session(), [room.id], first, last, now).rooms.get(room.id, Figures())
    return {name: getattr(found, name) for name in NAMES if getattr(found, name)}


@pytest.fixture
def reserve(house, neighbour, session):
    """A reservation made the day before its start, and its id."""

    def make_one(room, who, start, hours=1.0, **more) -> int:
        wanted = house.wanted(room, who, start, hours, **more)
        with clock.frozen(start - timedelta(days=1)):
            made = service.reserve(session, who.me, wanted, start - timedelta(days=1))
        session.commit()
        return made.booking_id

    return make_one


def block(session, room, starts_at, ends_at) -> None:
    use = occupancy.Use(room.id, starts_at, ends_at, OccupantKind.BLOCK, 7)
    occupancy.occupy(session, [use], at(0, 12))
    session.commit()


def test_a_use_of_a_part_is_one_of_the_whole_and_two_at_once_count_once(
    house, neighbour, reserve
) -> None:
    reserve(house.left, neighbour(), at(1, 10), 2)
    reserve(house.right, neighbour("李芳"), at(1, 11), 2)
    day = {"open": 720, "reservations": 1}
    assert figures(house.left, THURSDAY, THURSDAY) == day | {"used": 120}
    assert figures(house.right, THURSDAY, THURSDAY) == day | {"used": 120}
    assert figures(house.hall, THURSDAY, THURSDAY) == {"open": 720, "used": 180}


def test_blocks_close_and_holidays_do_and_exceptions_count(house, make, session) -> None:
    block(session, house.left, at(1, 8), at(1, 10))
    make.day(FRIDAY, kind=DayKind.OFF, name="社区日")
    make.rules(house.right, holiday="")
    make.opening_day(
        session.get_one(Venue, house.left.venue_id), room_id=house.left.id, day=FRIDAY,
        hours="10:00-12:30",
    )  # fmt: skip
    assert figures(house.left, THURSDAY, FRIDAY) == {"open": 11 * 60 + 150, "blocked": 60}
    assert figures(house.right, THURSDAY, FRIDAY) == {"open": 720}
    assert figures(house.hall, THURSDAY, FRIDAY) == {"open": 660 + 720, "blocked": 60}


def test_a_night_is_parted_at_midnight(house, make, neighbour, reserve, session) -> None:
    make.rules(house.left, thursday="20:00-02:00", friday="09:00-10:00")
    reserve(house.left, neighbour(), at(1, 23), 2)
    assert figures(house.left, THURSDAY, THURSDAY) == {
        "open": 240, "used": 60, "reservations": 1,
    }  # fmt: skip
    assert figures(house.left, FRIDAY, FRIDAY) == {"open": 120 + 60, "used": 60}
    found = counting.count(session, [house.left.id], THURSDAY, FRIDAY, LATER)
    assert found.used == {(3, 23): 60, (4, 0): 60}
    assert found.open == {(3, hour): 60 for hour in range(20, 24)} | {
        (4, 0): 60, (4, 1): 60, (4, 9): 60,
    }  # fmt: skip


def test_lessons_and_what_lies_outside_the_hours(house, session) -> None:
    use = occupancy.Use(house.left.id, at(1, 20), at(1, 22), OccupantKind.LESSON, 5)
    occupancy.occupy(session, [use], at(0, 12))
    session.commit()
    assert figures(house.left, THURSDAY, THURSDAY) == {
        "open": 720, "used": 60, "lessons": 60, "outside": 60,
    }  # fmt: skip


def test_what_becomes_of_reservations(house, make, neighbour, reserve, session) -> None:
    make.rules(house.left, no_show_minutes=15, check_in_minutes=30, cancel_minutes=600)
    staff = make.staff()
    came, stayed_away = neighbour("赵一"), neighbour("钱二")
    ended = reserve(house.left, came, at(1, 9), 2)
    coming.check_in_at_desk(session, staff.id, ended, at(1, 9))
    coming.end_early(session, came.me, ended, at(1, 10, 20))
    missed = reserve(house.left, stayed_away, at(1, 12))  # nobody notes it: no job has run
    gone = reserve(house.left, neighbour("孙三"), at(1, 15))
    booking.cancel(session, gone, Actor(account_id=1), at(1, 14), late=True)
    in_time = reserve(house.left, neighbour("李四"), at(1, 17))
    booking.cancel(session, in_time, Actor(account_id=1), at(1, 1))
    session.commit()
    wanted = {
        "open": 720, "used": 80, "reservations": 2, "missed": 1, "late": 1, "early_minutes": 40,
    }  # fmt: skip
    assert figures(house.left, THURSDAY, THURSDAY) == wanted
    coming.release([missed], at(1, 13))
    session.commit()
    assert figures(house.left, THURSDAY, THURSDAY) == wanted


def test_only_what_is_over_counts(house, neighbour, reserve, session) -> None:
    reserve(house.left, neighbour(), at(1, 10), 2)
    reserve(house.left, neighbour("李芳"), at(1, 15), 1)
    assert figures(house.left, THURSDAY, FRIDAY, at(1, 11, 30)) == {
        "open": 150, "used": 90, "reservations": 1,
    }  # fmt: skip
    assert figures(house.left, FRIDAY, FRIDAY, at(1, 11)) == {}
    assert counting.count(session, [], THURSDAY, FRIDAY, LATER) == counting.Counts()


# days kept


def everything(house) -> tuple[object, ...]:
    ids = [house.hall.id, house.left.id, house.right.id]
    found = counting.count(db.session(), ids, WEDNESDAY, date(2026, 3, 20), LATER)
    return found.rooms, found.open, found.used


def add_up(now=LATER) -> int:
    with clock.frozen(now):
        return add_up_rooms(lambda: False)


def test_days_are_kept_once_they_are_over(house, make, neighbour, reserve, session) -> None:
    for number, day in enumerate((1, 2, 6, 8)):
        reserve(house.left, neighbour(f"王{number}"), at(day, 10), 2)
    directly = everything(house)
    assert add_up() == 7 * 3  # from the first use to the day before yesterday, three rooms
    assert everything(house) == directly
    assert summaries.kept(session) == (THURSDAY, date(2026, 3, 18))
    assert add_up() == 0
    kept = session.scalar(select(func.sum(RoomDay.used)).where(RoomDay.room_id == house.left.id))
    assert kept == 360


def test_rules_made_later_leave_the_past_alone(house, make, neighbour, reserve, session) -> None:
    reserve(house.left, neighbour(), at(1, 10), 2)
    add_up()
    make.rules(house.left, thursday="09:00-10:00")
    session.execute(Occupancy.__table__.delete())
    session.commit()
    assert figures(house.left, THURSDAY, THURSDAY) == {
        "open": 720, "used": 120, "reservations": 1,
    }  # fmt: skip
    assert figures(house.left, date(2026, 3, 19), date(2026, 3, 19)) == {"open": 60}


def test_without_any_use_there_is_nothing_to_keep(house) -> None:
    assert add_up() == 0


def test_adding_up_twice_at_once_keeps_one(house, neighbour, reserve, session) -> None:
    reserve(house.left, neighbour(), at(1, 10), 2)
    days_due = summaries.due(session, LATER)
    summaries.write(session, days_due, LATER)
    summaries.write(session, days_due, LATER)
    assert session.scalar(select(func.count()).select_from(RoomDay)) == 7 * 3


# the week by hours, periods, and who never gets in


def test_the_heat_map(house, neighbour, reserve, session) -> None:
    reserve(house.left, neighbour(), at(1, 10), 1.5)
    found = heat.of(counting.count(session, [house.left.id], THURSDAY, FRIDAY, LATER))
    assert [row.hour for row in found.rows] == list(range(9, 21))
    ten, eleven = found.rows[1], found.rows[2]
    assert [(cell.percent, cell.step) for cell in ten.cells[:4]] == [(None, 0)] * 3 + [(100, 5)]
    assert (eleven.cells[3].percent, eleven.cells[3].step, eleven.cells[3].used) == (50, 3, 0.5)
    assert (eleven.cells[4].percent, eleven.cells[4].step) == (0, 0)
    assert (eleven.total.percent, found.days[3].percent, found.total.percent) == (25, 12, 6)


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (
            date(2026, 3, 11),
            {
                "weeks": ("2026-02-11", "2026-03-10"), "month": ("2026-03-01", "2026-03-11"),
                "last-month": ("2026-02-01", "2026-02-28"),
                "quarter": ("2026-01-01", "2026-03-11"),
                "last-quarter": ("2025-10-01", "2025-12-31"),
                "year": ("2026-01-01", "2026-03-11"), "last-year": ("2025-01-01", "2025-12-31"),
            },
        ),
        (
            date(2028, 12, 31),
            {
                "weeks": ("2028-12-03", "2028-12-30"), "month": ("2028-12-01", "2028-12-31"),
                "last-month": ("2028-11-01", "2028-11-30"),
                "quarter": ("2028-10-01", "2028-12-31"),
                "last-quarter": ("2028-07-01", "2028-09-30"),
                "year": ("2028-01-01", "2028-12-31"), "last-year": ("2027-01-01", "2027-12-31"),
            },
        ),
    ],
)  # fmt: skip
def test_periods(app, today, wanted) -> None:
    with app.test_request_context():
        found = periods.list_periods(today)
    assert {one.key: (str(one.since), str(one.until)) for one in found} == wanted


def test_who_never_gets_in(house, make, neighbour, reserve, session) -> None:
    make.rules(house.left, approval=True)
    staff = make.staff()
    lucky, unlucky, forgotten = neighbour("赵一"), neighbour("钱二"), neighbour("孙三")
    for who, hour in ((lucky, 10), (unlucky, 12), (unlucky, 14)):
        asked = reserve(house.left, who, at(1, hour))
        requests.decline(session, me_of(staff), asked, "有别的活动", at(0, 20))
    reserve(house.right, lucky, at(2, 10))
    reserve(house.left, forgotten, at(2, 16))
    session.commit()
    found = turned_away.read(session, [house.left.id], at(0, 0), at(9, 0), LATER)
    assert found.people == 2
    assert [(one["name"], one["times"], one["room_name"]) for one in found.named] == [
        ("钱二", 2, "东半厅"), ("孙三", 1, "东半厅"),
    ]  # fmt: skip
    assert turned_away.read(session, [house.right.id], at(0, 0), at(9, 0), LATER).people == 0
    assert figures(house.left, THURSDAY, FRIDAY)["declined"] == 4
