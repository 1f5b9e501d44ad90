"""The books of meal accounts: opening balances, a month's totals, everybody's money back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import read
from admin.schemas.meal_accounts import (
    CanteenQuery,
    EveryoneForm,
    ImportForm,
    MonthQuery,
    PaidQuery,
)
from admin.uploads import dump_lines, load_lines, uploaded
from backend import clock
from backend.canteen.accounts import closing, months, statements, till
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


@pages.get("/meal-accounts/closing/<id:canteen_id>")
@staff(needs=KEEP)
def meal_closing(canteen_id: int, me: SignedInStaff) -> Any:
    """What is to be paid out to whom when the canteen closes."""
    session = db.session()
    canteen = till.access_canteen(session, me, canteen_id)
    return render_template(
        "admin/meal_accounts/closing.html", canteen=canteen,
        left=closing.list_left(session, canteen_id),
    )  # fmt: skip


@pages.post("/meal-accounts/closing/<id:canteen_id>")
@staff(writes=True, needs=KEEP, form=EveryoneForm, page=meal_closing)
def meal_refund_everyone(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Everybody's money back; the list to be signed."""
    first, last = closing.refund_everyone(
        db.session(), me, canteen_id, asked["expected_fen"], clock.now()
    )
    where = url_for("admin.meal_paid_out", canteen_id=canteen_id, first=first, last=last)
    return redirect(where)


@pages.get("/meal-accounts/closing/<id:canteen_id>/paid")
@staff(needs=KEEP)
def meal_paid_out(canteen_id: int, me: SignedInStaff) -> Any:
    """The list of receipts, for signatures."""
    session, asked = db.session(), read(PaidQuery, request.args)
    return render_template(
        "admin/meal_accounts/paid.html", canteen=till.access_canteen(session, me, canteen_id),
        paid=closing.list_paid(session, me, canteen_id, asked["first"], asked["last"]),
    )  # fmt: skip


def _month(me: SignedInStaff) -> months.Month:
    day = read(MonthQuery, request.args)["month"] or clock.today(clock.now())
    return months.read(db.session(), me, day)
