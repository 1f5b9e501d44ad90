"""The fee of an enrolment: where it stands, and marking it."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import MANAGE, to_class
from admin.doors import staff
from admin.schemas.classes import FeeForm
from admin.uploads import dump_original, load_original
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school import roster
from backend.night_school.fees import queries, service
from backend.staff.access import SignedInStaff


@pages.get("/classes/<id:run_id>/enrolments/<id:booking_id>/fee")
@staff(needs=MANAGE)
def fee_page(run_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """What is owed, and what it may be marked as."""
    session, now = db.session(), clock.now()
    run = reads.get_class(session, me, run_id)
    person = roster.enrolment(session, run_id, booking_id, now)
    fee = queries.of_booking(session, booking_id)
    return render_template(
        "admin/classes/fee.html", run=run, person=person, fee=fee,
        next_states=service.MAY_BECOME[fee["state"]] if fee else (),
        original=dump_original(f"fees/{booking_id}", service.form_shows(fee)) if fee else "",
    )  # fmt: skip


@pages.post("/classes/<id:run_id>/enrolments/<id:booking_id>/fee")
@staff(writes=True, needs=MANAGE, form=FeeForm, page=fee_page)
def mark_fee(run_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Mark it as paid, refunded, waived, or take a slip back."""
    original = load_original(f"fees/{booking_id}")
    service.mark(db.session(), me, run_id, booking_id, clock.now(), original=original, **asked)
    return to_class(_("交费情况已登记。"), run_id)
