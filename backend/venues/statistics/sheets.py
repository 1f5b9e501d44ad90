"""The use of rooms as a spreadsheet: a sheet per cut, the hours, and what the columns mean.

It names nobody: a file goes further than a page.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from backend import spreadsheets
from backend.spreadsheets import Column, Sheet
from backend.venues.statistics.heat import Cell
from backend.venues.statistics.measures import MEASURES, NOTES, Measure
from backend.venues.statistics.report import Line, Report

NO_FIGURE = "–"


def write(report: Report) -> bytes:
    """Every table of the report as XLSX."""
    return spreadsheets.write_book(_sheets(report))


def _sheets(report: Report) -> Iterator[Sheet]:
    yield _sheet(_("合计"), None, [report.total])
    for table in report.tables:
        yield _sheet(table.title, table.above, table.lines)
    yield from _hours(report)
    meanings: list[tuple[Any, Any]] = [(each.name, each.meaning) for each in MEASURES]
    people = _(
        "%(n)s 位居民申请过场地，每次都没约上，期间也没有用过别的房间。",
        n=report.turned_away.people,
    )
    notes = [("", note) for note in (people, *NOTES)]
    yield Sheet(_("口径说明"), [Column(_("项目"), 14), Column(_("含义"), 80)], [*meanings, *notes])


def _sheet(title: str, above: str | None, lines: list[Line]) -> Sheet:
    columns = [Column(above, 16)] if above else []
    columns.append(Column(title, 24))
    columns += [Column(_heading(each), 14) for each in MEASURES]
    return Sheet(title, columns, [_row(above, line) for line in lines])


def _heading(measure: Measure) -> str:
    if measure.percent:
        return str(_("%(name)s（%%）", name=measure.name))
    return str(_("%(name)s（小时）", name=measure.name) if measure.hours else measure.name)


def _row(above: str | None, line: Line) -> list[Any]:
    values = (line.shown[measure.code] for measure in MEASURES)
    row: list[Any] = [line.above or "", line.name] if above else [line.name]
    return row + [NO_FIGURE if value is None else value for value in values]


def _hours(report: Report) -> Iterator[Sheet]:
    """Three sheets of the week: the share, the hours open and the hours used."""
    days = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"), _("全周"))
    columns = [Column(_("时间"), 10), *(Column(day, 9) for day in days)]

    def percent(cell: Cell) -> Any:
        return NO_FIGURE if cell.percent is None else cell.percent

    for title, figure in (
        (_("分时使用率"), percent),
        (_("分时开放（小时）"), lambda cell: cell.open),
        (_("分时使用（小时）"), lambda cell: cell.used),
    ):
        rows = [
            [f"{row.hour:02}:00", *map(figure, row.cells), figure(row.total)]
            for row in report.heat.rows
        ]
        whole = [_("全天"), *map(figure, report.heat.days), figure(report.heat.total)]
        yield Sheet(title, columns, [*rows, whole])
