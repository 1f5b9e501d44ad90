"""Planning: a class from its weekly hours, looked at with every clash before it is written."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import Form, form_of, read
from admin.schemas.planning import HOURS, PlaceForm, PlaceQuery, PlanForm
from backend import clock
from backend.db import db
from backend.night_school.planning import offers, opening, starting, templates
from backend.night_school.planning.affected import list_affected
from backend.night_school.planning.preview import preview
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/planning")
@staff(needs=MANAGE)
def planning(me: SignedInStaff) -> Any:
    """Where a plan begins: a community, a term, a template; and lessons that fell on days off."""
    session = db.session()
    return render_template(
        "admin/planning/index.html",
        places=offers.places(session, me), kept=templates.list_templates(session, me),
        affected=list_affected(session, me, clock.now()),
    )  # fmt: skip


@pages.get("/planning/new")
@staff(needs=MANAGE)
def plan_page(me: SignedInStaff) -> Any:
    """The form for a new class; what is known already is filled in."""
    if form_of().values:
        return _form_page(me, form_of(), read(PlaceForm)["place_id"])
    session, asked = db.session(), read(PlaceQuery, request.args)
    if template_id := asked.get("template_id"):
        values = templates.values_of(session, me, template_id)
    else:
        values = starting.from_request(session, me, asked)
    if "place_id" not in values:
        return redirect(url_for("admin.planning"))
    return _form_page(me, Form(values), values["place_id"])


@pages.post("/planning/change")
@staff(writes=True, needs=MANAGE, form=PlaceForm)
def plan_change(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """From the preview back to the form, as it was filled in; nothing is written."""
    audit.unchanged(db.session())
    return _form_page(me, Form(dict(request.form)), asked["place_id"])


@pages.post("/planning/new")
@staff(writes=True, needs=MANAGE, form=PlanForm, page=plan_page)
def plan_preview(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """All dates with every clash; nothing is written."""
    audit.unchanged(db.session())
    return _preview_page(me, asked, seen=None)


@staff(needs=MANAGE, page=plan_page)
def plan_again(me: SignedInStaff) -> Any:
    """The preview as it is by now, with what is new in it."""
    asked = read(PlanForm)
    return _preview_page(me, asked, seen=asked["seen"])


@pages.post("/planning/create")
@staff(writes=True, needs=MANAGE, form=PlanForm, page=plan_again)
def plan_create(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Open the class as it was previewed, or nothing."""
    session, after = db.session(), asked.pop("after")
    rules = templates.rules_of(session, me, **after)
    run_id = opening.plan_class(session, me, now=clock.now(), rules=rules, **asked)
    scheduled = asked["plan"].published_at is not None
    flash(_("已开班，到时间会自动发布。") if scheduled else _("已开班，核对后就可以发布。"))
    return redirect(url_for("admin.class_page", run_id=run_id))


def _form_page(me: SignedInStaff, form: Form, place_id: int) -> str:
    offered = offers.for_place(db.session(), me, place_id, clock.today())
    return render_template("admin/planning/new.html", form=form, offered=offered, hours=HOURS)


def _preview_page(me: SignedInStaff, asked: dict[str, Any], seen: Any) -> str:
    plan, skipped = asked["plan"], asked["skipped"]
    return render_template(
        "admin/planning/preview.html",
        looked_at=preview(db.session(), me, plan, clock.now(), skipped),
        skipped=skipped, seen=seen, form=form_of(),
        typed=[
            (name, value) for name, value in request.form.items()
            if name not in ("csrf_token", "skipped", "seen")
        ],
    )  # fmt: skip
