"""Applying for a draw with a resident at the desk: wishes, withdrawing, a slip to take home."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.people import to_card
from admin.schemas.people import WishesForm
from backend import clock
from backend.db import db
from backend.desk import card, draws
from backend.staff.access import Permission, SignedInStaff

BOOK = Permission.BOOK_FOR_PEOPLE


@pages.get("/people/<id:person_id>/draws/<id:draw_id>")
@staff(needs=BOOK)
def person_draw_form(me: SignedInStaff, person_id: int, draw_id: int) -> Any:
    """The wishes, to be chosen in order; classes that are not open to the person say why."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/people/draw.html", one=card.get_card(session, me, person_id, now),
        draw=draws.get_form(session, me, person_id, draw_id, now),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/draws/<id:draw_id>")
@staff(writes=True, needs=BOOK, form=WishesForm, page=person_draw_form)
def person_draw_apply(
    me: SignedInStaff, person_id: int, draw_id: int, asked: dict[str, Any]
) -> Any:
    """Apply for the person, or change what they wish for."""
    draws.apply_for(db.session(), me, person_id, draw_id, now=clock.now(), **asked)
    flash(_("登记好了，请居民核对下面的志愿。"), "success")
    return redirect(url_for("admin.person_draw_slip", person_id=person_id, draw_id=draw_id))


@pages.get("/people/<id:person_id>/draws/<id:draw_id>/slip")
@staff(needs=BOOK)
def person_draw_slip(me: SignedInStaff, person_id: int, draw_id: int) -> Any:
    """What was applied for, to show and to print."""
    session, now = db.session(), clock.now()
    draw = draws.get_form(session, me, person_id, draw_id, now)
    if draw["application"] is None:
        return to_card(person_id)
    one = card.get_card(session, me, person_id, now)
    return render_template(
        "admin/people/draw_slip.html", one=one, draw=draw, today=clock.today(now)
    )


@pages.post("/people/<id:person_id>/draws/<id:draw_id>/withdraw")
@staff(writes=True, needs=BOOK, page=person_draw_form)
def person_draw_withdraw(me: SignedInStaff, person_id: int, draw_id: int) -> Any:
    """Take the application back."""
    draws.withdraw_for(db.session(), me, person_id, draw_id, clock.now())
    flash(_("登记已撤回。"), "success")
    return to_card(person_id)
