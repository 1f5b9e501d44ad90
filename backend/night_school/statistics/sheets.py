"""The statistics as a spreadsheet: a sheet per cut, and one that says what the columns mean."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from backend import spreadsheets
from backend.night_school.statistics.measures import MEASURES, NOTES, Measure
from backend.night_school.statistics.report import Line, Report
from backend.spreadsheets import Column, Sheet

NO_FIGURE = "–"


def write(report: Report) -> bytes:
    """Every table of the report, its figures hidden where the page hides them, as XLSX."""
    return spreadsheets.write_book(_sheets(report))


def _sheets(report: Report) -> Iterator[Sheet]:
    if report.total is not None:
        yield _sheet(report, _("合计"), None, [report.total], MEASURES)
    for table in report.tables:
        yield _sheet(report, table.title, table.above, table.lines, table.measures)
    meanings = [(measure.name, measure.meaning) for measure in MEASURES]
    notes = [("", note) for note in NOTES]
    yield Sheet(_("口径说明"), [Column(_("项目"), 14), Column(_("含义"), 80)], [*meanings, *notes])


def _sheet(
    report: Report, title: str, above: str | None, lines: list[Line], counted: Sequence[Measure]
) -> Sheet:
    columns = [Column(above, 16)] if above else []
    columns.append(Column(title, 20))
    for measure in counted:
        columns += [Column(heading, 14) for heading in _headings(report, measure)]
    return Sheet(title, columns, [_row(report, above, line, counted) for line in lines])


def _headings(report: Report, measure: Measure) -> list[str]:
    name = _("%(name)s（%%）", name=measure.name) if measure.percent else str(measure.name)
    if report.versus is None:
        return [name]
    chosen = [report.period, report.versus]
    return [f"{name} · {period.name}" for period in chosen if period is not None]


def _row(report: Report, above: str | None, line: Line, counted: Sequence[Measure]) -> list[Any]:
    row: list[Any] = [line.above or ""] if above else []
    row.append(line.name)
    for measure in counted:
        sides = [line.now] if line.then is None else [line.now, line.then]
        for side in sides:
            value = side[measure.code]
            row.append(NO_FIGURE if value is None else value)
    return row
