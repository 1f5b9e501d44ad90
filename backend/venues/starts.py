"""The starts of a room on its days: which are free and for how long, and why the others are not.

Pure: opening hours, uses and rules go in, starts come out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.errors import Refusal
from backend.venues import rules
from backend.venues.hours import OpenDay, Span
from backend.venues.rules import MINUTE, Asked, RuleSet, Use


@dataclass(frozen=True, slots=True)
class Start:
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


def of_days(
    days: Sequence[OpenDay], uses: Sequence[Use], ruled: RuleSet, now: datetime,
    minutes: int | None = None,
) -> list[StartDay]:  # fmt: skip
    """The starts of each day for a use of `minutes` (the least length by itself).

    A shorter wish is taken for the least length, on the grid.
    """
    return [
        StartDay(
            day.day, day.spans,
            tuple(
                start
                for span in day.spans
                for start in _of_span(OpenDay(day.day, (span,)), uses, ruled, now, minutes)
            ),
            day.why,
        )
        for day in days
    ]  # fmt: skip


def _of_span(
    day: OpenDay, uses: Sequence[Use], ruled: RuleSet, now: datetime, minutes: int | None
) -> Iterator[Start]:
    [span] = day.spans
    near = _near(span, uses, ruled)
    if ruled.whole_day:
        least = int((span.ends_at - span.starts_at) / MINUTE)
    else:
        least = max(minutes or 0, ruled.min_minutes)
    begins = span.starts_at
    while begins + ruled.min_minutes * MINUTE <= span.ends_at or begins == span.starts_at:
        ends = _ends(begins, least, span, ruled)
        asked = Asked(
            now=now, starts_at=begins, ends_at=ends, rules=ruled, days=(day,), uses=near
        )  # fmt: skip
        try:
            rules.check(asked, rules.OF_TIME)
        except Refusal as why:
            yield Start(begins, why=why)
        else:
            yield Start(begins, _longest(asked, span))
        if ruled.whole_day:
            return
        begins += ruled.grid_minutes * MINUTE


def _ends(begins: datetime, least: int, span: Span, ruled: RuleSet) -> datetime:
    """Where the shortest use of at least that length ends: on the grid, or at the closing."""
    on_grid = begins + -(-least // ruled.grid_minutes) * ruled.grid_minutes * MINUTE
    enough = begins + least * MINUTE <= span.ends_at
    return min(on_grid, span.ends_at) if enough else on_grid


def _near(span: Span, uses: Sequence[Use], ruled: RuleSet) -> list[Use]:
    """The uses that can be in the way of anything in the span."""
    return [
        use
        for use in uses
        if use.starts_at - max(use.buffer_before, ruled.buffer_after) * MINUTE < span.ends_at
        and use.ends_at + max(use.buffer_after, ruled.buffer_before) * MINUTE > span.starts_at
    ]


def _longest(asked: Asked, span: Span) -> int:
    """For how many minutes the free start is free: up to the next use, the closing, the limit."""
    ruled = asked.rules
    if ruled.whole_day:
        return asked.minutes
    until = min(span.ends_at, asked.starts_at + ruled.max_minutes * MINUTE)
    for use in asked.uses:
        if use.starts_at > asked.starts_at:
            gap = rules.gap_minutes(ruled, use, earlier=False)
            until = min(until, use.starts_at - gap * MINUTE)
    minutes = int((until - asked.starts_at) / MINUTE)
    return minutes if until == span.ends_at else minutes // ruled.grid_minutes * ruled.grid_minutes
