"""The grid of starts in a span of opening hours, worked out once for all rooms that have it."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from backend.errors import Refusal
from backend.venues.asked import MINUTE, RuleSet
from backend.venues.hours import Span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(NamedTuple):
    """A start of the grid, up to where the shortest use asked for ends; `why` the hours say no."""

    starts_at: datetime
    ends_at: datetime
    why: Refusal | None = None


class Grid(NamedTuple):
    """The starts of a span whatever the clock says and whatever uses the room.

    `begins` and `ends` are those of `slots` in minutes since the epoch; `free` is for how long each
    start is with nothing in its way. At every place in `alike` begins a run of starts that differ
    in nothing but how far off they are: same day, same length, same side of the closing.
    """

    slots: tuple[Slot, ...]
    at: tuple[datetime, ...]
    said: tuple[str, ...]
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    free: tuple[int, ...]
    closes: int
    alike: tuple[int, ...]


Lengths = tuple[bool, int, int, int, int]


def lengths_of(ruled: RuleSet, minutes: int | None) -> Lengths:
    """What of the rules makes the grid."""
    least = max(minutes or 0, ruled.min_minutes)
    return ruled.whole_day, ruled.grid_minutes, ruled.min_minutes, ruled.max_minutes, least


@lru_cache(maxsize=4096)
def grid_of(
    span: Span, whole_day: bool, grid: int, shortest: int, longest: int, least: int
) -> Grid:
    """Every start of the span, and where the shortest use from there ends."""
    opens, closes = floor(span.starts_at), floor(span.ends_at)
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
    for begin in begins:
        until = closes if whole_day else min(closes, begin + longest)
        free.append(on_grid(until - begin, until, closes, grid))
    at = tuple(slot.starts_at for slot in made)
    said = tuple(one.isoformat(timespec="seconds") for one in at)
    return Grid(made, at, said, tuple(begins), tuple(ends), tuple(free), closes, alike)


def on_grid(minutes: int, until: int, closes: int, grid: int) -> int:
    """A use ends on the grid, or as the room closes."""
    return minutes if until == closes else minutes // grid * grid


def floor(at: datetime) -> int:
    return (at - EPOCH) // MINUTE


def ceiling(at: datetime) -> int:
    return -((EPOCH - at) // MINUTE)
