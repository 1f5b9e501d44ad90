"""The serving calendar: which days services pass over, and why.

Public holidays and make-up days come from the State Council's announcements (the package
`chinese-calendar`); what the district enters itself counts before them, and places may be closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar
from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.places.models import CalendarDay, Closure, DayKind, Place


@dataclass(frozen=True, slots=True)
class Entry:
    """What the district says of one day."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A place that is closed from a day to a day, both included."""

    path: str
    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ServingCalendar:
    """Days as they are at a place: published holidays, the district's entries, closures."""

    entries: Mapping[date, Entry] = field(default_factory=dict)
    closures: Sequence[Closed] = ()

    def why_off(self, day: date, path: str = "/") -> str | None:
        """Why what takes place behind `path` passes over the day; None if it does not."""
        return self.why_closed(day, path) or self.holiday(day)

    def is_made_up(self, day: date) -> bool:
        """Whether people work on that day to make up for a holiday (调休)."""
        if (entry := self.entries.get(day)) is not None:
            return entry.kind == DayKind.WORK
        off, name = _published(day)
        return bool(name) and not off

    def holiday(self, day: date) -> str | None:
        """The name of the holiday that the day is everywhere in the district, if it is one."""
        if (entry := self.entries.get(day)) is not None:
            return entry.name if entry.kind == DayKind.OFF else None
        off, name = _published(day)
        return _in_words(name) if off and name else None

    def why_closed(self, day: date, path: str) -> str | None:
        """Why the place behind `path` is closed on the day; None if it is not."""
        for closed in self.closures:
            if path.startswith(closed.path) and closed.starts_on <= day <= closed.ends_on:
                return closed.reason
        return None


def calendar(session: Session, first: date, last: date) -> ServingCalendar:
    """The serving calendar of the whole district from `first` to `last`; two reads."""
    days = session.execute(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.name).where(
            CalendarDay.day.between(first, last)
        )
    )
    closures = session.execute(
        select(Place.path, Closure.starts_on, Closure.ends_on, Closure.reason)
        .join(Place, Place.id == Closure.place_id)
        .where(Closure.starts_on <= last, Closure.ends_on >= first)
        .order_by(Closure.starts_on, Closure.id)
    )
    return ServingCalendar(
        {row.day: Entry(row.kind, row.name) for row in days},
        [Closed(*row) for row in closures],
    )


def is_public_holiday(day: date) -> bool:
    """Whether `day` belongs to a published public holiday; an ordinary weekend does not.

    Years the State Council has not announced yet have none.
    """
    off, name = _published(day)
    return bool(off and name)


def is_known(session: Session, day: date) -> bool:
    """Whether the holidays of that year are announced or entered; else staff are warned."""
    try:
        chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        year = (date(day.year, 1, 1), date(day.year, 12, 31))
        entered = select(CalendarDay.id).where(CalendarDay.day.between(*year)).limit(1)
        return session.execute(entered).first() is not None
    return True


def _published(day: date) -> tuple[bool, str | None]:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False, None
    return bool(off), name


def _in_words(name: str) -> str:
    """The holiday's name in the reader's language."""
    if str(get_locale() or "zh").startswith("zh"):
        return next(str(one.chinese) for one in chinese_calendar.Holiday if one.value == name)
    return name
