"""A stall's slots: its opening's own grid minus the breaks, and how many places each opens.

All times are minutes after midnight.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from backend import clock

MINUTE = timedelta(minutes=1)

Minutes = tuple[int, int]
"""From and until."""


def moment(day: date, minute: int) -> datetime:
    """The moment so many minutes after the day's midnight."""
    return datetime.combine(day, time(), clock.LOCAL) + minute * MINUTE


def starts(
    opens: int, closes: int, breaks: Sequence[Minutes], slot_minutes: int
) -> tuple[int, ...]:
    """When the slots begin: one after the other from the opening on, as long as they fit whole.

    What would reach into a break is left out; the grid goes on behind it as it was.
    """
    return tuple(
        start
        for start in range(opens, closes - slot_minutes + 1, slot_minutes)
        if not any(start < ends and begins < start + slot_minutes for begins, ends in breaks)
    )


def bookable(slots: int, at_once: int, walk_up_percent: int) -> tuple[int, ...]:
    """How many places of each slot are booked; the others are kept for who just comes.

    At least the share is kept, spread evenly over the day.
    """
    places = slots * at_once
    booked = places - -(-places * walk_up_percent // 100)
    return tuple(
        (number + 1) * booked // slots - number * booked // slots for number in range(slots)
    )


def merged(spans: Sequence[Minutes]) -> list[Minutes]:
    """The same times without overlap, in order; what touches becomes one."""
    found: list[Minutes] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def is_over(day: date, until_minute: int, closed_at: datetime | None, now: datetime) -> bool:
    """Whether a stall has closed, as planned or early."""
    return closed_at is not None or now >= moment(day, until_minute)
