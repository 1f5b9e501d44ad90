"""Figures in tables, for pages and spreadsheets of statistics: measures, lines, one cut a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from backend.spreadsheets import Column, Sheet

Shown = dict[str, float | int | None]

NO_FIGURE = "–"


@dataclass(frozen=True, slots=True)
class Measure:
    """A column: a number of hours (`hours`) or minutes, a share (`percent`), or a count."""

    code: str
    name: Any
    meaning: Any
    hours: bool = False
    minutes: bool = False
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `asked` leads to a page of its own, `above` is where it lies."""

    name: str
    shown: Shown
    asked: dict[str, int] = field(default_factory=dict)
    above: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One cut; `above` is the heading of where its lines lie, if they do."""

    code: str
    title: str
    lines: list[Line]
    above: str | None = None


def hours(minutes: int) -> float:
    """Minutes as hours with one decimal."""
    return round(minutes / 60, 1)


def percent(part: int, whole: int) -> float | None:
    """A share with one decimal."""
    return round(100 * part / whole, 1) if whole else None


def sheet(
    title: str, above: str | None, lines: Iterable[Line], measures: Sequence[Measure]
) -> Sheet:
    """A table's lines with every measure."""
    columns = [Column(above, 16)] if above else []
    columns.append(Column(title, 24))
    columns += [Column(_heading(each), 14) for each in measures]
    return Sheet(title, columns, [_row(above, line, measures) for line in lines])


def legend(measures: Iterable[Measure], notes: Iterable[Any]) -> Sheet:
    """What the columns mean."""
    rows = [(each.name, each.meaning) for each in measures] + [("", note) for note in notes]
    return Sheet(_("口径说明"), [Column(_("项目"), 14), Column(_("含义"), 80)], rows)


def _heading(measure: Measure) -> str:
    if measure.percent:
        return str(_("%(name)s（%%）", name=measure.name))
    if measure.minutes:
        return str(_("%(name)s（分钟）", name=measure.name))
    return str(_("%(name)s（小时）", name=measure.name) if measure.hours else measure.name)


def _row(above: str | None, line: Line, measures: Sequence[Measure]) -> list[Any]:
    values = (line.shown[measure.code] for measure in measures)
    row: list[Any] = [line.above or "", line.name] if above else [line.name]
    return row + [NO_FIGURE if value is None else value for value in values]
