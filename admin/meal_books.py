"""The books of meal accounts: opening balances, a month's totals."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.meal_accounts import CanteenQuery, ImportForm, MonthQuery
from admin.uploads import dump_lines, load_lines, uploaded
from backend import clock
from backend.canteen.accounts import months, statements, till
from backend.canteen.accounts.till import KEEP
from backend.canteen.accounts.wording import ENTRIES
from backend.db import db
from backend.desk import meal_import
from backend.staff import audit
from backend.staff.access import SignedInStaff

_LINES = "opening-balances"


@pages.get("/meal-accounts/import")
@staff(needs=KEEP)
def meal_import_page(me: SignedInStaff) -> Any:
    """Where a list of balances is uploaded."""
    canteens = [(row["id"], row["name"]) for row in till.list_canteens(db.session(), me)]
    return render_template("admin/meal_accounts/import.html", canteens=canteens)


@pages.get("/meal-accounts/import/template.xlsx")
@staff(needs=KEEP)
def meal_import_template(me: SignedInStaff) -> Any:
    """The empty sheet."""
    return xlsx(_("期初余额"), meal_import.template())


@pages.post("/meal-accounts/import")
@staff(writes=True, needs=KEEP, form=CanteenQuery, page=meal_import_page)
def meal_import_preview(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What would become of each row; nothing is written."""
    session = db.session()
    lines = meal_import.read(uploaded("file"))
    planned = meal_import.plan(session, me, asked["canteen_id"], lines)
    audit.unchanged(session)
    return render_template(
        "admin/meal_accounts/preview.html", planned=planned, canteen_id=asked["canteen_id"],
        lines=dump_lines(_LINES, lines), previewed=meal_import.fingerprint(planned),
        new=[one for one in planned if not one.done and not one.error],
        wrong=[one for one in planned if one.error],
    )  # fmt: skip


@pages.post("/meal-accounts/import/confirm")
@staff(writes=True, needs=KEEP, form=ImportForm, page=meal_import_page)
def meal_import_confirm(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Write what was previewed: all of it, or nothing."""
    lines = load_lines(_LINES, asked["lines"])
    done = meal_import.apply(
        db.session(), me, asked["canteen_id"], lines, asked["previewed"], clock.now()
    )
    flash(_("导入完成：%(n)s 张餐卡有了期初余额。", n=done), "success")
    return redirect(url_for("admin.meal_accounts"))


@pages.get("/meal-accounts/months")
@staff(needs=KEEP)
def meal_months(me: SignedInStaff) -> Any:
    """What was there, came, went and is left in a month."""
    month = _month(me)
    return render_template(
        "admin/meal_accounts/months.html", month=month, entries=ENTRIES,
        before=statements.month_before(month.first), after=statements.next_month(month.first),
    )  # fmt: skip


@pages.get("/meal-accounts/months.xlsx")
@staff(needs=KEEP)
def meal_months_xlsx(me: SignedInStaff) -> Any:
    """The same person by person."""
    month = _month(me)
    return xlsx(_("餐卡月报 %(month)s", month=f"{month.first:%Y-%m}"), months.write(month))


def _month(me: SignedInStaff) -> months.Month:
    day = read(MonthQuery, request.args)["month"] or clock.today(clock.now())
    return months.read(db.session(), me, day)
