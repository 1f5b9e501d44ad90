"""The one line of a stall: who is called next, and when everybody can expect to be.

The rule: whoever booked is due at their time, and goes before those who just came; these fill the
gaps. But at most so many booked in a row while others wait, then one of them. And nobody is passed
by more of the other kind, of those who came after them, than fit into half an hour: from then on
whoever came first goes first. Whoever was called and not there goes back three places, once.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NO_LIMIT = 1_000_000

BACK = 3
"""So many are called before somebody who was not there is called again."""

PRIOR = 3
"""The service's usual minutes count as so many people served, before the pace of the day does."""

PASSED_MINUTES = 30
"""Those of the other kind who pass somebody take so long at most, at the planned pace."""

LATEST = 12
"""So many of those served last make the pace."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in line. `due_at`: booked for then; `skipped_at`: the calls so far when skipped.

    `behind`: handed on from a stall that closed, they stand right behind that number. `came_at`:
    when they took it.
    """

    number: int
    due_at: datetime | None = None
    skipped_at: int | None = None
    behind: int | None = None
    came_at: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """From when on they wait: who booked, from their time on."""
        return self.due_at or self.came_at

    @property
    def place(self) -> tuple[int, bool, int]:
        """Where those stand who just came."""
        return self.behind or self.number, self.behind is not None, self.number


@dataclass(slots=True)
class Turns:
    """What was called so far: how many, and how many booked in a row while others waited.

    `booked` and `walk_ups`: since when those of each kind who were called had waited, in order.
    """

    calls: int = 0
    in_a_row: int = 0
    booked: list[datetime] = field(default_factory=list)
    walk_ups: list[datetime] = field(default_factory=list)

    def note(self, one: Waiting, at: datetime) -> None:
        """One is called; whoever was skipped before passes nobody by their kind."""
        self.calls += 1
        if one.skipped_at is None and one.since is not None:
            insort(self.walk_ups if one.due_at is None else self.booked, min(one.since, at))

    def passed(self, one: Waiting) -> int:
        """By how many of the other kind, who came later, somebody was passed."""
        if one.since is None:
            return 0
        others = self.booked if one.due_at is None else self.walk_ups
        return len(others) - bisect_right(others, one.since)


def most_in_a_row(walk_up_percent: int) -> int:
    """How many booked may follow each other while others wait, by the share kept for these."""
    if walk_up_percent <= 0:
        return 3
    return max(1, min(3, round((100 - walk_up_percent) / walk_up_percent)))


def most_passing(slot_minutes: int, at_once: int) -> int:
    """By how many of the other kind somebody may be passed: what fits into PASSED_MINUTES."""
    return max(1, PASSED_MINUTES * at_once // slot_minutes)


def choose(
    line: Sequence[Waiting], at: datetime, turns: Turns, most: int, passing: int = NO_LIMIT
) -> Waiting:
    """Who is called at that moment, noted in `turns`; somebody has to be there.

    `most` booked in a row while others wait; nobody is passed by more than `passing`.
    """
    return _Sorted(line).call(at, turns, most, passing)


class _Sorted:
    """A line by kind, each kind in its order: whoever is called is the first of one of them."""

    def __init__(self, line: Sequence[Waiting]) -> None:
        there = [one for one in line if one.skipped_at is None]
        self._booked = deque(
            one for *_, one in
            sorted((one.due_at, one.number, one) for one in there if one.due_at is not None)
        )  # fmt: skip
        self._came = deque(
            sorted((one for one in there if one.due_at is None), key=lambda one: one.place)
        )
        self._back = deque(
            one for *_, one in
            sorted((one.skipped_at, one.number, one) for one in line if one.skipped_at is not None)
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self._booked or self._came or self._back)

    def call(self, at: datetime, turns: Turns, most: int, passing: int) -> Waiting:
        """Take out who is called at that moment, noted in `turns`."""
        chosen = self._queue(at, turns, most, passing).popleft()
        turns.note(chosen, at)
        return chosen

    def _queue(self, at: datetime, turns: Turns, most: int, passing: int) -> deque[Waiting]:
        """Of which kind the next one is."""
        booked, came, back = self._booked, self._came, self._back
        if back and turns.calls - (back[0].skipped_at or 0) >= BACK:
            return back
        if booked and came and (booked[0].due_at or at) <= at:
            chosen = _of_both(booked[0], came[0], turns, most, passing)
            return booked if chosen is booked[0] else came
        turns.in_a_row = 0  # nobody of the other kind waits
        return came or booked or back


def _of_both(due: Waiting, came: Waiting, turns: Turns, most: int, passing: int) -> Waiting:
    """The first of each kind: by turns, unless the other one was passed often enough."""
    chosen, other = (due, came) if turns.in_a_row < most else (came, due)
    first = None not in (chosen.since, other.since) and other.since <= chosen.since  # type: ignore[operator]
    if first and turns.passed(other) >= passing:
        chosen = other
    turns.in_a_row = turns.in_a_row + 1 if chosen is due else 0
    return chosen


def forecast(
    line: Sequence[Waiting], begins: datetime, step: timedelta, turns: Turns, most: int,
    skipping: Callable[[datetime], datetime] = lambda at: at, passing: int = NO_LIMIT,
) -> Iterator[tuple[Waiting, datetime]]:  # fmt: skip
    """Everybody in the order in which they will be called, as it looks now, with the moment.

    The first at `begins`, then one every `step`; `skipping` moves a moment out of a break.
    """
    left, at = _Sorted(line), begins
    while left:
        at = skipping(at)
        yield left.call(at, turns, most, passing), at
        at += step


def pace(usual_minutes: int, served: Sequence[timedelta]) -> timedelta:
    """How long one person takes, as the day has gone so far; `served`: the last one last."""
    latest = served[-LATEST:]
    total = timedelta(minutes=usual_minutes) * PRIOR + sum(latest, timedelta())
    return total / (PRIOR + len(latest))
