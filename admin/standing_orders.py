"""Standing orders in the console: a person's, made and paused by telephone; how runs went."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.standing_orders import (
    CanteenQuery,
    DayForm,
    PauseForm,
    ResumeForm,
    StandingOrderForm,
)
from admin.templating import day as in_words
from backend import clock
from backend.canteen import planning, plans
from backend.canteen.repeating import wording
from backend.canteen.repeating.making import Made
from backend.canteen.repeating.models import Rest
from backend.canteen.repeating.service import Plan, Rested
from backend.canteen.wording import MEALS, MODES, WEEKDAYS
from backend.db import db
from backend.desk import standing_orders, welfare
from backend.desk.standing_orders import ORDER
from backend.staff.access import SignedInStaff

WORDS = {
    "meals": MEALS, "modes": MODES, "weekdays": WEEKDAYS, "otherwise": wording.OTHERWISE,
    "rest": wording.REST, "why": wording.WHY,
}  # fmt: skip


@pages.get("/canteens/<id:canteen_id>/standing-orders")
@staff(needs=ORDER)
def standing_report(canteen_id: int, me: SignedInStaff) -> Any:
    """How the last runs went, who is left out, and meals with far fewer than last week."""
    return render_template(
        "admin/canteens/standing.html",
        one=standing_orders.report(db.session(), me, canteen_id, clock.now()), **WORDS,
    )  # fmt: skip


@pages.get("/people/<id:person_id>/standing-orders")
@staff(needs=ORDER)
def person_standing(me: SignedInStaff, person_id: int) -> Any:
    """A person's standing orders, day by day, and when they rest."""
    return render_template(
        "admin/people/standing_orders.html", **WORDS,
        one=standing_orders.get(db.session(), me, person_id, clock.now()),
        absences=welfare.absences(db.session(), me, person_id, clock.now()),
        form=form_of({"from_day": clock.today(clock.now()), "why": Rest.HOSPITAL}),
        today=clock.today(clock.now()),
    )  # fmt: skip


@pages.get("/people/<id:person_id>/standing-orders/new")
@staff(needs=ORDER)
def standing_form(me: SignedInStaff, person_id: int) -> Any:
    """The form: at which canteen first, where there are several."""
    session, now = db.session(), clock.now()
    one = standing_orders.get(session, me, person_id, now)
    canteens = plans.list_canteens(session, me)
    asked = read(CanteenQuery, request.values)["canteen_id"]
    if asked is None and len(canteens) == 1:
        asked = canteens[0]["id"]
    canteen = planning.access_canteen(session, me, asked) if asked else None
    return render_template(
        "admin/people/standing_order.html", one=one, canteens=canteens, canteen=canteen,
        served=planning.meals_of(session, asked) if asked else {},
        dishes=plans.list_dishes(session, asked) if asked else [],
        form=form_of({"since": clock.today(now), "portions": 1}), **WORDS,
    )  # fmt: skip


@pages.post("/people/<id:person_id>/standing-orders/new")
@staff(writes=True, needs=ORDER, form=StandingOrderForm, page=standing_form)
def standing_set_up(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """In the place of the one for the same meal there."""
    plan = Plan(person_id=person_id, **asked)
    _tell_made(standing_orders.set_up(db.session(), me, plan, clock.now()))
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/<id:standing_id>/end")
@staff(writes=True, needs=ORDER, page=person_standing)
def standing_end(me: SignedInStaff, person_id: int, standing_id: int) -> Any:
    """Nothing more is ordered by it."""
    _tell_rested(standing_orders.end(db.session(), me, standing_id, clock.now()))
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/<id:standing_id>/skip")
@staff(writes=True, needs=ORDER, form=DayForm, page=person_standing)
def standing_skip(
    me: SignedInStaff, person_id: int, standing_id: int, asked: dict[str, date]
) -> Any:
    """One day is left out."""
    standing_orders.skip(db.session(), me, standing_id, asked["day"], clock.now())
    flash(_("%(day)s不订了。", day=in_words(asked["day"])), "success")
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/<id:standing_id>/put-back")
@staff(writes=True, needs=ORDER, form=DayForm, page=person_standing)
def standing_put_back(
    me: SignedInStaff, person_id: int, standing_id: int, asked: dict[str, date]
) -> Any:
    """That day after all."""
    _tell_made(
        standing_orders.put_back(db.session(), me, standing_id, asked["day"], clock.now())
    )  # fmt: skip
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/pause")
@staff(writes=True, needs=ORDER, form=PauseForm, page=person_standing)
def standing_pause(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """All of them rest: somebody has called."""
    _tell_rested(
        standing_orders.pause(db.session(), me, person_id, **asked, now=clock.now())
    )  # fmt: skip
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/resume")
@staff(writes=True, needs=ORDER, form=ResumeForm, page=person_standing)
def standing_resume(me: SignedInStaff, person_id: int, asked: dict[str, date]) -> Any:
    """They go on."""
    _tell_made(
        standing_orders.resume(db.session(), me, person_id, asked["from_day"], clock.now())
    )  # fmt: skip
    return _back(person_id)


@pages.post("/people/<id:person_id>/standing-orders/try-again")
@staff(writes=True, needs=ORDER, page=person_standing)
def standing_try_again(me: SignedInStaff, person_id: int) -> Any:
    """What was left out is tried at once."""
    _tell_made(standing_orders.try_again(db.session(), me, person_id, clock.now()))
    return _back(person_id)


def _back(person_id: int) -> Any:
    return redirect(url_for("admin.person_standing", person_id=person_id))


def _tell_made(done: Made) -> None:
    flash(_("已办好，现在订上 %(count)s 餐，其余等菜单发布。", count=done.made), "success")
    for one in done.left_out:
        what = f"{in_words(one.meal.day)} {MEALS[one.meal.meal]}"
        flash(_("%(what)s没有订上：%(why)s。", what=what, why=wording.WHY[one.why]), "warning")


def _tell_rested(done: Rested) -> None:
    flash(_("已办好，退了 %(count)s 餐。", count=len(done.given_back)), "success")
    for row in done.stay:
        what = f"{in_words(row.day)} {MEALS[row.meal]}"
        flash(_("%(what)s已经截止，照常备餐。", what=what), "warning")
