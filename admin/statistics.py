"""Statistics of the night school: a page to look at, and the same as a spreadsheet."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.statistics import StatisticsFilter
from backend import clock
from backend.db import db
from backend.night_school.statistics import measures, report, sheets
from backend.staff.access import Permission, SignedInStaff

SEE = Permission.SEE_STATISTICS


@pages.get("/statistics")
@staff(needs=SEE)
def statistics(me: SignedInStaff) -> Any:
    """A place and a period in figures, charts and tables, beside another period."""
    asked = read(StatisticsFilter, request.args)
    return render_template(
        "admin/statistics/page.html",
        report=report.read(db.session(), me, asked, clock.now()), asked=asked, measures=measures,
    )  # fmt: skip


@pages.get("/statistics.xlsx")
@staff(needs=SEE)
def statistics_xlsx(me: SignedInStaff) -> Any:
    """The page's tables with every measure, a sheet each."""
    asked = read(StatisticsFilter, request.args)
    found = report.read(db.session(), me, asked, clock.now())
    name = _("%(place)s夜校统计 %(day)s", place=found.place.name, day=clock.today())
    return xlsx(name, sheets.write(found))
