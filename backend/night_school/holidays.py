"""The serving calendar: which days lessons pass over, by the published public holidays."""

from datetime import date, timedelta

import chinese_calendar


def is_public_holiday(day: date) -> bool:
    """Whether `day` belongs to a public holiday; an ordinary weekend does not.

    Years the State Council has not announced yet have none.
    """
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(off and name)


def is_announced(day: date) -> bool:
    """Whether the holidays of that year are known; else staff are warned."""
    try:
        chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return True


def weekly(first: date, count: int) -> list[date]:
    """`count` days, a week apart from `first` on, public holidays passed over."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if not is_public_holiday(day):
            days.append(day)
        day += timedelta(weeks=1)
    return days


def first_on(weekday: int, on_or_after: date) -> date:
    """The first such weekday (0 Monday .. 6 Sunday) from a day on."""
    return on_or_after + timedelta(days=(weekday - on_or_after.weekday()) % 7)
