"""A canteen's month for everybody: the accountant enters its cost, publishes it, takes it back."""

from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.claims import CostForm, MonthForm
from admin.schemas.meal_accounts import MonthQuery
from backend import clock, config
from backend.canteen.accounts.statements import month_before, next_month
from backend.canteen.claims.proposing import SETTLE
from backend.canteen.public_months import service
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/claims/months")
@staff(needs=SETTLE)
def canteen_months(me: SignedInStaff) -> Any:
    """The canteens' figures of a month, the last one at first."""
    asked: date | None = read(MonthQuery, request.values)["month"]
    first = (asked or month_before(clock.today().replace(day=1))).replace(day=1)
    return render_template(
        "admin/claims/months.html", found=service.list_months(db.session(), me, first), first=first,
        before=month_before(first), after=next_month(first), form=form_of({}),
        is_over=next_month(first) <= clock.today(),
        address=f"{config.current().public_url}/mp/v1/canteens/months.pdf?month={first:%Y-%m}",
    )  # fmt: skip


@pages.post("/claims/months/cost")
@staff(writes=True, needs=SETTLE, form=CostForm, page=canteen_months)
def canteen_month_cost(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What the month cost."""
    service.enter(
        db.session(), me, asked["canteen_id"], asked["month"], asked["cost_fen"], asked["note"]
    )
    return _to(asked, _("已保存。"))


@pages.post("/claims/months/publish")
@staff(writes=True, needs=SETTLE, form=MonthForm, page=canteen_months)
def canteen_month_publish(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """From now on everybody can read it."""
    service.publish(db.session(), me, asked["canteen_id"], asked["month"], clock.now())
    return _to(asked, _("已公示，居民可以在手机上看到。"))


@pages.post("/claims/months/take-back")
@staff(writes=True, needs=SETTLE, form=MonthForm, page=canteen_months)
def canteen_month_take_back(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Nobody else can read it any more."""
    service.take_back(db.session(), me, asked["canteen_id"], asked["month"])
    return _to(asked, _("已撤回，居民看不到了。改好以后再公示。"))


def _to(asked: dict[str, Any], sentence: str) -> Response:
    flash(sentence, "success")
    where = url_for("admin.canteen_months", month=asked["month"], _anchor=str(asked["canteen_id"]))
    return redirect(where)  # type: ignore[return-value]
