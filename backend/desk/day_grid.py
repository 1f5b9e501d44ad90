"""A table of columns (rooms of a day, or days of a room) and half hours: in use, free or closed.

Pure: spans and uses go in, cells that reach over several half hours come out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from backend import clock
from backend.places.models import OccupantKind
from backend.venues.hours import Span

SLOT = 30
"""Minutes from line to line."""

_MINUTE = timedelta(minutes=1)
_WORKDAY = (9 * 60, 18 * 60)  # what is drawn where nothing is open and nothing is on


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that uses a room; `of_room` names the other room that shares a part with it."""

    kind: str
    id: int
    starts_at: datetime
    ends_at: datetime
    title: str | None = None
    person_name: str | None = None
    group_name: str | None = None
    headcount: int | None = None
    wishes: str | None = None
    last_four: str | None = None
    came: bool = False
    of_room: str | None = None
    reachable: bool = False

    @property
    def who(self) -> str | None:
        """Who has it: the person, behind the group it is for."""
        if self.group_name is None:
            return self.person_name
        return f"{self.group_name}（{self.person_name}）"


@dataclass(frozen=True, slots=True)
class Column:
    """One room on one day, with its open spans (and why they differ) and its uses.

    `titles`: the screen at its door may say what residents reserved it for.
    """

    room: Any
    day: date
    spans: Sequence[Span]
    entries: Sequence[Entry] = ()
    why: str | None = None
    titles: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """So many lines of a column: `use` with its entries, `free` from a moment on, or `closed`."""

    kind: str
    starts_at: datetime
    lines: int = 1
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its time of day, and the cell that begins here in each column, if one does."""

    label: str
    cells: Sequence[Cell | None]


def lay(columns: Sequence[Column]) -> list[Line]:
    """The lines of the columns, from the first opening or use to the last closing or use."""
    first, last = _reach(columns)
    cells = [dict(_cells(column, first, last)) for column in columns]
    return [
        Line(f"{at // 60 % 24:02}:{at % 60:02}", [column.get(at) for column in cells])
        for at in range(first, last, SLOT)
    ]


def _reach(columns: Sequence[Column]) -> tuple[int, int]:
    spans = [(of, one.starts_at, one.ends_at) for of in columns for one in of.spans]
    edges = [(_floor(of, start), _ceil(of, end)) for of, start, end in spans]
    edges += [_drawn(of, one) for of in columns for one in of.entries]
    edges = edges or [_WORKDAY]
    return min(start for start, _ in edges), max(end for _, end in edges)


def _drawn(column: Column, entry: Entry) -> tuple[int, int]:
    """From which line up to which; of a block for days, what lies in the opening hours."""
    start, end = _floor(column, entry.starts_at), _ceil(column, entry.ends_at)
    if entry.kind == OccupantKind.BLOCK:
        hours = [
            (_floor(column, one.starts_at), _ceil(column, one.ends_at)) for one in column.spans
        ]
        first, last = min(hours, default=_WORKDAY)[0], max(hours, default=_WORKDAY)[1]
        if start < last and first < end:
            start, end = max(start, first), min(end, last)
    return start, max(end, start + SLOT)


def _minutes(column: Column, at: datetime) -> float:
    midnight = datetime.combine(column.day, time(), clock.LOCAL)
    return max((at - midnight) / _MINUTE, 0)


def _floor(column: Column, at: datetime) -> int:
    return int(_minutes(column, at)) // SLOT * SLOT


def _ceil(column: Column, at: datetime) -> int:
    return int(-(-_minutes(column, at) // SLOT)) * SLOT


def _cells(column: Column, first: int, last: int) -> Iterator[tuple[int, Cell]]:
    """Every cell with the line it begins in; what shares a line stands in one cell."""
    uses = {start: (end, entries) for start, end, entries in _merged(column)}
    midnight = datetime.combine(column.day, time(), clock.LOCAL)
    at = first
    while at < last:
        starts_at = midnight + at * _MINUTE
        if at in uses:
            until, entries = uses[at]
            yield at, Cell("use", starts_at, (until - at) // SLOT, entries)
        elif (opened := _open_from(column, starts_at)) is not None:
            until = at + SLOT
            yield at, Cell("free", opened)
        else:
            until = at + SLOT
            while until < last and until not in uses and _closed(column, midnight, until):
                until += SLOT
            yield at, Cell("closed", starts_at, (until - at) // SLOT)
        at = until


def _merged(column: Column) -> list[tuple[int, int, list[Entry]]]:
    found: list[tuple[int, int, list[Entry]]] = []
    for entry in sorted(column.entries, key=lambda one: (one.starts_at, one.ends_at)):
        start, end = _drawn(column, entry)
        if found and start < found[-1][1]:
            begun, until, entries = found.pop()
            found.append((begun, max(until, end), [*entries, entry]))
        else:
            found.append((start, end, [entry]))
    return found


def _open_from(column: Column, line: datetime) -> datetime | None:
    """From when the room is open in the half hour from `line` on; None while it is closed."""
    for span in column.spans:
        if span.starts_at < line + SLOT * _MINUTE and line < span.ends_at:
            return max(span.starts_at, line)
    return None


def _closed(column: Column, midnight: datetime, at: int) -> bool:
    return _open_from(column, midnight + at * _MINUTE) is None
