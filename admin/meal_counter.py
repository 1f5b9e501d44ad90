"""The counter of a canteen: who has ordered what, a tap when it is fetched, mistakes."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.meal_counter import (
    SettleForm,
    TakeBackForm,
    TapForm,
    TapsBody,
)
from backend import clock
from backend.booking.codes import new_code
from backend.canteen.guests import queries as guests
from backend.canteen.serving import conflicts, finding, queries
from backend.canteen.serving.queries import SERVE
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.desk import meal_counter
from backend.desk.meal_counter import Tap
from backend.staff.access import SignedInStaff


@pages.get("/counter")
@staff(needs=SERVE)
def counters(me: SignedInStaff) -> Any:
    """Today's meals, and yesterday's."""
    found = queries.list_meals(db.session(), me, clock.now())
    return render_template("admin/counter/list.html", found=found, meals=MEALS)


@pages.get("/counter/<id:meal_service_id>")
@staff(needs=SERVE)
def counter(meal_service_id: int, me: SignedInStaff) -> Any:
    """Who has ordered what; those found by `q`; what was handed over last (`done`)."""
    session, now = db.session(), clock.now()
    meal = queries.find_meal(session, me, meal_service_id)
    orders = queries.list_orders(session, meal)
    text = request.args.get("q", "").strip()[:80]
    done = request.args.get("done", type=int)
    return render_template(
        "admin/counter/meal.html", meal=meal, meals=MEALS, modes=MODES, at=now, key=new_code(),
        conflicts=conflicts.list_open(session, meal.id),
        version=queries.version(session, meal.id, now), guests=guests.list_sales(session, meal.id),
        orders=finding.find(orders, text) if text else orders, all=orders, text=text,
        proof=finding.proof_of(text), form=form_of(),
        done=next((one for one in orders if one["booking_id"] == done and one["served_id"]), None),
    )  # fmt: skip


@pages.post("/counter/<id:meal_service_id>/serve")
@staff(writes=True, needs=SERVE, form=TapForm, page=counter)
def counter_serve(meal_service_id: int, me: SignedInStaff, asked: dict[str, Tap]) -> Any:
    """Fetched, once."""
    meal_counter.hand_over(db.session(), me, meal_service_id, asked["tap"], clock.now())
    return to_counter(meal_service_id, asked["tap"].booking_id)


@pages.get("/counter/<id:meal_service_id>/news.json")
@staff(needs=SERVE)
def counter_news(meal_service_id: int, me: SignedInStaff) -> Any:
    """Who is signed in, a token for taps, and whether the list is another one."""
    session, now = db.session(), clock.now()
    queries.find_meal(session, me, meal_service_id)
    return jsonify(
        server_now=clock.rfc3339(now), me={"id": me.staff_id, "name": me.name},
        csrf=generate_csrf(), version=queries.version(session, meal_service_id, now),
    )  # fmt: skip


@pages.post("/counter/<id:meal_service_id>/taps")
@staff(writes=True, needs=SERVE, body=TapsBody)
def counter_taps(meal_service_id: int, me: SignedInStaff, asked: list[Tap]) -> Any:
    """Taps of a tablet, made with a network or without; the same ones again change nothing."""
    session, now = db.session(), clock.now()
    answers = meal_counter.take(session, me, meal_service_id, asked, now)
    return jsonify(answers=answers, version=queries.version(session, meal_service_id, now))


@pages.post("/counter/conflicts/<id:conflict_id>/settle")
@staff(writes=True, needs=SERVE, form=SettleForm)
def counter_settle(conflict_id: int, me: SignedInStaff, asked: dict[str, str]) -> Any:
    """Somebody has looked into it."""
    return to_counter(conflicts.settle(db.session(), me, conflict_id, **asked, now=clock.now()))


@pages.get("/counter/served/<id:served_id>")
@staff(needs=SERVE)
def counter_served(served_id: int, me: SignedInStaff) -> Any:
    """What was handed over, to be put right."""
    served = queries.find_served(db.session(), me, served_id)
    return render_template(
        "admin/counter/served.html", served=served, form=form_of(),
        over=served.ends_at <= clock.now(),
    )  # fmt: skip


@pages.post("/counter/served/<id:served_id>/take-back")
@staff(writes=True, needs=SERVE, form=TakeBackForm, page=counter_served)
def counter_take_back(served_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It was a mistake; the row stays, with the reason."""
    session = db.session()
    served = queries.find_served(session, me, served_id)
    meal_counter.take_back(session, me, served_id, now=clock.now(), **asked)
    done = _("已撤销，并退掉这一餐，钱回到餐卡。") if asked["give_back"] else _("已撤销。")
    flash(done, "success")
    return to_counter(served.bookable_id)


def to_counter(meal_service_id: int, booking_id: int | None = None) -> Any:
    """Back to the list after a post, with who got their meal just now."""
    return redirect(url_for("admin.counter", meal_service_id=meal_service_id, done=booking_id))
