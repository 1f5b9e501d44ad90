"""Hours of couriers, month by month: on a page and as a spreadsheet."""

from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.meal_accounts import MonthQuery
from backend import clock
from backend.canteen.accounts.statements import month_before, next_month
from backend.canteen.delivery import hours
from backend.canteen.delivery.queries import DISPATCH
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/deliveries/hours")
@staff(needs=DISPATCH)
def delivery_hours(me: SignedInStaff) -> Any:
    """Who carried how much and how long, in the canteens in reach."""
    first = _month()
    after = next_month(first)
    runs = hours.runs_of(db.session(), me, first, after)
    return render_template(
        "admin/deliveries/hours.html", found=hours.by_courier(runs), first=first, after=after,
        before=month_before(first), in_hours=hours.in_hours,
    )  # fmt: skip


@pages.get("/deliveries/hours.xlsx")
@staff(needs=DISPATCH)
def delivery_hours_xlsx(me: SignedInStaff) -> Any:
    """The same run by run, with sums."""
    first = _month()
    packed = hours.sheet(hours.runs_of(db.session(), me, first, next_month(first)))
    return xlsx(_("%(month)s送餐时长", month=f"{first:%Y-%m}"), packed)


def _month() -> date:
    asked: date | None = read(MonthQuery, request.args)["month"]
    return (asked or clock.today()).replace(day=1)
