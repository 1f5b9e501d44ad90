"""Opening hours: spans of a day as text, and the spans in which a room is open on given days."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from backend import clock
from backend.places.holidays import ServingCalendar

DAY = 24 * 60
_SPAN = re.compile(
    r"([01]?\d|2[0-4])[:：]([0-5]\d)\s*[-–—~～至到]\s*([01]?\d|2[0-4])[:：]([0-5]\d)"
)
_BETWEEN = re.compile(r"[\s,，、;；]*")

Minutes = tuple[int, int]
"""From and until, in minutes after midnight; until is more than a day for past midnight."""


@lru_cache(maxsize=1024)
def read_hours(text: str) -> tuple[Minutes, ...]:
    """The spans that `text` says, in order; none for an empty one. Raises ValueError.

    A span that ends before it begins, or as it begins, ends on the next day.
    """
    spans: list[Minutes] = []
    rest = text.strip()
    while rest:
        found = _SPAN.match(rest)
        if found is None:
            raise ValueError(text)
        numbers = [int(part) for part in found.groups()]
        start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        end += DAY if end <= start else 0
        if start >= DAY or end > start + DAY or (spans and start < spans[-1][1]):
            raise ValueError(text)
        spans.append((start, end))
        rest = rest[found.end() :]
        rest = rest[_BETWEEN.match(rest).end() :]  # type: ignore[union-attr]
    if spans and spans[-1][1] > spans[0][0] + DAY:
        raise ValueError(text)  # it would run into its own next day
    return tuple(spans)


def write_hours(spans: Sequence[Minutes]) -> str:
    """The one form in which hours are kept."""
    return " ".join(f"{_on_clock(start)}-{_on_clock(end, ends=True)}" for start, end in spans)


def _on_clock(minute: int, *, ends: bool = False) -> str:
    minute -= DAY if minute > DAY or (minute == DAY and not ends) else 0
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True, slots=True)
class Span:
    """Open without a break, from a moment up to a moment."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day and when the room is open on it; `why` says why it is not, where that is known."""

    day: date
    spans: tuple[Span, ...]
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """Other hours on one day, and why."""

    hours: str
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """All that decides when a room is open: hours per weekday, holidays, days that differ.

    `week` is Monday first, `holiday` the hours of public holidays (None: as on the weekday).
    What is closed stays closed; then the day's own entry counts, then the holiday.
    """

    week: Sequence[str]
    holiday: str | None
    calendar: ServingCalendar
    days: Mapping[date, Departure]
    path: str

    def on(self, day: date) -> OpenDay:
        """When the room is open on `day`; a span past midnight belongs to the day it begins."""
        if closed := self.calendar.why_closed(day, self.path):
            return OpenDay(day, (), closed)
        if (own := self.days.get(day)) is not None:
            return OpenDay(day, _spans(day, own.hours), own.reason)
        if self.holiday is not None and (holiday := self.calendar.holiday(day)):
            return OpenDay(day, _spans(day, self.holiday), holiday)
        return OpenDay(day, _spans(day, self.week[day.weekday()]))

    def between(self, first: date, last: date) -> Iterator[OpenDay]:
        """Every day from `first` to `last`.

        Where a night reaches into the next day's hours, it ends as those begin: no moment is in
        two spans, and so on two grids.
        """
        day = self.on(first)
        for number in range((last - first).days + 1):
            following = self.on(first + timedelta(days=number + 1))
            yield _cut(day, following)
            day = following


def _cut(day: OpenDay, following: OpenDay) -> OpenDay:
    if not day.spans or not following.spans:
        return day
    *rest, night = day.spans
    morning = following.spans[0].starts_at
    if night.ends_at <= morning:
        return day
    return replace(day, spans=(*rest, Span(night.starts_at, morning)))


@lru_cache(maxsize=4096)
def _spans(day: date, hours: str) -> tuple[Span, ...]:
    midnight = datetime.combine(day, time(), clock.LOCAL)
    return tuple(
        Span(midnight + timedelta(minutes=start), midnight + timedelta(minutes=end))
        for start, end in read_hours(hours)
    )
