"""A day or a meal called off, for weather: look whom it hits, then confirm."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.canteen import CancelForm, DayQuery
from backend import clock
from backend.canteen import cancelling
from backend.canteen.planning import PLAN
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/canteens/<id:canteen_id>/cancel")
@staff(needs=PLAN)
def canteen_cancel_page(canteen_id: int, me: SignedInStaff) -> Any:
    """Who has ordered what of the day; nothing is done yet."""
    asked = read(DayQuery, request.values)
    found = cancelling.look(db.session(), me, canteen_id, asked["day"], clock.now())
    return render_template(
        "admin/canteens/cancel.html", **found, words_of_meals=MEALS, modes=MODES, form=form_of({})
    )


@pages.post("/canteens/<id:canteen_id>/cancel")
@staff(writes=True, needs=PLAN, form=CancelForm, page=canteen_cancel_page)
def canteen_cancel(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Called off, once."""
    ended = cancelling.cancel(db.session(), me, canteen_id, **asked, now=clock.now())
    told = _("已停餐，退了 %(count)s 份订单，餐费退回餐卡，居民会收到通知。", count=ended)
    flash(told if ended else _("已停餐，没有要退的订单。"), "success")
    return redirect(url_for("admin.canteen", canteen_id=canteen_id, day=asked["day"].isoformat()))
