"""The starts of a room on its days: which are free and for how long, and why the others are not.

Pure: opening hours, uses and rules go in, starts come out. Every verdict is that of the rules;
only, they are asked once for all starts that look alike to them, and about uses only where some
are near.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from backend import clock
from backend.errors import Refusal
from backend.venues import rules
from backend.venues.asked import MINUTE, Asked, Rule, RuleSet, Use
from backend.venues.hours import OpenDay, Span


class Start(NamedTuple):
    """One start of the grid: for at most so many `minutes`, or 0 and `why` not."""

    starts_at: datetime
    minutes: int = 0
    why: Refusal | None = None


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


def of_days(
    days: Sequence[OpenDay], uses: Sequence[Use], ruled: RuleSet, now: datetime,
    minutes: int | None = None,
) -> list[StartDay]:  # fmt: skip
    """The starts of each day for a use of `minutes` (the least length by itself).

    A shorter wish is taken for the least length, on the grid.
    """
    taken = reaches(uses, ruled)
    return [
        StartDay(
            day.day, day.spans,
            tuple(
                start
                for span in day.spans
                for start in judge(slots(span, ruled, now, minutes), span, taken, ruled, now)
            ),
            day.why,
        )
        for day in days
    ]  # fmt: skip


def slots(span: Span, ruled: RuleSet, now: datetime, minutes: int | None = None) -> list[Slot]:
    """The starts in a span with the verdict of the hours: the same for rooms with equal rules."""
    days = (OpenDay(span.starts_at.date(), (span,)),)
    bounds = sorted((now - span.starts_at, now + ruled.lead_minutes * MINUTE - span.starts_at))
    verdicts: dict[Hashable, Refusal | None] = {}
    found = []
    for begins, ends in _grid(span, ruled, minutes):
        at, left = begins - span.starts_at, span.ends_at - ends
        # Nothing else about a start of one span can matter to the rules of hours.
        like = (
            begins.date(), ends - begins, bisect_left(bounds, at), bisect_right(bounds, at),
            (left > _NONE) - (left < _NONE),
        )  # fmt: skip
        if like not in verdicts:
            verdicts[like] = _refusal(
                Asked(now=now, starts_at=begins, ends_at=ends, rules=ruled, days=days),
                rules.OF_HOURS,
            )
        found.append(Slot(begins, ends, verdicts[like]))
    return found


_NONE = timedelta()


def _refusal(asked: Asked, of: Sequence[Rule]) -> Refusal | None:
    try:
        rules.check(asked, of)
    except Refusal as refusal:
        return refusal
    return None


def _grid(span: Span, ruled: RuleSet, minutes: int | None) -> Iterator[tuple[datetime, datetime]]:
    """Every start of the span, and where the shortest use from there ends."""
    if ruled.whole_day:
        yield span.starts_at, span.ends_at
        return
    least = max(minutes or 0, ruled.min_minutes) * MINUTE
    grid = ruled.grid_minutes * MINUTE
    length = -(-least // grid) * grid
    last = max(span.ends_at - ruled.min_minutes * MINUTE, span.starts_at)
    begins = span.starts_at
    while begins <= last:
        ends = begins + length
        if ends > span.ends_at >= begins + least:
            ends = span.ends_at  # not on the grid, but at the closing
        yield begins, ends
        begins += grid


Reach = tuple[datetime, datetime, Use]
"""A use with the gaps that it and the room want: nothing fits that touches the time between."""


def reaches(uses: Sequence[Use], ruled: RuleSet) -> list[Reach]:
    """How far each use reaches, in the time zone of the starts: others compare slowly."""
    found = []
    for use in uses:
        begins, ends = clock.local(use.starts_at), clock.local(use.ends_at)
        before = rules.gap_minutes(ruled, use, earlier=False) * MINUTE
        after = rules.gap_minutes(ruled, use, earlier=True) * MINUTE
        local = Use(
            begins, ends, use.kind, use.occupant_id, use.buffer_before, use.buffer_after, use.why
        )
        found.append((begins - before, ends + after, local))
    return found


def judge(
    offered: Sequence[Slot], span: Span, taken: Sequence[Reach], ruled: RuleSet, now: datetime
) -> Iterator[Start]:
    """Which of the slots are free of uses, too, and for how long."""
    near = [one for one in taken if one[0] < span.ends_at and span.starts_at < one[1]]
    for slot in offered:
        begins, ends, why = slot.starts_at, slot.ends_at, slot.why
        if why is None:
            around = [one[2] for one in near if one[0] < ends and begins < one[1]]
            if around:
                asked = Asked(
                    now=now, starts_at=begins, ends_at=ends, rules=ruled, days=(), uses=around
                )  # fmt: skip
                why = _refusal(asked, rules.OF_USES)
        yield Start(begins, 0 if why else _longest(slot, span, near, ruled), why)


def free(offered: Sequence[Slot], taken: Sequence[Reach]) -> list[Slot]:
    """Those of the slots that the hours allow and no use touches: `judge` without the reasons."""
    return [
        slot
        for slot in offered
        if slot.why is None
        and not any(begins < slot.ends_at and slot.starts_at < ends for begins, ends, _ in taken)
    ]


def _longest(slot: Slot, span: Span, near: Sequence[Reach], ruled: RuleSet) -> int:
    """For how many minutes the free start is free: up to the next use, the closing, the limit."""
    if ruled.whole_day:
        return int((slot.ends_at - slot.starts_at) / MINUTE)
    until = min(span.ends_at, slot.starts_at + ruled.max_minutes * MINUTE)
    for begins, ends, _ in near:
        if ends > slot.starts_at and begins < until:
            until = begins
    minutes = int((until - slot.starts_at) / MINUTE)
    return minutes if until == span.ends_at else minutes // ruled.grid_minutes * ruled.grid_minutes
