"""On which day of a month a market is held: the second Saturday, the last Sunday, the 15th."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LAST = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """The `week`-th `weekday` (0: Monday; LAST: the last one), or `day_of_month`."""

    week: int | None = None
    weekday: int | None = None
    day_of_month: int | None = None

    def in_month(self, month: date) -> date:
        """The day in the month that begins with `month`; every month has one."""
        if self.day_of_month is not None:
            return month.replace(day=self.day_of_month)
        assert self.week is not None
        assert self.weekday is not None
        if self.week < LAST:
            first = month + timedelta(days=(self.weekday - month.weekday()) % 7)
            return first + timedelta(weeks=self.week - 1)
        end = month.replace(day=monthrange(month.year, month.month)[1])
        return end - timedelta(days=(end.weekday() - self.weekday) % 7)


def months(first: date, count: int) -> Iterator[date]:
    """The first days of so many months, beginning with the month `first` is in."""
    month = first.replace(day=1)
    for _number in range(count):
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def ahead(rule: Rule, after: date, count: int) -> list[date]:
    """The next days after `after`, one a month."""
    found = (rule.in_month(month) for month in months(after, count + 1))
    return [day for day in found if day > after][:count]
