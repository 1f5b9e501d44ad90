"""The figures of rooms over a period: the days kept, and directly what nobody has added up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from backend import clock
from backend.venues.statistics import days, spans, summaries
from backend.venues.statistics.figures import Figures
from backend.venues.statistics.spans import Cells

Grid = dict[tuple[int, int], int]
"""Minutes by weekday, Monday being 0, and hour."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures by room, and the minutes open and used by weekday and hour."""

    rooms: dict[int, Figures] = field(default_factory=dict)
    open: Grid = field(default_factory=dict)
    used: Grid = field(default_factory=dict)


def count(
    session: Session, room_ids: Sequence[int], first: date, last: date, now: datetime
) -> Counts:
    """From the day `first` to the day `last`, as far as they are over."""
    counts, last = Counts(), min(last, clock.today(now))
    if not room_ids or first > last:
        return counts
    kept = summaries.kept(session)
    if kept is not None:
        _add_kept(session, counts, room_ids, max(first, kept[0]), min(last, kept[1]))
    for since, until in _left(first, last, kept):
        _add_directly(session, counts, room_ids, since, until, now)
    return counts


def _left(first: date, last: date, kept: tuple[date, date] | None) -> Iterator[tuple[date, date]]:
    """What lies before and after the days kept."""
    if kept is None or kept[1] < first or last < kept[0]:
        yield first, last
        return
    if first < kept[0]:
        yield first, kept[0] - timedelta(days=1)
    if kept[1] < last:
        yield kept[1] + timedelta(days=1), last


def _add_kept(
    session: Session, counts: Counts, room_ids: Sequence[int], first: date, last: date
) -> None:
    if first > last:
        return
    counts.rooms.update(summaries.by_room(session, room_ids, first, last))
    for day, opened, used in summaries.by_hour(session, room_ids, first, last):
        for grid, minutes in ((counts.open, opened), (counts.used, used)):
            for hour, number in enumerate(minutes):
                _put(grid, day.weekday(), hour, number)


def _add_directly(
    session: Session, counts: Counts, room_ids: Sequence[int], first: date, last: date,
    now: datetime,
) -> None:  # fmt: skip
    alike: Counter[int] = Counter()  # rooms that are open together share their hours
    shared: dict[int, Cells] = {}
    for use in days.read(session, room_ids, first, last, now):
        figures = counts.rooms.setdefault(use.room_id, Figures())
        shared[id(use.open)] = use.open
        alike[id(use.open)] += 1
        _put_cells(counts.used, use.used)
        figures.add(_summed(use))
    for ident, cells in shared.items():
        _put_cells(counts.open, cells, alike[ident])


def _summed(use: days.RoomUse) -> Figures:
    whole = Figures(
        *(sum(cells.values()) for cells in (
            use.open, use.used, use.lessons, use.blocked, use.outside
        ))
    )  # fmt: skip
    for figures in use.counts.values():
        whole.add(figures)
    return whole


def _put_cells(grid: Grid, cells: Cells, times: int = 1) -> None:
    for at, minutes in cells.items():
        day, hour = divmod(at, spans.DAY)
        _put(grid, date.fromordinal(day).weekday(), hour, minutes * times)


def _put(grid: Grid, weekday: int, hour: int, minutes: int) -> None:
    if minutes:
        grid[weekday, hour] = grid.get((weekday, hour), 0) + minutes
