"""Spans of time in whole minutes on the wall: joined, cut out of each other, dealt out to hours.

Pure. A minute is counted from the day 0 of the calendar on, so days and hours are divisions.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from backend import clock

Spans = list[tuple[int, int]]
"""In order, none touching the next."""

Cells = dict[int, int]
"""Minutes by hour; the hour is counted as the minutes are."""

HOUR, DAY = 60, 24


def minute(at: datetime) -> int:
    """The minute that a moment lies in."""
    local = clock.local(at)
    return (local.toordinal() * DAY + local.hour) * HOUR + local.minute


def midnight(day: date) -> int:
    """The first minute of a day."""
    return day.toordinal() * DAY * HOUR


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """What lies in any of the spans."""
    found: Spans = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def within(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Spans:
    """What lies in both."""
    found, number = [], 0
    for start, end in spans:
        while number < len(others) and others[number][1] <= start:
            number += 1
        at = number
        while at < len(others) and others[at][0] < end:
            found.append((max(start, others[at][0]), min(end, others[at][1])))
            at += 1
    return found


def without(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Spans:
    """What lies in `spans` and not in `others`."""
    found = []
    for start, end in spans:
        at = start
        for gone, back in within([(start, end)], others):
            if at < gone:
                found.append((at, gone))
            at = back
        if at < end:
            found.append((at, end))
    return found


def dealt(spans: Iterable[tuple[int, int]]) -> Cells:
    """The minutes of each hour that the spans touch."""
    cells: Cells = {}
    for start, end in spans:
        at = start
        while at < end:
            hour = at // HOUR
            edge = min(end, (hour + 1) * HOUR)
            cells[hour] = cells.get(hour, 0) + edge - at
            at = edge
    return cells
