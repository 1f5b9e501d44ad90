"""What residents say about lessons they missed: read it, answer it, let it count or not."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.people import to_card
from admin.schemas.standing import AnswerForm, WaiverForm
from backend import clock
from backend.db import db
from backend.desk import card
from backend.staff.access import SignedInStaff
from backend.standing import desk, service
from backend.standing.service import DECIDE


@pages.get("/appeals")
@staff(needs=DECIDE)
def appeals(me: SignedInStaff) -> Any:
    """Everything that waits for an answer at my places, the oldest first."""
    return render_template(
        "admin/standing/list.html", appeals=desk.list_open(db.session(), me, clock.now())
    )


@pages.get("/appeals/<id:appeal_id>")
@staff(needs=DECIDE)
def appeal_page(appeal_id: int, me: SignedInStaff) -> Any:
    """What was said about what, and the answer to it."""
    one = desk.get_appeal(db.session(), me, appeal_id, clock.now())
    return render_template("admin/standing/appeal.html", one=one)


@pages.post("/appeals/<id:appeal_id>")
@staff(writes=True, needs=DECIDE, form=AnswerForm, page=appeal_page)
def decide_appeal(appeal_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Count it no more, or go on counting it; the resident reads the answer."""
    service.decide(db.session(), me, appeal_id, now=clock.now(), **asked)
    flash(
        _("已答复居民，这一次不再计入。") if asked["granted"] else _("已答复居民，照常计入。"),
        "success",
    )
    return redirect(url_for("admin.appeals"))


@pages.get("/people/<id:person_id>/bookings/<id:booking_id>/missed/<int:occasion>/waive")
@staff(needs=DECIDE)
def waive_form(me: SignedInStaff, person_id: int, booking_id: int, occasion: int) -> Any:
    """Why shall it count no more?"""
    session, now = db.session(), clock.now()
    service.access_booking(session, me, booking_id)
    return render_template(
        "admin/standing/waive.html", one=card.get_card(session, me, person_id, now),
        booking_id=booking_id, occasion=occasion,
        occasion_missed=desk.get_occasion(session, person_id, booking_id, occasion, now),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/bookings/<id:booking_id>/missed/<int:occasion>/waive")
@staff(writes=True, needs=DECIDE, form=WaiverForm, page=waive_form)
def waive(
    me: SignedInStaff, person_id: int, booking_id: int, occasion: int, asked: dict[str, Any]
) -> Any:
    """Let it count no more."""
    service.waive(db.session(), me, booking_id, occasion, asked["reason"], clock.now())
    flash(_("这一次不再计入。"), "success")
    return to_card(person_id)
