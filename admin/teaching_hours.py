"""Hours taught per teacher, for a month or a term: on a page and as a spreadsheet."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.lessons import HoursQuery
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school import hours
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/hours")
@staff(needs=MANAGE)
def teaching_hours(me: SignedInStaff) -> Any:
    """Who taught how much, in the classes in reach."""
    session, now = db.session(), clock.now()
    period = hours.period(session, read(HoursQuery, request.args), now)
    taught = hours.lessons_taught(session, me, period, now)
    return render_template(
        "admin/classes/hours.html", period=period, teachers=hours.by_teacher(taught),
        terms=reads.filters(session, me)["terms"],
    )  # fmt: skip


@pages.get("/classes/hours.xlsx")
@staff(needs=MANAGE)
def teaching_hours_xlsx(me: SignedInStaff) -> Any:
    """The same lesson by lesson, with sums."""
    session, now = db.session(), clock.now()
    period = hours.period(session, read(HoursQuery, request.args), now)
    packed = hours.sheet(period["name"], hours.lessons_taught(session, me, period, now))
    return xlsx(_("%(period)s授课课时", period=period["name"]), packed)
