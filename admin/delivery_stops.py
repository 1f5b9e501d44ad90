"""One stop in the dispatcher's hands: where it is, which run, what becomes of it."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.deliveries import GiveBackForm, MoveForm, PlaceForm
from backend import clock
from backend.canteen.delivery import moving, queries
from backend.canteen.delivery.queries import DISPATCH
from backend.canteen.wording import MEALS
from backend.db import db
from backend.money import in_yuan
from backend.staff.access import SignedInStaff


@pages.get("/deliveries/stops/<id:stop_id>")
@staff(needs=DISPATCH)
def delivery_stop(stop_id: int, me: SignedInStaff) -> Any:
    """Whose it is and what the address says; the forms that fit."""
    session, now = db.session(), clock.now()
    stop = moving.find_stop(session, me, stop_id)
    meal = queries.find_meal(session, me, stop["meal_service_id"])
    return render_template(
        "admin/deliveries/stop.html", stop=stop, meal=meal, meals=MEALS,
        runs=queries.runs_of(session, meal.id, now),
        estates=moving.estates_near(session, meal.path),
        form=form_of({name: stop[name] for name in ("estate_id", "building", "unit", "flat")}),
    )  # fmt: skip


@pages.post("/deliveries/stops/<id:stop_id>/place")
@staff(writes=True, needs=DISPATCH, form=PlaceForm, page=delivery_stop)
def delivery_place(stop_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Now it is known where to."""
    run_id = moving.place(db.session(), me, stop_id, **asked, now=clock.now())
    return _placed(run_id)


@pages.post("/deliveries/stops/<id:stop_id>/move")
@staff(writes=True, needs=DISPATCH, form=MoveForm, page=delivery_stop)
def delivery_move(stop_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Somebody else carries it."""
    return _placed(moving.move(db.session(), me, stop_id, asked["run_id"], clock.now()))


@pages.post("/deliveries/stops/<id:stop_id>/bring")
@staff(writes=True, needs=DISPATCH, page=delivery_stop)
def delivery_bring(stop_id: int, me: SignedInStaff) -> Any:
    """Few eat there, and somebody goes all the same."""
    return _placed(moving.bring(db.session(), me, stop_id, clock.now()))


@pages.post("/deliveries/stops/<id:stop_id>/fetch")
@staff(writes=True, needs=DISPATCH, page=delivery_stop)
def delivery_fetch(stop_id: int, me: SignedInStaff) -> Any:
    """They come for it; the fee comes back."""
    stop = moving.find_stop(db.session(), me, stop_id)
    credited = moving.fetch(db.session(), me, stop_id, clock.now())
    told = _("已改为自取，居民会收到通知。")
    if credited:
        told = _("已改为自取，送餐费 %(yuan)s 元退回餐卡。", yuan=in_yuan(credited))
    flash(told, "success")
    return redirect(url_for("admin.delivery_runs", meal_service_id=stop["meal_service_id"]))


@pages.post("/deliveries/stops/<id:stop_id>/give-back")
@staff(writes=True, needs=DISPATCH, form=GiveBackForm, page=delivery_stop)
def delivery_give_back(stop_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """They do not want it so; the money comes back."""
    stop = moving.find_stop(db.session(), me, stop_id)
    moving.give_back(db.session(), me, stop_id, **asked, now=clock.now())
    flash(_("已退餐，餐费退回餐卡，居民会收到通知。"), "success")
    return redirect(url_for("admin.delivery_runs", meal_service_id=stop["meal_service_id"]))


def _placed(run_id: int) -> Any:
    flash(_("已放进这一趟的最后，请重新排一下顺序。"), "success")
    return redirect(url_for("admin.delivery_run", run_id=run_id))
