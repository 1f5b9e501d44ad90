"""From "every Tuesday and Thursday from two to four" to dates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend import clock
from backend.places import recurring
from backend.venues.errors import EndsBeforeStart, NoDates, TooManyDates
from backend.venues.hours import Span

MOST_DATES = 60
"""Nobody makes a longer series, staff neither: a year of weeks, and some."""

_AGES = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """The first time, and when it comes again: weekdays from Monday (0), by default its own.

    It ends with the day `until` or after so many `times`, whichever comes first.
    """

    starts_at: datetime
    ends_at: datetime
    weekdays: frozenset[int] = frozenset()
    every_weeks: int = 1
    until: date | None = None
    times: int | None = None


def spans(pattern: Pattern) -> list[Span]:
    """Every date, the first one on the first weekday from its day on; the clock stays the same.

    Raises EndsBeforeStart, NoDates, TooManyDates.
    """
    if pattern.ends_at <= pattern.starts_at:
        raise EndsBeforeStart()
    start, length = clock.local(pattern.starts_at), pattern.ends_at - pattern.starts_at
    first = start.date()
    weekdays = pattern.weekdays or {first.weekday()}
    last = min(pattern.until or date.max, first + _AGES)
    found: list[Span] = []
    for day in recurring.days(first, last, weekdays, pattern.every_weeks):
        if pattern.times is not None and len(found) >= pattern.times:
            break
        if len(found) == MOST_DATES:
            raise TooManyDates(most=MOST_DATES)
        starts_at = datetime.combine(day, start.timetz())
        found.append(Span(starts_at, starts_at + length))
    if not found:
        raise NoDates()
    return found
