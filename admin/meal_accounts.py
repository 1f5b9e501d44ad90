"""Meal accounts at the desk: find a person, their one number, cash in and out, grants."""

from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.papers import in_chinese, pdf
from admin.schemas.meal_accounts import (
    GrantForm,
    MonthQuery,
    RefundForm,
    TakeBackForm,
    TopUpForm,
)
from backend import clock
from backend.canteen.accounts import closings, receipt_paper, receipts, statements, till
from backend.canteen.accounts.cash import Grant, TopUp
from backend.canteen.accounts.till import KEEP
from backend.canteen.accounts.wording import ENTRIES
from backend.db import db
from backend.desk import card, find
from backend.desk import meal_accounts as desk
from backend.people.own_data import RELATION
from backend.staff.access import SignedInStaff


@pages.get("/meal-accounts")
@staff(needs=KEEP)
def meal_accounts(me: SignedInStaff) -> Any:
    """Find the person whose account it is about."""
    session, text = db.session(), request.args.get("q", "").strip()[:40]
    return render_template(
        "admin/meal_accounts/find.html", text=text, found=find.find_people(session, me, text),
        most=find.MOST_FOUND, tills=till.list_open(session, me),
        canteens=till.list_canteens(session, me), unfinished=closings.list_unfinished(session, me),
    )  # fmt: skip


@pages.get("/meal-accounts/<id:person_id>")
@staff(needs=KEEP)
def meal_account(person_id: int, me: SignedInStaff) -> Any:
    """What is on it, whose money that is, and the lines of a month."""
    session, now = db.session(), clock.now()
    one = card.get_card(session, me, person_id, now)
    month = (read(MonthQuery, request.args)["month"] or clock.today(now)).replace(day=1)
    return render_template(
        "admin/meal_accounts/account.html", one=one, key=token_urlsafe(16), entries=ENTRIES,
        account=statements.get_account(session, person_id, clock.today(now)),
        statement=statements.get_statement(session, person_id, month),
        before=statements.month_before(month), after=statements.next_month(month),
        payers=statements.list_payers(session, person_id, one["acted_for_by"]),
        canteens=[(row["id"], row["name"]) for row in till.list_canteens(session, me)],
        relatives=RELATION.items(), year_end=date(clock.today(now).year, 12, 31),
    )  # fmt: skip


@pages.post("/meal-accounts/<id:person_id>/top-up")
@staff(writes=True, needs=KEEP, form=TopUpForm, page=meal_account)
def meal_top_up(person_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Cash comes in; the receipt to hand over."""
    wish = TopUp(person_id=person_id, **asked)
    return _to_receipt(desk.top_up(db.session(), me, wish, clock.now()))


@pages.post("/meal-accounts/<id:person_id>/refund")
@staff(writes=True, needs=KEEP, form=RefundForm, page=meal_account)
def meal_refund(person_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Cash goes back to who paid it in."""
    return _to_receipt(desk.refund(db.session(), me, now=clock.now(), **asked))


@pages.post("/meal-accounts/<id:person_id>/grant")
@staff(writes=True, needs=KEEP, form=GrantForm, page=meal_account)
def meal_grant(person_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A grant for this person."""
    now = clock.now()
    desk.give(db.session(), me, [person_id], Grant(**asked), now)
    flash(_("补助已发到餐卡。"), "success")
    return redirect(url_for("admin.meal_account", person_id=person_id))


@pages.post("/meal-accounts/<id:person_id>/take-back")
@staff(writes=True, needs=KEEP, form=TakeBackForm, page=meal_account)
def meal_take_back(person_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A wrong line is taken back by another one."""
    receipt_id = desk.take_back(db.session(), me, **asked, now=clock.now())
    if receipt_id is not None:
        return _to_receipt(receipt_id)
    flash(_("已冲正。"), "success")
    return redirect(url_for("admin.meal_account", person_id=person_id))


@pages.get("/meal-accounts/receipts/<id:receipt_id>")
@staff(needs=KEEP)
def meal_receipt(receipt_id: int, me: SignedInStaff) -> Any:
    """The slip as it is printed."""
    slip = receipts.get_receipt(db.session(), me, receipt_id)
    return render_template("admin/meal_accounts/receipt.html", slip=slip)


@pages.get("/meal-accounts/receipts/<id:receipt_id>.pdf")
@staff(needs=KEEP)
@in_chinese
def meal_receipt_pdf(receipt_id: int, me: SignedInStaff) -> Any:
    """Two copies on A4: one to hand over, one for the file."""
    slip = receipts.get_receipt(db.session(), me, receipt_id)
    return pdf(_("收据 %(number)s", number=f"{slip['number']:06d}"), receipt_paper.draw(slip))


def _to_receipt(receipt_id: int) -> Any:
    return redirect(url_for("admin.meal_receipt", receipt_id=receipt_id))
