"""The starts of a room on its days: which are free and for how long, and why the others are not.

Pure: opening hours, uses and rules go in, starts come out. Every verdict is that of the rules;
only, they are asked once for all starts that look alike to them, and about uses only where some
are near. What rooms with equal hours and rules have in common is worked out once for all of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from backend import clock
from backend.errors import Refusal
from backend.venues import rules
from backend.venues.asked import MINUTE, Asked, Rule, RuleSet, Use
from backend.venues.hours import OpenDay, Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Start(NamedTuple):
    """One start of the grid: for at most so many `minutes`, or 0 and `why` not.

    `said` is the moment as answers have it (RFC 3339).
    """

    starts_at: datetime
    minutes: int
    why: Refusal | None
    said: str


@dataclass(frozen=True, slots=True)
class StartDay:
    """A day with its hours and starts; `why` says why it is closed or differs, where known."""

    day: date
    spans: tuple[Span, ...]
    starts: tuple[Start, ...]
    why: str | None = None

    @property
    def state(self) -> str:
        """Closed; or open with something free (`free`) or without (`full`)."""
        if not self.spans:
            return "closed"
        return "free" if any(start.minutes for start in self.starts) else "full"


class Slot(NamedTuple):
    """A start of the grid, up to where the shortest use asked for ends; `why` the hours say no."""

    starts_at: datetime
    ends_at: datetime
    why: Refusal | None = None


class _Grid(NamedTuple):
    """The starts of a span whatever the clock says and whatever uses the room.

    `begins` and `ends` are those of `slots` in minutes since the epoch; `free` is how each start
    looks with nothing in its way. At every place in `alike` begins a run of starts that differ in
    nothing but how far off they are: same day, same length, same side of the closing.
    """

    slots: tuple[Slot, ...]
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    free: tuple[Start, ...]
    closes: int
    alike: tuple[int, ...]


class DayAlone(NamedTuple):
    """All that decides what the starts of one day are, but for the rules: equal days look equal.

    `uses` are those that may reach the day. `now` stands for the minute of asking, or for a day
    that is all ahead it is the midnight before, since nothing there changes until the next.
    """

    day: OpenDay
    uses: tuple[Use, ...]
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
    taken, lengths = _Taken(alone.uses, ruled), _lengths(ruled, minutes)
    found = [
        start for span in alone.day.spans for start in _starts(span, lengths, taken, alone.now)
    ]
    return StartDay(alone.day.day, alone.day.spans, tuple(found), alone.day.why)


def apart(
    days: Sequence[OpenDay], uses: Sequence[Use], ruled: RuleSet, now: datetime
) -> list[DayAlone]:
    """Each of the days, which follow one another, with what concerns it alone."""
    opened = [day for day in days if day.spans]
    opens = [day.spans[0].starts_at.timestamp() for day in opened]
    closes = [day.spans[-1].ends_at.timestamp() for day in opened]
    near: list[list[Use]] = [[] for _ in opened]
    gap = max(ruled.buffer_before, ruled.buffer_after)
    for use in uses:
        reach = max(gap, use.buffer_before, use.buffer_after) * 60
        first = bisect_right(closes, use.starts_at.timestamp() - reach)
        for number in range(first, bisect_left(opens, use.ends_at.timestamp() + reach, first)):
            near[number].append(use)
    now = within_the_minute(now)
    midnight = datetime.combine(clock.today(now), time(), clock.LOCAL)
    soon = (now + ruled.lead_minutes * MINUTE).timestamp()
    ahead = {
        day.day: (tuple(uses), midnight if begins > soon else now)
        for day, uses, begins in zip(opened, near, opens, strict=True)
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
    lengths = _lengths(ruled, minutes)
    made = _grid(span, *lengths).slots
    return [
        slot._replace(why=why) if why else slot
        for since, until, why in _by_hours(span, lengths, ruled, within_the_minute(now))
        for slot in made[since:until]
    ]


_Lengths = tuple[bool, int, int, int, int]


def _lengths(ruled: RuleSet, minutes: int | None) -> _Lengths:
    """What of the rules makes the grid."""
    least = max(minutes or 0, ruled.min_minutes)
    return ruled.whole_day, ruled.grid_minutes, ruled.min_minutes, ruled.max_minutes, least


@lru_cache(maxsize=4096)
def _grid(span: Span, whole_day: bool, grid: int, shortest: int, longest: int, least: int) -> _Grid:
    """Every start of the span, and where the shortest use from there ends."""
    opens, closes = _floor(span.starts_at), _floor(span.ends_at)
    begins, ends = [opens], [closes]
    if not whole_day:
        length = -(-least // grid) * grid
        begins = list(range(opens, max(closes - shortest, opens) + 1, grid))
        # What does not end on the grid may end at the closing.
        ends = [closes if at + least <= closes < at + length else at + length for at in begins]
    made = tuple(
        Slot(span.starts_at + (begin - opens) * MINUTE, span.starts_at + (end - opens) * MINUTE)
        for begin, end in zip(begins, ends, strict=True)
    )
    looks = [
        (slot.starts_at.date(), end - begin, (end > closes) - (end < closes))
        for slot, begin, end in zip(made, begins, ends, strict=True)
    ]
    alike = (0, *(number for number in range(1, len(looks)) if looks[number] != looks[number - 1]))
    free = []
    for slot, begin in zip(made, begins, strict=True):
        until = closes if whole_day else min(closes, begin + longest)
        said = slot.starts_at.isoformat(timespec="seconds")
        free.append(Start(slot.starts_at, _on_grid(until - begin, until, closes, grid), None, said))
    return _Grid(made, tuple(begins), tuple(ends), tuple(free), closes, alike)


def _on_grid(minutes: int, until: int, closes: int, grid: int) -> int:
    """A use ends on the grid, or as the room closes."""
    return minutes if until == closes else minutes // grid * grid


def _floor(at: datetime) -> int:
    return (at - _EPOCH) // MINUTE


def _ceiling(at: datetime) -> int:
    return -((_EPOCH - at) // MINUTE)


@lru_cache(maxsize=4096)
def _by_hours(
    span: Span, lengths: _Lengths, ruled: RuleSet, now: datetime
) -> Sequence[tuple[int, int, Refusal | None]]:
    """From which start up to which other the hours and the clock say what."""
    grid = _grid(span, *lengths)
    days = (OpenDay(span.starts_at.date(), (span,)),)
    begun = bisect_right(grid.begins, _floor(now))
    soon = bisect_left(grid.begins, _ceiling(now + ruled.lead_minutes * MINUTE))
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


class _Reach(NamedTuple):
    """A use from `since` to `until`, and how far it reaches with the gaps it and the room want.

    Minutes since the epoch. Nothing fits that touches the time between `begins` and `ends`.
    """

    begins: int
    ends: int
    since: int
    until: int
    number: int
    use: Use


class _Taken:
    """What uses the room, in order."""

    def __init__(self, uses: Sequence[Use], ruled: RuleSet) -> None:
        self.ruled = ruled
        self._all = sorted(_reach(number, use, ruled) for number, use in enumerate(uses))
        self._begins = [one.begins for one in self._all]
        self._ends = list(accumulate((one.ends for one in self._all), max))

    def near(self, opens: int, closes: int) -> list[_Reach]:
        """Those that touch a span."""
        first, last = bisect_right(self._ends, opens), bisect_left(self._begins, closes)
        return [one for one in self._all[first:last] if one.ends > opens]


_Like = tuple[str, int, int, str | None, int]
"""A use as the rules see it: kind, gaps, reason, and 0 where it follows, 1 over, 2 before."""


@lru_cache(maxsize=1024)
def _why(ruled: RuleSet, around: tuple[_Like, ...]) -> Refusal | None:
    """What the rules say of any start with these uses touching it or its gaps."""
    asked = Asked(
        now=_EPOCH, starts_at=_EPOCH, ends_at=_EPOCH + MINUTE, rules=ruled, days=(),
        uses=[
            Use(
                _EPOCH + (1 - side) * MINUTE, _EPOCH + (2 - side) * MINUTE, kind, 0,
                before, after, why,
            )
            for kind, before, after, why, side in around
        ],
    )  # fmt: skip
    return _refusal(asked, rules.OF_USES)


def _reach(number: int, use: Use, ruled: RuleSet) -> _Reach:
    since, until = _floor(use.starts_at), _ceiling(use.ends_at)
    before = rules.gap_minutes(ruled, use, earlier=False)
    after = rules.gap_minutes(ruled, use, earlier=True)
    return _Reach(since - before, until + after, since, until, number, use)


def _starts(span: Span, lengths: _Lengths, taken: _Taken, now: datetime) -> list[Start]:
    """The starts of the span with what the hours, the clock and the uses say of each."""
    grid = _grid(span, *lengths)
    found = list(grid.free)
    near = taken.near(grid.begins[0], grid.closes)
    if near:
        _cut_short(found, grid, near, taken.ruled)
        for since, until, why in _by_uses(grid, near, taken.ruled):
            _refuse(found, since, until, why)
    for since, until, why in _by_hours(span, lengths, taken.ruled, now):
        _refuse(found, since, until, why)
    return found


def _refuse(found: list[Start], since: int, until: int, why: Refusal | None) -> None:
    if why is not None:
        for number in range(since, until):
            start = found[number]
            found[number] = Start(start.starts_at, 0, why, start.said)


def _cut_short(found: list[Start], grid: _Grid, near: Sequence[_Reach], ruled: RuleSet) -> None:
    """Before each use, the starts from which one would run into it are free up to it only."""
    for one in near:
        last = bisect_right(grid.ends, one.begins)
        for number in range(last - 1, -1, -1):
            start, minutes = found[number], one.begins - grid.begins[number]
            minutes = _on_grid(minutes, one.begins, grid.closes, ruled.grid_minutes)
            if start.minutes <= minutes:
                break
            found[number] = Start(start.starts_at, minutes, None, start.said)


def _by_uses(
    grid: _Grid, near: Sequence[_Reach], ruled: RuleSet
) -> list[tuple[int, int, Refusal | None]]:
    """From which start up to which other the uses say what: between two bounds all look alike."""
    touched = []
    for one in sorted(near, key=lambda one: one.number):
        # Touched at all; and of these, in use itself.
        first, last = bisect_right(grid.ends, one.begins), bisect_left(grid.begins, one.ends)
        over, after = bisect_right(grid.ends, one.since), bisect_left(grid.begins, one.until)
        if first < last:
            touched.append((first, over, after, last, one.use))
    bounds = sorted({bound for one in touched for bound in one[:4]})
    judged = []
    for since, until in pairwise(bounds):
        around = tuple(
            (use.kind, use.buffer_before, use.buffer_after, use.why,
             (since >= over) + (since >= after))
            for first, over, after, last, use in touched
            if first <= since < last
        )  # fmt: skip
        if around:
            judged.append((since, until, _why(ruled, around)))
    return judged
