"""The use of rooms as a spreadsheet: a sheet per cut, the hours, and what the columns mean.

It names nobody: a file goes further than a page.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from backend import spreadsheets
from backend.spreadsheets import Column, Sheet
from backend.staff import figures
from backend.staff.figures import NO_FIGURE
from backend.venues.statistics.heat import Cell
from backend.venues.statistics.measures import MEASURES, NOTES
from backend.venues.statistics.report import Report


def write(report: Report) -> bytes:
    """Every table of the report as XLSX."""
    return spreadsheets.write_book(_sheets(report))


def _sheets(report: Report) -> Iterator[Sheet]:
    yield figures.sheet(_("合计"), None, [report.total], MEASURES)
    for table in report.tables:
        yield figures.sheet(table.title, table.above, table.lines, MEASURES)
    yield from _hours(report)
    people = _(
        "%(n)s 位居民申请过场地，每次都没约上，期间也没有用过别的房间。",
        n=report.turned_away.people,
    )
    yield figures.legend(MEASURES, (people, *NOTES))


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
