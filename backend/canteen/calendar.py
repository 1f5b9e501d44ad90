"""The serving calendar of one canteen, and the moment at which orders for a meal close.

The same moment governs ordering, changing, cancelling, pausing and resuming; at that moment
it is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.models import CanteenDay
from backend.db import AnyRow
from backend.places import holidays
from backend.places.holidays import ServingCalendar

FRIDAY = 4
LOOK_BACK = timedelta(days=60)
"""How far before a meal its cut-off is looked for: longer than any row of holidays."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a canteen says of one day of its own."""

    serves: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CanteenCalendar:
    """Which days a canteen serves on: its own entries, then closures, holidays, weekdays."""

    weekdays: Sequence[int]
    on_holidays: bool
    path: str
    district: ServingCalendar
    days: Mapping[date, Day] = field(default_factory=dict)

    def why_not(self, day: date) -> str | None:
        """Why it does not serve on the day; None if it does."""
        if (entry := self.days.get(day)) is not None:
            return None if entry.serves else entry.reason
        if closed := self.district.why_closed(day, self.path):
            return closed
        if (holiday := self.district.holiday(day)) is not None:
            return None if self.on_holidays else holiday
        if day.weekday() in self.weekdays:
            return None
        if self.district.is_made_up(day) and min(self.weekdays, default=FRIDAY + 1) <= FRIDAY:
            return None
        return str(_("这一天不供餐"))

    def serves(self, day: date) -> bool:
        """Whether it cooks on the day."""
        return self.why_not(day) is None

    def before(self, day: date, count: int) -> date:
        """The serving day that is `count` serving days before; `day` itself for 0.

        Raises LookupError if there is none within LOOK_BACK.
        """
        earlier = day
        for _number in range(LOOK_BACK.days):
            if not count:
                return earlier
            earlier -= timedelta(days=1)
            count -= self.serves(earlier)
        raise LookupError(f"no serving day that far before {day}")

    def closes(self, day: date, cutoff_days: int, cutoff_minute: int) -> datetime:
        """When orders for a meal of the day close."""
        return clock.at_minute(self.before(day, cutoff_days), cutoff_minute)


def of_canteen(session: Session, canteen: AnyRow, first: date, last: date) -> CanteenCalendar:
    """The calendar of a canteen, a row with its place's `path`, for meals from `first` to `last`.

    Three reads.
    """
    since = first - LOOK_BACK
    days = session.execute(
        select(CanteenDay.day, CanteenDay.serves, CanteenDay.reason).where(
            CanteenDay.canteen_id == canteen.id, CanteenDay.day.between(since, last)
        )
    )
    return CanteenCalendar(
        canteen.weekdays, canteen.on_holidays, canteen.path,
        holidays.calendar(session, since, last),
        {row.day: Day(row.serves, row.reason) for row in days},
    )  # fmt: skip
