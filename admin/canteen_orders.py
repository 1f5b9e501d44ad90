"""Ordering meals for residents at the desk: which meal, who, which dishes; orders given back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.canteen_orders import GiveBackForm, RefundForm, WhoQuery, dishes_form
from backend import clock
from backend.booking.codes import new_code
from backend.canteen.accounts.till import KEEP
from backend.canteen.models import Mode
from backend.canteen.ordering.asked import Wanted
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.desk import canteen_orders, find, reservations
from backend.desk.canteen_orders import ORDER
from backend.money import in_yuan
from backend.staff.access import SignedInStaff


@pages.get("/canteens/order")
@staff(needs=ORDER)
def meal_choices(me: SignedInStaff) -> Any:
    """The meals that can be ordered, for somebody who was found; those that are, marked."""
    session, person_id = db.session(), read(WhoQuery, request.args)["person_id"]
    found = canteen_orders.list_meals(session, me, clock.now())
    chosen = reservations.get_candidate(session, me, person_id) if person_id else None
    return render_template(
        "admin/canteens/choose.html", meals=MEALS, chosen=chosen, found=found,
        ordered=canteen_orders.ordered_of(session, [one["id"] for one in found], person_id)
        if person_id else (),
    )  # fmt: skip


@pages.get("/canteens/meals/<id:meal_service_id>/orders")
@staff(needs=ORDER)
def meal_orders(meal_service_id: int, me: SignedInStaff) -> Any:
    """Who has ordered what; dishes that are oversold."""
    session = db.session()
    return render_template(
        "admin/canteens/orders.html", meals=MEALS, modes=MODES,
        meal=canteen_orders.get_meal(session, me, meal_service_id, clock.now()),
        orders=canteen_orders.list_orders(session, meal_service_id),
    )  # fmt: skip


@pages.get("/canteens/meals/<id:meal_service_id>/order")
@staff(needs=ORDER)
def meal_order_page(meal_service_id: int, me: SignedInStaff) -> Any:
    """Who, which dishes, and what it costs: each step says what stands against it."""
    session, now = db.session(), clock.now()
    meal = canteen_orders.get_meal(session, me, meal_service_id, now)
    asked = read(dishes_form(one["id"] for one in meal["dishes"]), request.values)
    person_id, text = asked["person_id"], request.args.get("q", "").strip()[:40]
    chosen = reservations.get_candidate(session, me, person_id) if person_id else None
    had = canteen_orders.had_of(session, meal_service_id, person_id) if person_id else None
    people = find.find_people(session, me, text) if text and not chosen else []
    judged = None
    if chosen and asked["dishes"]:
        wanted = _wanted(meal_service_id, asked | {"pays_fen": None})
        judged = canteen_orders.judge(session, me, wanted, now)
    return render_template(
        "admin/canteens/order.html", meal=meal, asked=asked, chosen=chosen, had=had, people=people,
        text=text, judged=judged, meals=MEALS, modes=MODES, form=form_of(),
        portions=dict(asked["dishes"]) or (had["portions"] if had else {}),
        mode=asked["mode"] or (had["mode"] if had else meal["modes"][0]),
    )  # fmt: skip


@pages.post("/canteens/meals/<id:meal_service_id>/order")
@staff(writes=True, needs=ORDER, page=meal_order_page)
def meal_order_make(meal_service_id: int, me: SignedInStaff) -> Any:
    """It is ordered, or amended; the money is held."""
    session, now = db.session(), clock.now()
    meal = canteen_orders.get_meal(session, me, meal_service_id, now)
    asked = read(dishes_form(one["id"] for one in meal["dishes"]))
    wanted = _wanted(meal_service_id, asked)
    ordered = canteen_orders.order_for(session, me, wanted, now)
    flash(_("订好了。") if ordered.is_new else _("改好了。"), "success")
    return _to(ordered.booking_id)


@pages.get("/canteens/orders/<id:booking_id>")
@staff(needs=ORDER)
def meal_order(booking_id: int, me: SignedInStaff) -> Any:
    """One order: dishes, who pays what, what happened to it."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/canteens/ordered.html", meals=MEALS, modes=MODES, form=form_of(), new_key=new_code,
        one=canteen_orders.get_order(session, me, booking_id, now),
        history=reservations.history(session, booking_id),
    )  # fmt: skip


@pages.post("/canteens/orders/<id:booking_id>/cancel")
@staff(writes=True, needs=ORDER, form=GiveBackForm, page=meal_order)
def meal_order_cancel(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Portions and money are there again; the resident is told."""
    canteen_orders.cancel_for(db.session(), me, booking_id, asked["reason"], clock.now())
    flash(_("已退订，餐费退回餐卡。"), "success")
    return _to(booking_id)


@pages.post("/canteens/orders/<id:booking_id>/refund")
@staff(writes=True, needs=KEEP, form=RefundForm, page=meal_order)
def meal_order_refund(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """What was paid for a meal that is over goes back; the resident is told."""
    fen = canteen_orders.refund_for(db.session(), me, booking_id, asked["reason"], clock.now())
    if fen > 0:
        flash(_("已退回餐卡 %(yuan)s 元。", yuan=in_yuan(fen)), "success")
    return _to(booking_id)


def _wanted(meal_service_id: int, asked: dict[str, Any]) -> Wanted:
    chosen = asked | {"mode": asked["mode"] or Mode.DINE_IN}
    return Wanted(meal_service_id=meal_service_id, **chosen)


def _to(booking_id: int) -> Any:
    return redirect(url_for("admin.meal_order", booking_id=booking_id))
