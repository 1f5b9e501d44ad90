"""The starts of a room on its days: which are free and for how long, and why the others are not.

Pure: opening hours, uses and rules go in, starts come out. Every verdict is that of the rules;
only, they are asked once for all starts that look alike to them, and about uses only where some
are near. What rooms with equal hours and rules have in common is worked out once for all of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from backend import clock
from backend.errors import Refusal
from backend.venues import rules
from backend.venues.asked import MINUTE, Asked, Rule, RuleSet, Use
from backend.venues.grid import (
    EPOCH,
    Grid,
    Lengths,
    Slot,
    ceiling,
    floor,
    grid_of,
    lengths_of,
    on_grid,
)
from backend.venues.hours import OpenDay, Span


class Start(NamedTuple):
    """One start of the grid: for at most so many `minutes`, or 0 and `why` not."""

    starts_at: datetime
    minutes: int
    why: Refusal | None


class Starts(NamedTuple):
    """The starts of a span side by side; `said` is when each is, as answers have it (RFC 3339)."""

    at: Sequence[datetime]
    said: Sequence[str]
    minutes: list[int]
    whys: list[Refusal | None]


@dataclass(frozen=True, slots=True)
class StartDay:
    """A day with its hours and the starts in each; `why` says why it is closed or differs, where
    known.
    """

    day: date
    spans: tuple[Span, ...]
    by_span: Sequence[Starts]
    why: str | None = None

    @property
    def starts(self) -> list[Start]:
        """All starts of the day."""
        return [
            start
            for found in self.by_span
            for start in map(Start, found.at, found.minutes, found.whys)
        ]

    @property
    def state(self) -> str:
        """Closed; or open with something free (`free`) or without (`full`)."""
        if not self.spans:
            return "closed"
        return "free" if any(any(found.minutes) for found in self.by_span) else "full"


class Reach(NamedTuple):
    """A use from `since` to `until`, and how far it reaches with the gaps it and the room want.

    Minutes since the epoch. Nothing fits that touches the time between `begins` and `ends`.
    """

    begins: int
    ends: int
    since: int
    until: int
    kind: str
    occupant_id: int
    buffer_before: int
    buffer_after: int
    why: str | None


class DayAlone(NamedTuple):
    """All that decides what the starts of one day are, but for the rules: equal days look equal.

    `uses` are those that reach the day. `now` stands for the minute of asking, or for a
    day that is all ahead it is the midnight before, since nothing there changes until the next.
    """

    day: OpenDay
    uses: tuple[Reach, ...]
    now: datetime


def of_days(
    days: Sequence[OpenDay], uses: Sequence[Use], ruled: RuleSet, now: datetime,
    minutes: int | None = None,
) -> list[StartDay]:  # fmt: skip
    """The starts of each day for a use of `minutes` (the least length by itself).

    A shorter wish is taken for the least length, on the grid.
    """
    return [of_day(alone, ruled, minutes) for alone in apart(days, uses, ruled, now)]


def of_day(alone: DayAlone, ruled: RuleSet, minutes: int | None = None) -> StartDay:
    """The starts of a day that `apart` has set apart."""
    lengths = lengths_of(ruled, minutes)
    found = [_starts(span, lengths, alone.uses, ruled, alone.now) for span in alone.day.spans]
    return StartDay(alone.day.day, alone.day.spans, found, alone.day.why)


def apart(
    days: Sequence[OpenDay], uses: Sequence[Use], ruled: RuleSet, now: datetime
) -> list[DayAlone]:
    """Each of the days, which follow one another, with what concerns it alone."""
    opened = [day for day in days if day.spans]
    opens = [floor(day.spans[0].starts_at) for day in opened]
    closes = [floor(day.spans[-1].ends_at) for day in opened]
    near: list[list[Reach]] = [[] for _ in opened]
    for use in uses:
        one = _reach(use, ruled)
        first = bisect_right(closes, one.begins)
        for number in range(first, bisect_left(opens, one.ends, first)):
            near[number].append(one)
    now = within_the_minute(now)
    midnight = datetime.combine(clock.today(now), time(), clock.LOCAL)
    soon = ceiling(now + ruled.lead_minutes * MINUTE)
    ahead = {
        day.day: (tuple(reaching), midnight if begins > soon else now)
        for day, reaching, begins in zip(opened, near, opens, strict=True)
    }
    return [DayAlone(day, *ahead.get(day.day, ((), midnight))) for day in days]


def within_the_minute(now: datetime) -> datetime:
    """The same moment for a whole minute: starts and lead times are whole minutes, so that between
    two of them the clock decides nothing.
    """
    minute = now.replace(second=0, microsecond=0)
    return now if now == minute else minute + MINUTE / 2


def slots(span: Span, ruled: RuleSet, now: datetime, minutes: int | None = None) -> list[Slot]:
    """The starts in a span with the verdict of the hours: the same for rooms with equal rules."""
    lengths = lengths_of(ruled, minutes)
    made = grid_of(span, *lengths).slots
    return [
        slot._replace(why=why) if why else slot
        for since, until, why in _by_hours(span, lengths, ruled, within_the_minute(now))
        for slot in made[since:until]
    ]


@lru_cache(maxsize=4096)
def _by_hours(
    span: Span, lengths: Lengths, ruled: RuleSet, now: datetime
) -> Sequence[tuple[int, int, Refusal | None]]:
    """From which start up to which other the hours and the clock say what."""
    grid = grid_of(span, *lengths)
    days = (OpenDay(span.starts_at.date(), (span,)),)
    begun = bisect_right(grid.begins, floor(now))
    soon = bisect_left(grid.begins, ceiling(now + ruled.lead_minutes * MINUTE))
    bounds = sorted({*grid.alike, begun, soon, len(grid.begins)})
    judged = []
    for since, until in pairwise(bounds):
        begins, ends, _ = grid.slots[since]
        asked = Asked(now=now, starts_at=begins, ends_at=ends, rules=ruled, days=days)
        judged.append((since, until, _refusal(asked, rules.OF_HOURS)))
    return judged


def _refusal(asked: Asked, of: Sequence[Rule]) -> Refusal | None:
    try:
        rules.check(asked, of)
    except Refusal as refusal:
        return refusal.with_traceback(None)  # kept: it shall not hold on to its frames
    return None


_Like = tuple[str, int, int, str | None, int]
"""A use as the rules see it: kind, gaps, reason, and 0 where it follows, 1 over, 2 before."""


@lru_cache(maxsize=1024)
def _why(ruled: RuleSet, around: tuple[_Like, ...]) -> Refusal | None:
    """What the rules say of any start with these uses touching it or its gaps."""
    asked = Asked(
        now=EPOCH, starts_at=EPOCH, ends_at=EPOCH + MINUTE, rules=ruled, days=(),
        uses=[
            Use(
                EPOCH + (1 - side) * MINUTE, EPOCH + (2 - side) * MINUTE, kind, 0,
                before, after, why,
            )
            for kind, before, after, why, side in around
        ],
    )  # fmt: skip
    return _refusal(asked, rules.OF_USES)


def _reach(use: Use, ruled: RuleSet) -> Reach:
    since, until = floor(use.starts_at), ceiling(use.ends_at)
    before = after = 0
    if ruled.buffer_before or ruled.buffer_after or use.buffer_before or use.buffer_after:
        before = rules.gap_minutes(ruled, use, earlier=False)
        after = rules.gap_minutes(ruled, use, earlier=True)
    return Reach(since - before, until + after, since, until, *use[2:])


def _starts(
    span: Span, lengths: Lengths, uses: Sequence[Reach], ruled: RuleSet, now: datetime
) -> Starts:
    """The starts of the span with what the hours, the clock and the uses say of each."""
    grid = grid_of(span, *lengths)
    minutes = list(grid.free)
    whys: list[Refusal | None] = [None] * len(minutes)
    judged = _by_hours(span, lengths, ruled, now)
    near = [one for one in uses if one.ends > grid.begins[0] and one.begins < grid.closes]
    if near:
        _cut_short(minutes, grid, near, ruled)
        judged = (*_by_uses(grid, near, ruled), *judged)
    for since, until, why in judged:
        if why is not None:
            minutes[since:until] = [0] * (until - since)
            whys[since:until] = [why] * (until - since)
    return Starts(grid.at, grid.said, minutes, whys)


def _cut_short(minutes: list[int], grid: Grid, near: Sequence[Reach], ruled: RuleSet) -> None:
    """Before each use, the starts from which one would run into it are free up to it only."""
    for one in near:
        begins = one.begins
        for number in range(bisect_right(grid.ends, begins) - 1, -1, -1):
            left = on_grid(begins - grid.begins[number], begins, grid.closes, ruled.grid_minutes)
            if minutes[number] <= left:
                break
            minutes[number] = left


_Touched = tuple[int, int, int, int, int, Reach]
"""The four bounds of `_clusters`, the number among those given, and the use."""


def _by_uses(
    grid: Grid, near: Sequence[Reach], ruled: RuleSet
) -> list[tuple[int, int, Refusal | None]]:
    """From which start up to which other the uses say what: between two bounds all look alike."""
    judged = []
    for touched in _clusters(grid, near):
        bounds = sorted({bound for one in touched for bound in one[:4]})
        for since, until in pairwise(bounds):
            around = tuple(
                (use.kind, use.buffer_before, use.buffer_after, use.why,
                 (since >= over) + (since >= after))
                for first, over, after, last, _, use in touched
                if first <= since < last
            )  # fmt: skip
            judged.append((since, until, _why(ruled, around)))
    return judged


def _clusters(grid: Grid, near: Sequence[Reach]) -> Iterator[list[_Touched]]:
    """From which start on each use is touched, is in the way, is over and is far again.

    Those that touch the same starts come together, in the order in which they were given.
    """
    touched = []
    for number, one in enumerate(near):
        first, last = bisect_right(grid.ends, one.begins), bisect_left(grid.begins, one.ends)
        over, after = bisect_right(grid.ends, one.since), bisect_left(grid.begins, one.until)
        if first < last:
            touched.append((first, over, after, last, number, one))
    cluster: list[_Touched] = []
    reached = 0
    for each in sorted(touched):
        if cluster and each[0] >= reached:
            yield sorted(cluster, key=itemgetter(4))
            cluster = []
        cluster.append(each)
        reached = max(reached, each[3])
    if cluster:
        yield sorted(cluster, key=itemgetter(4))
