"""The one line of booked people and those who just come: its rule, its bound, its forecast."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.market import line
from backend.market.line import Turns, Waiting

NINE = datetime(2026, 3, 14, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def came(number: int) -> Waiting:
    return Waiting(number)


def booked(number: int, minute: int) -> Waiting:
    return Waiting(number, NINE + minute * MINUTE)


def order(*waiting: Waiting, at: int = 0, most: int = 1, step: int = 10, **turns) -> list[int]:
    found = line.forecast(waiting, NINE + at * MINUTE, step * MINUTE, Turns(**turns), most)
    return [one.number for one, _at in found]


@pytest.mark.parametrize(
    ("expected", "waiting", "more"),
    [
        ([1, 2, 3], (came(3), came(1), came(2)), {}),
        ([2, 1], (came(1), booked(2, 0)), {}),  # due: goes first
        ([1, 2], (came(1), booked(2, 5)), {}),  # not due yet: a walk-up fills the gap
        ([3, 2], (booked(2, 30), booked(3, 20)), {}),  # nobody else is there: early, by their time
        ([1, 3, 2], (came(1), booked(2, 15), booked(3, 5)), {}),
        ([4, 1, 5, 2], (came(1), came(2), booked(4, 0), booked(5, 0)), {}),  # in turns
        ([4, 5, 1, 6, 2], (came(1), came(2), booked(4, 0), booked(5, 0), booked(6, 0)),
         {"most": 2}),
        ([1, 4], (came(1), booked(4, 0)), {"in_a_row": 1}),  # one booked has gone before already
        ([4, 5], (booked(4, 0), booked(5, 0)), {"in_a_row": 1}),
        ([2, 3, 4, 1, 5], (Waiting(1, None, 0), came(2), came(3), came(4), came(5)), {}),
        ([2, 1], (Waiting(1, None, 0), came(2)), {}),  # fewer than three are left
        ([1, 2], (Waiting(1, None, 0), came(2)), {"calls": 3}),
    ],
)  # fmt: skip
def test_who_is_next(expected, waiting, more) -> None:
    assert order(*waiting, **more) == expected


@pytest.mark.parametrize(
    ("percent", "most"), [(0, 3), (10, 3), (25, 3), (33, 2), (40, 2), (50, 1), (80, 1), (100, 1)]
)
def test_the_share_decides_how_many_booked_follow_each_other(percent, most) -> None:
    assert line.most_in_a_row(percent) == most


@dataclass
class Day:
    """A stall with one desk, its people and what became of them, by the rule itself."""

    most: int
    arrivals: list[tuple[int, Waiting]]
    minutes: list[int]
    passing: int = line.NO_LIMIT
    log: list[tuple[int, Waiting, list[Waiting]]] = field(default_factory=list)

    def run(self) -> None:
        at, turns, left = 0, Turns(), sorted(self.arrivals, key=lambda one: (one[0], one[1].number))
        waiting: list[Waiting] = []
        for minutes in self.minutes * len(left):
            waiting += [who for minute, who in left if minute <= at]
            left = [one for one in left if one[0] > at]
            if not waiting:
                if not left:
                    return
                at = left[0][0]
                continue
            chosen = line.choose(waiting, NINE + at * MINUTE, turns, self.most, self.passing)
            self.log.append((at, chosen, list(waiting)))
            waiting.remove(chosen)
            at += minutes


@st.composite
def days(draw):
    count = draw(st.integers(1, 25))
    arrivals = []
    for number in range(1, count + 1):
        minute = draw(st.integers(0, 90))
        due = draw(st.one_of(st.none(), st.integers(0, 120)))
        who = came(number) if due is None else booked(number, max(due, minute))
        arrivals.append((minute, who))
    return Day(draw(st.integers(1, 3)), arrivals, draw(st.lists(st.integers(1, 12), min_size=2)))


@UNHURRIED
@given(days())
def test_everybody_is_called_once_and_nobody_is_passed_beyond_the_bound(day: Day) -> None:
    day.run()
    assert sorted(one.number for _, one, _ in day.log) == sorted(
        who.number for _, who in day.arrivals
    )
    booked_in_a_row = walk_ups_in_a_row = 0
    for at, chosen, waiting in day.log:
        kinds = {one.due_at is None for one in waiting}
        due = [
            one for one in waiting if one.due_at is not None and one.due_at <= NINE + at * MINUTE
        ]
        if chosen.due_at is None:
            booked_in_a_row = 0
            walk_ups_in_a_row = walk_ups_in_a_row + 1 if due else 0
            assert walk_ups_in_a_row <= 1  # who is due waits for one of the others at most
            assert chosen.number == min(one.number for one in waiting if one.due_at is None)
        else:
            walk_ups_in_a_row = 0
            booked_in_a_row = booked_in_a_row + 1 if kinds == {True, False} else 0
            assert booked_in_a_row <= day.most
            assert chosen.due_at == min(one.due_at for one in waiting if one.due_at is not None)


def passed(log: list[tuple[datetime, Waiting]]) -> dict[int, int]:
    """By how many of the other kind, who came later, everybody was passed."""
    return {
        one.number: sum(
            (other.due_at is None) != (one.due_at is None) and one.since < min(other.since, at)
            for at, other in log[:place]
        )
        for place, (_, one) in enumerate(log)
    }


@UNHURRIED
@given(days(), st.integers(1, 4))
def test_nobody_is_passed_by_more_of_the_other_kind_than_the_bound(day: Day, passing: int) -> None:
    day.passing = passing
    by_coming = enumerate(sorted(day.arrivals, key=lambda one: one[0]), 1)
    day.arrivals = [
        (minute, replace(who, number=number, came_at=NINE + minute * MINUTE))
        for number, (minute, who) in by_coming
    ]
    day.run()
    log = [(NINE + at * MINUTE, who) for at, who, _ in day.log]
    assert max(passed(log).values()) <= passing


def test_whoever_was_passed_often_enough_goes_first() -> None:
    """Ten who booked are late together; the one who just came before them waits for two only."""
    waiting = [replace(came(1), came_at=NINE), *(booked(n, n) for n in range(2, 8))]
    for passing, expected in ((2, [2, 3, 1]), (line.NO_LIMIT, [2, 3, 4])):
        told = line.forecast(waiting, NINE + 10 * MINUTE, 5 * MINUTE, Turns(), 3, passing=passing)
        assert [one.number for one, _ in told][:3] == expected
    assert [line.most_passing(*one) for one in ((15, 1), (15, 2), (10, 1), (45, 1))] == [2, 4, 3, 1]


def test_a_forecast_is_what_happens_when_nobody_else_comes() -> None:
    chance = random.Random(7)
    waiting = [booked(n, chance.randint(0, 60)) if n % 2 else came(n) for n in range(1, 20)]
    told = list(line.forecast(waiting, NINE, 5 * MINUTE, Turns(), 1))
    day = Day(1, [(0, one) for one in waiting], [5])
    day.run()
    assert [(one.number, at) for one, at in told] == [
        (one.number, NINE + at * MINUTE) for at, one, _ in day.log
    ]


def test_breaks_move_those_behind_them() -> None:
    ends = NINE + 15 * MINUTE
    told = line.forecast(
        [came(1), came(2), came(3)], NINE, 6 * MINUTE, Turns(), 1,
        lambda at: ends if NINE + 10 * MINUTE <= at < ends else at,
    )  # fmt: skip
    assert [(at - NINE) // MINUTE for _one, at in told] == [0, 6, 15]


@pytest.mark.parametrize(
    ("served", "expected"),
    [([], 10), ([10], 10), ([4, 4, 4], 7), ([20] * 12, 18), ([60] + [10] * 12, 10)],
)
def test_the_pace_is_learned_from_the_day(served, expected) -> None:
    assert line.pace(10, [one * MINUTE for one in served]) == expected * MINUTE
