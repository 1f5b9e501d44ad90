"""The one line of a stall: who is called next, and when everybody can expect to be.

The rule: whoever booked is due at their time, and goes before those who just came; these fill the
gaps. But at most so many booked in a row while others wait, then one of them: nobody waits longer
because of the other kind than that. Whoever was called and not there goes back three places, once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BACK = 3
"""So many are called before somebody who was not there is called again."""

PRIOR = 3
"""The service's usual minutes count as so many people served, before the pace of the day does."""

LATEST = 12
"""So many of those served last make the pace."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in line. `due_at`: booked for then; `skipped_at`: the calls so far when skipped.

    `behind`: handed on from a stall that closed, they stand right behind that number.
    """

    number: int
    due_at: datetime | None = None
    skipped_at: int | None = None
    behind: int | None = None

    @property
    def place(self) -> tuple[int, bool, int]:
        """Where those stand who just came."""
        return self.behind or self.number, self.behind is not None, self.number


@dataclass(slots=True)
class Turns:
    """What was called so far: how many, and how many booked in a row while others waited."""

    calls: int = 0
    in_a_row: int = 0


def most_in_a_row(walk_up_percent: int) -> int:
    """How many booked may follow each other while others wait, by the share kept for these."""
    if walk_up_percent <= 0:
        return 3
    return max(1, min(3, round((100 - walk_up_percent) / walk_up_percent)))


def choose(line: Sequence[Waiting], at: datetime, turns: Turns, most: int) -> Waiting:
    """Who is called at that moment, noted in `turns`; somebody has to be there."""
    back = [one for one in line if one.skipped_at is not None]
    ready = [one for one in back if turns.calls - (one.skipped_at or 0) >= BACK]
    booked = sorted(
        ((one.due_at, one.number, one) for one in line
         if one.due_at is not None and one.skipped_at is None),
    )  # fmt: skip
    came = [one for one in line if one.due_at is None and one.skipped_at is None]
    due = [one for due_at, _, one in booked if due_at <= at]
    chosen = _choose(ready, due, came, [one for *_, one in booked], back, turns, most)
    turns.calls += 1
    return chosen


def _choose(
    ready: Sequence[Waiting], due: Sequence[Waiting], came: Sequence[Waiting],
    early: Sequence[Waiting], back: Sequence[Waiting], turns: Turns, most: int,
) -> Waiting:  # fmt: skip
    if ready:
        return min(ready, key=lambda one: (one.skipped_at, one.number))
    if due and came and turns.in_a_row < most:
        turns.in_a_row += 1
        return due[0]
    if came:
        turns.in_a_row = 0
        return min(came, key=lambda one: one.place)
    turns.in_a_row = 0  # nobody of the other kind waits
    if due or early:
        return (due or early)[0]
    return min(back, key=lambda one: (one.skipped_at, one.number))


def forecast(
    line: Sequence[Waiting], begins: datetime, step: timedelta, turns: Turns, most: int,
    skipping: Callable[[datetime], datetime] = lambda at: at,
) -> Iterator[tuple[Waiting, datetime]]:  # fmt: skip
    """Everybody in the order in which they will be called, as it looks now, with the moment.

    The first at `begins`, then one every `step`; `skipping` moves a moment out of a break.
    """
    left, at = list(line), begins
    while left:
        at = skipping(at)
        chosen = choose(left, at, turns, most)
        left.remove(chosen)
        yield chosen, at
        at += step


def pace(usual_minutes: int, served: Sequence[timedelta]) -> timedelta:
    """How long one person takes, as the day has gone so far; `served`: the last one last."""
    latest = served[-LATEST:]
    total = timedelta(minutes=usual_minutes) * PRIOR + sum(latest, timedelta())
    return total / (PRIOR + len(latest))
