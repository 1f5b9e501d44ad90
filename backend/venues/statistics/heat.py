"""The heat map: how much of what was open was used, hour by hour and weekday by weekday."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.staff.figures import hours
from backend.venues.statistics.counting import Counts, Grid

STEPS = 5
"""Shades; a fifth of the open time each."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a weekday: hours open and used, the share in percent, and its shade."""

    open: float
    used: float
    percent: int | None
    step: int


@dataclass(frozen=True, slots=True)
class Row:
    """An hour of the day, Monday to Sunday, and all the week."""

    hour: int
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True, slots=True)
class Heat:
    """The hours in which anything was open, and all of them together."""

    rows: list[Row]
    days: list[Cell]
    total: Cell


def of(counts: Counts) -> Heat:
    """The map of these figures; no rows where nothing was open."""
    opened = sorted({hour for _, hour in counts.open})
    every = range(opened[0], opened[-1] + 1) if opened else ()
    rows = [
        Row(
            hour,
            [_cell(counts, [(day, hour)]) for day in range(7)],
            _cell(counts, [(day, hour) for day in range(7)]),
        )
        for hour in every
    ]
    days = [_cell(counts, [(day, hour) for hour in range(24)]) for day in range(7)]
    return Heat(rows, days, _cell(counts, counts.open))


def _cell(counts: Counts, which: Iterable[tuple[int, int]]) -> Cell:
    places = list(which)
    opened, used = _sum(counts.open, places), _sum(counts.used, places)
    if not opened:
        return Cell(0, 0, None, 0)
    step = min(STEPS, -(-used * STEPS // opened))
    return Cell(hours(opened), hours(used), round(100 * used / opened), step)


def _sum(grid: Grid, places: list[tuple[int, int]]) -> int:
    return sum(grid.get(place, 0) for place in places)
