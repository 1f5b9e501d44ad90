"""The stalls of a market that is held every month: for what is made from now on."""

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.market import times_of
from admin.market_wishes import wished_at
from admin.schemas.market import SeenForm, StallChangeForm, StallForm
from backend import clock
from backend.db import AnyRow, db
from backend.market import offers, plans
from backend.market.fitting import RUN
from backend.market.repeating import service, stalls
from backend.staff.access import SignedInStaff


@pages.get("/market/templates/<id:template_id>/stalls/new")
@staff(needs=RUN)
def market_template_stall_new(template_id: int, me: SignedInStaff) -> Any:
    """The form for one more stall; times as those of the last."""
    template = service.access(db.session(), me, template_id)
    last = asdict(service.plans_of(template)[-1])
    values = {"at_once": 1, "walk_up_percent": 50, "slot_minutes": 15} | times_of(last)
    return _page(me, template, values)


@pages.post("/market/templates/<id:template_id>/stalls/new")
@staff(writes=True, needs=RUN, form=StallForm, page=market_template_stall_new)
def market_template_stall_create(template_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """One more stall."""
    stalls.add(db.session(), me, template_id, asked["plan"])
    return _done(_("摊位已加好。"), template_id)


@pages.get("/market/templates/<id:template_id>/stalls/<id:number>")
@staff(needs=RUN)
def market_template_stall(template_id: int, number: int, me: SignedInStaff) -> Any:
    """A stall as it is planned for the months to come."""
    template, plan = stalls.get_stall(db.session(), me, template_id, number)
    values = asdict(plan)
    return _page(me, template, values | times_of(values), number, stalls.seen_of(plan))


@pages.post("/market/templates/<id:template_id>/stalls/<id:number>")
@staff(writes=True, needs=RUN, form=StallChangeForm, page=market_template_stall)
def market_template_stall_change(
    template_id: int, number: int, me: SignedInStaff, asked: dict[str, Any]
) -> Any:
    """Another plan for it."""
    stalls.change(db.session(), me, template_id, number, asked["plan"], asked["seen"])
    return _done(_("已保存，已经建好的场次不变。"), template_id)


@pages.post("/market/templates/<id:template_id>/stalls/<id:number>/remove")
@staff(writes=True, needs=RUN, form=SeenForm, page=market_template_stall)
def market_template_stall_remove(
    template_id: int, number: int, me: SignedInStaff, asked: dict[str, Any]
) -> Any:
    """Without it."""
    stalls.remove(db.session(), me, template_id, number, asked["seen"])
    return _done(_("摊位已去掉。"), template_id)


def _page(
    me: SignedInStaff, template: AnyRow, values: dict[str, Any], number: int | None = None,
    seen: str = "",
) -> str:  # fmt: skip
    session = db.session()
    return render_template(
        "admin/market/template_stall.html", template=template, number=number, seen=seen,
        form=form_of(values), choices=plans.choices(session, me, template.path),
        wished=wished_at(session, me, template.place_id),
        offered=offers.offered(session, clock.today()),
    )  # fmt: skip


def _done(sentence: str, template_id: int) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.market_template", template_id=template_id))
