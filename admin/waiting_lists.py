"""The waiting list of a class: ask the next, give a kept place free."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import MANAGE, class_page, to_class
from admin.doors import staff
from admin.schemas.classes import ReasonForm
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school import desk, roster
from backend.staff.access import SignedInStaff


@pages.post("/classes/<id:run_id>/push-line")
@staff(writes=True, needs=MANAGE, page=class_page)
def push_line(run_id: int, me: SignedInStaff) -> Any:
    """Whoever is next is asked for every place that is free."""
    offered = desk.push_line(db.session(), me, run_id, clock.now())
    if not offered:
        return to_class(_("现在没有可以通知的候补居民，原因见候补名单。"), run_id)
    return to_class(_("已通知 %(count)s 位候补居民，等他们确认。", count=offered), run_id)


@pages.get("/classes/<id:run_id>/enrolments/<id:booking_id>/release")
@staff(needs=MANAGE)
def release_page(run_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """Whose place it is, and the reason they are told."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/classes/release.html", run=reads.get_class(session, me, run_id),
        person=roster.enrolment(session, run_id, booking_id, now),
    )  # fmt: skip


@pages.post("/classes/<id:run_id>/enrolments/<id:booking_id>/release")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=release_page)
def release(run_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The place that was kept goes to the next in line."""
    desk.release(db.session(), me, run_id, booking_id, asked["reason"], clock.now())
    return to_class(_("名额已让出，会通知下一位候补居民。"), run_id)
