"""The call list: who has to be phoned, and ticking calls off."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.refusals import by_htmx
from admin.schemas.audit import CallForm
from backend import clock
from backend.db import db
from backend.desk import calls as desk_calls
from backend.desk.calls import CALL
from backend.staff.access import SignedInStaff


@pages.get("/calls")
@staff(needs=CALL)
def calls(me: SignedInStaff) -> Any:
    """Whom to call, the earliest deadline first."""
    found = desk_calls.list_mine(db.session(), me, clock.now())
    return render_template("admin/calls/list.html", found=found)


@pages.post("/calls/<id:reminder_id>/done")
@staff(writes=True, needs=CALL, form=CallForm, page=calls)
def call_done(me: SignedInStaff, reminder_id: int, asked: dict[str, Any]) -> Any:
    """The call was made."""
    desk_calls.tick_off(db.session(), me, reminder_id, asked["note"], clock.now())
    if by_htmx():
        return ""
    flash(_("已记录这次电话。"), "success")
    return redirect(url_for("admin.calls"))


@pages.post("/calls/<id:reminder_id>/phone")
@staff(writes=True, needs=CALL)
def call_show_phone(me: SignedInStaff, reminder_id: int) -> Any:
    """The whole number of whom to call; the audit keeps that it was looked at."""
    session, now = db.session(), clock.now()
    phone = desk_calls.reveal_phone(session, me, reminder_id, now)
    if by_htmx():
        return render_template("admin/people/phone.html", phone=phone)
    found = desk_calls.list_mine(session, me, now)
    return render_template("admin/calls/list.html", found=found, shown={reminder_id: phone})
