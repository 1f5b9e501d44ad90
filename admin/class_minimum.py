"""A class's least number, and what to do with one that stayed below it."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import class_original, posted_original, to_class
from admin.doors import staff
from admin.schemas.lessons import ExtendForm, MinimumForm, ReasonForm
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school import minimum
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/minimum")
@staff(needs=MANAGE)
def minimum_page(run_id: int, me: SignedInStaff) -> Any:
    """The number, and where a decision is due, the decisions."""
    session = db.session()
    run = reads.get_class(session, me, run_id)
    small = minimum.standing(run, clock.now())
    original = class_original(run)
    return render_template("admin/classes/minimum.html", run=run, small=small, original=original)


@pages.post("/classes/<id:run_id>/minimum")
@staff(writes=True, needs=MANAGE, form=MinimumForm, page=minimum_page)
def set_minimum(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another number, or none."""
    original = posted_original(run_id)
    minimum.set_minimum(db.session(), me, run_id, asked["minimum"], clock.now(), original)
    return to_class(_("开班人数已保存。"), run_id)


@pages.post("/classes/<id:run_id>/minimum/run")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=minimum_page)
def run_anyway(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It takes place all the same."""
    original = posted_original(run_id)
    minimum.run_anyway(db.session(), me, run_id, asked["reason"], clock.now(), original)
    return to_class(_("已决定照常开班。"), run_id)


@pages.post("/classes/<id:run_id>/minimum/extend")
@staff(writes=True, needs=MANAGE, form=ExtendForm, page=minimum_page)
def extend_sign_up(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Sign-up stays open for longer."""
    original = posted_original(run_id)
    minimum.extend(db.session(), me, run_id, now=clock.now(), original=original, **asked)
    return to_class(_("报名已延长，居民可以继续报名。"), run_id)
