"""Days that come again: certain weekdays, every week or every so many weeks."""

from collections.abc import Container, Iterator
from datetime import date, timedelta


def days(first: date, last: date, weekdays: Container[int], every_weeks: int = 1) -> Iterator[date]:
    """Each such day from `first` to `last`; weeks begin on Monday (0), that of `first` counts."""
    monday = first - timedelta(days=first.weekday())
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in weekdays and (day - monday).days // 7 % every_weeks == 0:
            yield day
