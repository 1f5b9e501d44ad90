"""Who has not ordered and stands at the counter: a resident, one registered on the spot, guests."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.meal_counter import to_counter
from admin.schemas.meal_counter import (
    GuestBackForm,
    choice_form,
    guest_form,
    guest_sale_form,
    sale_form,
    sale_of,
)
from admin.schemas.people import NewPersonForm
from backend import clock
from backend.booking.codes import new_code
from backend.canteen.guests import queries as sold
from backend.canteen.guests import service as guests
from backend.canteen.guests.service import GuestWish
from backend.canteen.ordering.asked import Wanted
from backend.canteen.serving import queries
from backend.canteen.serving.queries import SERVE
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.desk import canteen_orders, find, meal_counter, register
from backend.desk.reach import access_person
from backend.money import in_yuan
from backend.staff.access import SignedInStaff


@pages.get("/counter/<id:meal_service_id>/walk-in")
@staff(needs=SERVE)
def counter_walk_in(meal_service_id: int, me: SignedInStaff) -> Any:
    """Who, which dishes, and what it costs: each step says what stands against it."""
    session, now = db.session(), clock.now()
    meal = queries.find_meal(session, me, meal_service_id)
    dishes = canteen_orders.list_dishes(session, meal.id)
    asked = read(choice_form(one["id"] for one in dishes), request.values)
    person_id, text = asked["person_id"], request.args.get("q", "").strip()[:40]
    chosen = access_person(session, me, SERVE, person_id) if person_id else None
    judged = None
    if chosen and asked["dishes"]:
        wanted = Wanted(
            meal_service_id=meal.id, person_id=chosen.id, dishes=asked["dishes"],
            mode=asked["mode"],
        )  # fmt: skip
        judged = meal_counter.judge(session, me, wanted, now)
    return render_template(
        "admin/counter/walk_in.html", meal=meal, dishes=dishes, asked=asked, chosen=chosen,
        text=text, people=find.find_people(session, me, text, SERVE) if text and not chosen else [],
        judged=judged, meals=MEALS, modes=MODES, form=form_of(), key=new_code(),
        portions=dict(asked["dishes"]),
    )  # fmt: skip


@pages.post("/counter/<id:meal_service_id>/walk-in")
@staff(writes=True, needs=SERVE, page=counter_walk_in)
def counter_sell(meal_service_id: int, me: SignedInStaff) -> Any:
    """Ordered, paid and fetched in one step."""
    session = db.session()
    dishes = canteen_orders.list_dishes(session, meal_service_id)
    sale = sale_of(read(sale_form(one["id"] for one in dishes)))
    booking_id = meal_counter.sell(session, me, meal_service_id, sale, clock.now())
    return to_counter(meal_service_id, booking_id)


@pages.get("/counter/<id:meal_service_id>/walk-in/new")
@staff(needs=SERVE)
def counter_new_person(meal_service_id: int, me: SignedInStaff) -> Any:
    """The form for somebody who comes for the first time; the cards that look alike."""
    session, form = db.session(), g.get("form")
    text = request.args.get("q", "").strip()[:40]
    ids = form.refusal.data.get("person_ids", []) if form and form.refusal else []
    return render_template(
        "admin/counter/new_person.html", meal=queries.find_meal(session, me, meal_service_id),
        meals=MEALS, homes=register.list_homes(session, me, SERVE),
        known=find.by_ids(session, me, ids, SERVE),
        form=form_of({"phone" if text.isdecimal() else "name": text}),
    )  # fmt: skip


@pages.post("/counter/<id:meal_service_id>/walk-in/new")
@staff(writes=True, needs=SERVE, form=NewPersonForm, page=counter_new_person)
def counter_register(meal_service_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """On file from now on, and on with the meal."""
    session, knows_others = db.session(), asked.pop("knows_others")
    queries.find_meal(session, me, meal_service_id)
    person_id = register.register(
        session, me, asked, clock.now(), knows_others=knows_others, needs=SERVE
    )
    flash(_("已登记%(name)s。", name=asked["name"]), "success")
    return redirect(
        url_for("admin.counter_walk_in", meal_service_id=meal_service_id, person_id=person_id)
    )


@pages.get("/counter/<id:meal_service_id>/guests")
@staff(needs=SERVE)
def counter_guests(meal_service_id: int, me: SignedInStaff) -> Any:
    """How many they are, which dishes, and what it costs."""
    session, now = db.session(), clock.now()
    meal = queries.find_meal(session, me, meal_service_id)
    dishes = _for_guests(meal.id)
    asked = read(guest_form(one["id"] for one in dishes), request.values)
    judged = None
    if asked["dishes"]:
        judged = meal_counter.judge_guests(session, me, meal.id, asked["dishes"], now)
    return render_template(
        "admin/counter/guests.html", meal=meal, dishes=dishes, asked=asked, judged=judged,
        meals=MEALS, form=form_of(), key=new_code(), portions=dict(asked["dishes"]),
    )  # fmt: skip


@pages.post("/counter/<id:meal_service_id>/guests")
@staff(writes=True, needs=SERVE, page=counter_guests)
def counter_sell_guests(meal_service_id: int, me: SignedInStaff) -> Any:
    """Paid in cash, and eaten."""
    session = db.session()
    wish = GuestWish(**read(guest_sale_form(one["id"] for one in _for_guests(meal_service_id))))
    guests.sell(session, me, meal_service_id, wish, clock.now())
    flash(_("已卖给散客，收现金 %(yuan)s 元。", yuan=in_yuan(wish.pays_fen)), "success")
    return to_counter(meal_service_id)


@pages.get("/counter/guests/<id:sale_id>")
@staff(needs=SERVE)
def counter_guest_sale(sale_id: int, me: SignedInStaff) -> Any:
    """What was sold to guests, to be put right."""
    sale = sold.find_sale(db.session(), me, sale_id)
    return render_template("admin/counter/guest_sale.html", sale=sale, form=form_of())


@pages.post("/counter/guests/<id:sale_id>/take-back")
@staff(writes=True, needs=SERVE, form=GuestBackForm, page=counter_guest_sale)
def counter_guests_back(sale_id: int, me: SignedInStaff, asked: dict[str, str]) -> Any:
    """It was a mistake: the cash goes back, the row stays."""
    session = db.session()
    sale = sold.find_sale(session, me, sale_id)
    guests.take_back(session, me, sale_id, asked["reason"], clock.now())
    flash(_("已撤销，请把现金退给客人。"), "success")
    return to_counter(sale["meal_service_id"])


def _for_guests(meal_service_id: int) -> list[dict[str, Any]]:
    """The dishes of a menu but children's sets: nobody knows how old a guest is."""
    dishes = canteen_orders.list_dishes(db.session(), meal_service_id)
    return [one for one in dishes if not one["for_children"]]
