"""Which subsidy applies to a resident's meal, and why."""

from typing import Any

from flask import render_template, request

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import Form, read
from admin.schemas.subsidies import WhyQuery
from backend import clock
from backend.canteen.eaters.wording import CATEGORIES
from backend.canteen.pricing.rules import Why
from backend.canteen.pricing.wording import WHY
from backend.canteen.wording import MEALS, MODES
from backend.db import db
from backend.desk import card, subsidies
from backend.desk.subsidies import SEE
from backend.money import in_yuan
from backend.staff.access import SignedInStaff

TONE = {Why.APPLIED: "green", Why.LESS: "blue", Why.USED_UP: "amber", Why.MIN_SPEND: "amber"}


@pages.get("/people/<id:person_id>/subsidies")
@staff(needs=SEE)
def person_subsidies(me: SignedInStaff, person_id: int) -> Any:
    """A day, a meal and how it is eaten; every rule tried on it with its reason."""
    session, now = db.session(), clock.now()
    asked = read(WhyQuery, request.args)
    asked["day"] = asked["day"] or clock.today(now)
    found = subsidies.why_this_price(session, me, person_id, **asked)
    filled = asked | {key: found[key] for key in ("canteen_id", "mode")}
    return render_template(
        "admin/people/subsidies.html", one=card.get_card(session, me, person_id, now), **found,
        form=Form(filled | {"fen": in_yuan(asked["fen"])}), meals=MEALS, modes=MODES, why=WHY,
        tone=TONE, categories=CATEGORIES,
    )  # fmt: skip
