"""Proven circumstances of a resident, which subsidies ask for; and whose run out soon."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.people import CHANGE, SEE
from admin.schemas.proofs import ProofForm
from backend import clock
from backend.canteen.eaters.wording import CATEGORIES
from backend.db import db
from backend.desk import card, proofs
from backend.staff.access import SignedInStaff


@pages.get("/people/<id:person_id>/proofs")
@staff(needs=CHANGE)
def person_proofs(me: SignedInStaff, person_id: int) -> Any:
    """What is noted, and the form for another paper."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/people/proofs.html", one=card.get_card(session, me, person_id, now),
        found=proofs.on_card(session, me, person_id, now), categories=CATEGORIES.items(),
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


@pages.get("/subsidies/proofs")
@staff(needs=SEE)
def proofs_expiring(me: SignedInStaff) -> Any:
    """Whose proof runs out soon, or did lately."""
    found = proofs.list_expiring(db.session(), me, clock.now())
    return render_template("admin/subsidies/proofs.html", found=found, categories=CATEGORIES)
