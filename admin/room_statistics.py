"""How much rooms are used: a page to look at, and the same as a spreadsheet."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.room_statistics import RoomStatisticsFilter
from backend import clock
from backend.db import db
from backend.staff.access import SignedInStaff
from backend.venues.statistics import measures, report, sheets


@pages.get("/venues/statistics")
@staff(needs=report.SEE)
def room_statistics(me: SignedInStaff) -> Any:
    """A place, a venue or a room in figures, and its week hour by hour."""
    asked = read(RoomStatisticsFilter, request.args)
    return render_template(
        "admin/venues/statistics.html",
        report=report.read(db.session(), me, asked, clock.now()), asked=asked, measures=measures,
    )  # fmt: skip


@pages.get("/venues/statistics.xlsx")
@staff(needs=report.SEE)
def room_statistics_xlsx(me: SignedInStaff) -> Any:
    """The page's tables with every measure, a sheet each; it names nobody."""
    found = report.read(db.session(), me, read(RoomStatisticsFilter, request.args), clock.now())
    name = _("%(what)s场地使用统计 %(day)s", what=found.scope.name, day=clock.today())
    return xlsx(name, sheets.write(found))
