"""Markets in figures as a spreadsheet: a sheet per cut, and what the columns mean; no names."""

from flask_babel import gettext as _

from backend import spreadsheets
from backend.market.statistics.measures import MEASURES, NAMED, NOTES
from backend.market.statistics.report import Report
from backend.staff import figures

OF_HOURS = [NAMED[code] for code in ("served", "booked", "wait_median", "wait_p90")]
"""What can be told of an hour of the day."""


def write(report: Report) -> bytes:
    """Every table of the report as XLSX."""
    sheets = [figures.sheet(_("合计"), None, [report.total], MEASURES)]
    for table in report.tables:
        counted = OF_HOURS if table.code == "hours" else MEASURES
        sheets.append(figures.sheet(table.title, table.above, table.lines, counted))
    return spreadsheets.write_book([*sheets, figures.legend(MEASURES, NOTES)])
