"""Proven circumstances of a resident, which subsidies ask for; whose run out soon; who has gone."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.people import CHANGE, SEE
from admin.schemas.proofs import DepartureForm, ProofForm
from backend import clock
from backend.canteen.eaters.wording import CATEGORIES, LEAVING
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.desk import card, departures, proofs
from backend.staff.access import SignedInStaff


@pages.get("/people/<id:person_id>/proofs")
@staff(needs=CHANGE)
def person_proofs(me: SignedInStaff, person_id: int) -> Any:
    """What is noted, and the form for another paper."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/people/proofs.html", one=card.get_card(session, me, person_id, now),
        found=proofs.on_card(session, me, person_id, now), categories=CATEGORIES.items(),
        gone=departures.of_person(session, person_id), leaving=LEAVING, meals=MEALS, modes=MODES,
        open_meals=departures.open_meals(session, person_id, now),
        standing=departures.standing_orders(session, person_id),
        form=form_of({"starts_on": clock.today(now)}),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/proofs")
@staff(writes=True, needs=CHANGE, form=ProofForm, page=person_proofs)
def proof_note(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """Staff have seen the paper."""
    proofs.note(db.session(), me, person_id, clock.now(), **asked)
    flash(_("已登记，从开始日期起算。已经订好的餐价格不变。"), "success")
    return redirect(url_for("admin.person_proofs", person_id=person_id))


@pages.post("/people/<id:person_id>/proofs/<id:category_id>/end")
@staff(writes=True, needs=CHANGE, page=person_proofs)
def proof_end(me: SignedInStaff, person_id: int, category_id: int) -> Any:
    """It is true no more."""
    proofs.end(db.session(), me, person_id, category_id, clock.now())
    flash(_("已取消，今天起不再按这一身份补贴。"), "success")
    return redirect(url_for("admin.person_proofs", person_id=person_id))


@pages.post("/people/<id:person_id>/left")
@staff(writes=True, needs=CHANGE, form=DepartureForm, page=person_proofs)
def departure_note(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """They died or moved away: what becomes of their meals, and what was eaten is looked at."""
    kind, left_on = asked.pop("left"), asked.pop("left_on")
    ended = departures.note(db.session(), me, person_id, kind, left_on, clock.now(), **asked)
    flash(_("已登记，退了 %(n)s 餐。这天起的餐，会计结算时会逐餐核定。", n=ended), "success")
    return redirect(url_for("admin.person_proofs", person_id=person_id))


@pages.post("/people/<id:person_id>/left/take-back")
@staff(writes=True, needs=CHANGE, page=person_proofs)
def departure_take_back(me: SignedInStaff, person_id: int) -> Any:
    """It was a mistake."""
    departures.take_back(db.session(), me, person_id)
    flash(_("已取消登记。"), "success")
    return redirect(url_for("admin.person_proofs", person_id=person_id))


@pages.get("/subsidies/proofs")
@staff(needs=SEE)
def proofs_expiring(me: SignedInStaff) -> Any:
    """Whose proof runs out soon, or did lately."""
    found = proofs.list_expiring(db.session(), me, clock.now())
    return render_template("admin/subsidies/proofs.html", found=found, categories=CATEGORIES)
