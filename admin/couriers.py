"""For dispatchers: who carries meals and has shown papers, and photos of what was handed over."""

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.courier import SkillForm
from backend import clock
from backend.canteen.carrying import photos, skills
from backend.canteen.carrying.skills import DISPATCH
from backend.canteen.delivery.wording import SKILLS
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/couriers")
@staff(needs=DISPATCH)
def couriers(me: SignedInStaff) -> Any:
    """Everybody."""
    return render_template(
        "admin/courier/couriers.html", couriers=skills.list_couriers(db.session(), me),
        skills=SKILLS, problem=form_of().problem, on=clock.today(clock.now()),
    )  # fmt: skip


@pages.post("/couriers/<id:staff_id>/skills")
@staff(writes=True, needs=DISPATCH, form=SkillForm, page=couriers)
def keep_skill(staff_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Papers were shown, or hold no longer."""
    if asked["gone"]:
        skills.take_away(db.session(), me, staff_id, asked["skill"])
    else:
        skills.keep(db.session(), me, staff_id, asked["skill"], asked["valid_until"])
    flash(_("已登记。"), "success")
    return redirect(url_for("admin.couriers"))


@pages.get("/couriers/photos/<id:stop_id>")
@staff(needs=DISPATCH)
def stop_photo(stop_id: int, me: SignedInStaff) -> Any:
    """What the courier saw at the door."""
    return Response(photos.read(db.session(), me, stop_id), mimetype="image/jpeg")
