"""Canteens: a week of menus, the menu of one meal, copied from another week, shown to residents."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.canteen import CopyForm, MealQuery, PublishForm, WeekQuery, menu_form
from admin.templating import day as in_words
from backend import clock
from backend.canteen import planning, plans
from backend.canteen.models import Meal
from backend.canteen.planning import PLAN, WEEK, LeftOut
from backend.canteen.wording import MEALS
from backend.db import db
from backend.money import in_yuan
from backend.staff.access import SignedInStaff


@pages.get("/canteens")
@staff(needs=PLAN)
def canteens(me: SignedInStaff) -> Any:
    """The canteens in reach; the only one at once."""
    found = plans.list_canteens(db.session(), me)
    if len(found) == 1:
        return redirect(url_for("admin.canteen", canteen_id=found[0]["id"]))
    return render_template("admin/canteens/list.html", found=found)


@pages.get("/canteens/<id:canteen_id>")
@staff(needs=PLAN)
def canteen(canteen_id: int, me: SignedInStaff) -> Any:
    """A week of menus."""
    now = clock.now()
    asked = read(WeekQuery, request.values)["day"] or clock.today(now)
    week = plans.get_week(db.session(), me, canteen_id, asked, now)
    first = week["first"]
    return render_template(
        "admin/canteens/week.html", week=week, meals=MEALS, before=first - WEEK,
        after=first + WEEK, problem=form_of().problem,
    )  # fmt: skip


@pages.get("/canteens/<id:canteen_id>/menu")
@staff(needs=PLAN)
def menu_page(canteen_id: int, me: SignedInStaff) -> Any:
    """The menu of one meal: every dish with a tick, a price and portions."""
    session = db.session()
    asked = read(MealQuery, request.values)
    found = planning.access_canteen(session, me, canteen_id)
    stands = plans.get_menu(session, canteen_id, **asked)
    return render_template(
        "admin/canteens/menu.html", canteen=found, **asked, word=MEALS[Meal(asked["meal"])],
        dishes=plans.list_dishes(session, canteen_id), stands=stands,
        form=form_of(_filled(stands)),
    )  # fmt: skip


@pages.post("/canteens/<id:canteen_id>/menu")
@staff(writes=True, needs=PLAN, page=menu_page)
def menu_change(canteen_id: int, me: SignedInStaff) -> Any:
    """What is on it from now on."""
    session = db.session()
    planning.access_canteen(session, me, canteen_id)
    known = plans.list_dishes(session, canteen_id)
    asked = read(menu_form(dish.id for dish in known))
    planning.set_menu(session, me, canteen_id, **asked, now=clock.now())
    return _done(_("菜单已保存。"), canteen_id, asked["day"])


@pages.post("/canteens/<id:canteen_id>/copy")
@staff(writes=True, needs=PLAN, form=CopyForm, page=canteen)
def menus_copy(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The menus of another week; what could not be copied is named."""
    copied, left_out = planning.copy_week(
        db.session(), me, canteen_id, asked["source"], asked["day"], clock.now()
    )
    _tell(left_out)
    return _done(_("照搬了 %(count)s 餐，请核对。", count=copied), canteen_id, asked["day"])


@pages.post("/canteens/<id:canteen_id>/publish")
@staff(writes=True, needs=PLAN, form=PublishForm, page=canteen)
def menus_publish(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Residents see the week and can order."""
    published, left_out = planning.publish(
        db.session(), me, canteen_id, asked["day"], asked["at"], clock.now()
    )
    _tell(left_out)
    return _done(_("发布了 %(count)s 餐。", count=published), canteen_id, asked["day"])


def _filled(stands: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A menu as the form's fields hold it."""
    values: dict[str, Any] = {}
    for dish_id, item in stands.items():
        values |= {
            f"on_{dish_id}": "1", f"price_{dish_id}": in_yuan(item["list_fen"]),
            f"less_{dish_id}": in_yuan(item["discount_fen"]) if item["discount_fen"] else "",
            f"portions_{dish_id}": "" if item["capacity"] is None else item["capacity"],
        }  # fmt: skip
    return values


def _tell(left_out: list[LeftOut]) -> None:
    for one in left_out:
        what = f"{in_words(one.day)} {MEALS[Meal(one.meal)]}"
        flash(_("%(what)s没有办：%(why)s。", what=what, why=one.why), "warning")


def _done(sentence: str, canteen_id: int, day: date) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.canteen", canteen_id=canteen_id, day=day.isoformat()))
