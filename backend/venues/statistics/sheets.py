"""The use of rooms as a spreadsheet: a sheet per cut, the hours, and what the columns mean.

It names only who never got in, and that to those alone who may read names.
"""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from backend import clock, spreadsheets
from backend.spreadsheets import Column, Sheet
from backend.staff import figures
from backend.staff.figures import NO_FIGURE
from backend.venues.statistics.heat import Cell
from backend.venues.statistics.measures import MEASURES, NOTES
from backend.venues.statistics.report import Report
from backend.venues.statistics.turned_away import TurnedAway

_WIDTHS = (12, 12, 32, 14, 40)


def write(report: Report) -> bytes:
    """Every table of the report as XLSX."""
    return spreadsheets.write_book(_sheets(report))


def _sheets(report: Report) -> Iterator[Sheet]:
    yield figures.sheet(_("合计"), None, [report.total], MEASURES)
    for table in report.tables:
        yield figures.sheet(table.title, table.above, table.lines, MEASURES)
    yield from _hours(report)
    yield from _turned_away(report.turned_away)
    people = _(
        "%(n)s 位居民想用场地，每次都没约上，期间也没有用过别的房间。",
        n=report.turned_away.people,
    )
    yield figures.legend(MEASURES, (people, *NOTES))


def _turned_away(found: TurnedAway) -> Iterator[Sheet]:
    """Why people did not get in, and who they are."""
    columns = [Column(_("原因"), 24), Column(_("次数"), 10), Column(_("几位居民"), 10)]
    yield Sheet(_("没约上的原因"), columns, [list(row) for row in found.reasons])
    if found.named:
        heads = (_("姓名"), _("几次没约上"), _("最近想用的房间"), _("哪一天"), _("原因"))
        columns = [Column(head, width) for head, width in zip(heads, _WIDTHS, strict=True)]
        rows = [
            [one["name"], one["times"], f"{one['venue_name']} {one['room_name']}",
             clock.today(one["starts_at"]), "、".join(one["reasons"])]
            for one in found.named
        ]  # fmt: skip
        yield Sheet(_("一直没约上的居民"), columns, rows)


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
