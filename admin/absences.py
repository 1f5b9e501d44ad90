"""Offering on the place of somebody who stays away."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.classes import ReasonForm
from backend import clock
from backend.db import db
from backend.night_school import absences, classes, roster
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/enrolments/<id:booking_id>/offer-on")
@staff(needs=MANAGE)
def offer_on_page(run_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """Whom it concerns, how often they were absent, and the reason they are told."""
    session, now = db.session(), clock.now()
    away = absences.list_absent(session, me, now, run_id)
    return render_template(
        "admin/classes/offer_on.html",
        run=classes.get_class(session, me, run_id),
        person=roster.enrolment(session, run_id, booking_id, now),
        away=next((one for one in away if one["booking_id"] == booking_id), None),
    )


@pages.post("/classes/<id:run_id>/enrolments/<id:booking_id>/offer-on")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=offer_on_page)
def offer_on(run_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """End the enrolment; the line moves up."""
    count = absences.offer_on(
        db.session(), me, run_id, booking_id, asked["reason"], clock.now()
    )  # fmt: skip
    flash(
        _("名额已让出，并通知了 %(count)s 位候补居民。", count=count)
        if count
        else _("名额已让出。现在没有人候补，可以请居民来报名。")
    )
    return redirect(url_for("admin.class_page", run_id=run_id))
