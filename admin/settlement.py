"""What was ordered in a month and who pays how much of it: a page, and a spreadsheet."""

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
from backend.canteen.pricing import settlement, sheets
from backend.canteen.pricing.settlement import SETTLE
from backend.canteen.pricing.wording import PAYERS
from backend.db import db
from backend.staff.access import Permission, SignedInStaff


@pages.get("/subsidies/settlement")
@staff(needs=SETTLE)
def subsidy_settlement(me: SignedInStaff) -> Any:
    """Per canteen, rule version and payer."""
    first = _month()
    found = settlement.of_month(db.session(), me, first, next_month(first), clock.now())
    owed = {payer: sum(one.by_payer[payer] for one in found) for payer in PAYERS}
    return render_template(
        "admin/subsidies/settlement.html", found=found, first=first, before=month_before(first),
        after=next_month(first), payers=PAYERS, owed=owed,
        may_claim=me.holds(Permission.SETTLE_MEALS), may_rules=me.holds(Permission.ORDER_MEALS),
    )  # fmt: skip


@pages.get("/subsidies/settlement.xlsx")
@staff(needs=SETTLE)
def subsidy_settlement_xlsx(me: SignedInStaff) -> Any:
    """The page's tables."""
    first = _month()
    found = settlement.of_month(db.session(), me, first, next_month(first), clock.now())
    name = _("订餐对账 %(year)s年%(month)s月", year=first.year, month=first.month)
    return xlsx(name, sheets.write(found))


def _month() -> date:
    asked: date | None = read(MonthQuery, request.args)["month"]
    return (asked or clock.today()).replace(day=1)
