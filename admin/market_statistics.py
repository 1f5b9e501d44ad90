"""Markets in figures: a page to look at, and the same as a spreadsheet."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.market_statistics import MarketStatisticsFilter
from backend import clock
from backend.db import db
from backend.market.statistics import measures, report, sheets
from backend.staff.access import SignedInStaff


@pages.get("/market/statistics")
@staff(needs=report.SEE)
def market_statistics(me: SignedInStaff) -> Any:
    """A place and a period, or one market day, in figures, charts and tables."""
    asked = read(MarketStatisticsFilter, request.args)
    return render_template(
        "admin/market/statistics.html",
        report=report.read(db.session(), me, asked, clock.now()), asked=asked, measures=measures,
        of_hours=sheets.OF_HOURS,
    )  # fmt: skip


@pages.get("/market/statistics.xlsx")
@staff(needs=report.SEE)
def market_statistics_xlsx(me: SignedInStaff) -> Any:
    """The page's tables with every measure, a sheet each; it names no resident."""
    asked = read(MarketStatisticsFilter, request.args)
    found = report.read(db.session(), me, asked, clock.now())
    name = _("%(what)s集市统计 %(day)s", what=found.name, day=clock.today())
    return xlsx(name, sheets.write(found))
