"""A simulated market day: six stalls, three hundred people, half of them walk-ups, seeded."""

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

import pytest

from backend.market import grid, line
from backend.market.line import Turns, Waiting
from tests.market.test_line import passed

NINE = datetime(2026, 3, 14, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURS, STALLS, PEOPLE = 3, 6, 300


@dataclass
class Stall:
    """A stall at which people arrive, are called by the rule, and take as long as they take."""

    desks: int
    slot: int
    dice: random.Random
    arrivals: list[tuple[float, Waiting, bool]] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=lambda: {"booked": [], "walk-up": []})
    no_shows: int = 0
    misjudged: list[float] = field(default_factory=list)
    log: list[tuple[datetime, Waiting]] = field(default_factory=list)

    @property
    def passing(self) -> int:
        return line.most_passing(self.slot, self.desks)

    def run(self, most: int) -> None:
        free = [0.0] * self.desks
        turns, waiting, told = Turns(), [], {}
        left = sorted(self.arrivals, key=lambda one: (one[0], one[1].number))
        served: list[timedelta] = []
        comes = {who.number: shows for _, who, shows in left}
        arrived = {who.number: at for at, who, _ in left}
        while left or waiting:
            at = min(free)
            if not waiting and left[0][0] > at:
                at = left[0][0]
            while left and left[0][0] <= at:
                _, who, _ = left.pop(0)
                waiting.append(who)
                told[who.number] = self.estimate(waiting, who, arrived, served, turns, most)
            chosen = line.choose(waiting, NINE + at * MINUTE, turns, most, self.passing)
            self.log.append((NINE + at * MINUTE, chosen))
            waiting.remove(chosen)
            booked = chosen.due_at is not None
            due = 0.0 if chosen.due_at is None else (chosen.due_at - NINE) / MINUTE
            self.waits["booked" if booked else "walk-up"].append(
                at - max(arrived[chosen.number], due)
            )
            self.misjudged.append(at - arrived[chosen.number] - told[chosen.number])
            minutes = 1.0
            if comes[chosen.number]:
                minutes = max(2.0, self.dice.gauss(self.slot * 0.9, self.slot * 0.25))
                served.append(minutes * MINUTE)
            else:
                self.no_shows += 1
            free[free.index(min(free))] = at + minutes

    def estimate(self, waiting, who, arrived, served, turns, most) -> float:
        each = line.pace(self.slot, served)
        begins = NINE + arrived[who.number] * MINUTE
        told = line.forecast(
            waiting, begins, each / self.desks, deepcopy(turns), most, passing=self.passing
        )
        at = next(at for one, at in told if one.number == who.number)
        return (at - begins) / MINUTE


def came(number: int, minute: float, due_at: datetime | None = None) -> Waiting:
    return Waiting(number, due_at, came_at=NINE + max(minute, 0.0) * MINUTE)


def stalls(seed: int, percent: int) -> Iterator[Stall]:
    """Slots booked as far as they are open, and as many walk-ups, spread over the morning."""
    dice = random.Random(seed)
    for number in range(STALLS):
        desks = (2, 3, 1, 1, 2, 1)[number]
        slot = HOURS * 60 * desks * STALLS // PEOPLE  # so that all stalls together serve them all
        made = Stall(desks, slot, dice)
        starts = grid.starts(0, HOURS * 60, (), slot)
        numbers = iter(range(1, PEOPLE))
        for start, places in zip(starts, grid.bookable(len(starts), desks, percent), strict=True):
            for _ in range(places):
                if dice.random() < 0.1:
                    continue  # booked and never came: no number was taken
                early = start - dice.uniform(-3, 15)
                due = NINE + max(start, early) * MINUTE
                made.arrivals.append(
                    (max(early, 0.0), came(next(numbers), early, due), dice.random() > 0.03)
                )
        walk_ups = len(starts) * desks - sum(grid.bookable(len(starts), desks, percent))
        for _ in range(walk_ups):
            at = dice.uniform(0, HOURS * 60 * 0.85)
            made.arrivals.append((at, came(next(numbers), at), dice.random() > 0.05))
        made.arrivals.sort(key=lambda one: one[0])  # numbers are given as people come
        made.arrivals = [
            (at, replace(who, number=number), shows)
            for number, (at, who, shows) in enumerate(made.arrivals, 1)
        ]
        yield made


@pytest.mark.parametrize("seed", range(8))
def test_waits_are_bounded_and_fair(seed: int) -> None:
    day, most = list(stalls(seed, 50)), line.most_in_a_row(50)
    for one in day:
        one.run(most)
    waits = {kind: [w for one in day for w in one.waits[kind]] for kind in ("booked", "walk-up")}
    everybody = waits["booked"] + waits["walk-up"]
    assert len(everybody) == sum(len(one.arrivals) for one in day) > 0.85 * PEOPLE
    for one in day:  # nobody waits more than half an hour because of the other kind
        most_passed = max(passed(one.log).values())
        assert most_passed <= one.passing
        assert most_passed * one.slot / one.desks <= line.PASSED_MINUTES
    assert max(waits["booked"]) < 20  # minutes: about one of the others, and whoever is served
    assert median(waits["walk-up"]) < 10
    assert quantiles(waits["walk-up"], n=10)[-1] < 30
    assert sum(one.no_shows for one in day) > 0
    off = [one for stall in day for one in stall.misjudged]
    assert abs(median(off)) < 5  # what was told on arrival is about what it was
