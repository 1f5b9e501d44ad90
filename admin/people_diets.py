"""What a resident must not eat and needs, on their card."""

from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.people import CHANGE, to_card
from admin.schemas.diets import DietForm
from backend import clock
from backend.canteen.eaters import wording
from backend.canteen.eaters.clashes import Profile
from backend.canteen.eaters.diets import NOTHING
from backend.canteen.wording import ALLERGENS, TRAITS
from backend.db import db
from backend.desk import card, diets
from backend.staff.access import SignedInStaff


@pages.get("/people/<id:person_id>/diet")
@staff(needs=CHANGE)
def diet_form(me: SignedInStaff, person_id: int) -> Any:
    """The form, as it is on file."""
    session = db.session()
    diet = diets.on_card(session, me, person_id) or NOTHING
    return render_template(
        "admin/people/diet.html", one=card.get_card(session, me, person_id, clock.now()),
        form=form_of(_filled(diet)), allergens=ALLERGENS, traits=TRAITS,
        textures=wording.TEXTURES,
    )  # fmt: skip


@pages.post("/people/<id:person_id>/diet")
@staff(writes=True, needs=CHANGE, form=DietForm, page=diet_form)
def diet_change(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """As it is from now on."""
    diets.write(db.session(), me, person_id, asked["diet"], clock.now())
    flash(_("已保存。"), "success")
    return to_card(person_id)


def _filled(diet: Profile) -> dict[str, Any]:
    """A diet as the form's fields hold it."""
    return {
        "allergens": diet.allergens, "avoids": _("、").join(diet.avoids), "traits": diet.traits,
        "texture": diet.texture, "note": diet.note,
    }  # fmt: skip
