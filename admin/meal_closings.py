"""A canteen closes: the list of who gets what back, paying it step by step, its papers."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import form_of, read
from admin.papers import in_chinese, pdf
from admin.refusals import by_htmx
from admin.schemas.meal_accounts import EveryoneForm, PageQuery, WayForm
from backend import clock
from backend.canteen.accounts import closing, closing_papers, closings, till
from backend.canteen.accounts.till import KEEP
from backend.canteen.accounts.wording import WAYS
from backend.db import db
from backend.staff.access import SignedInStaff


@pages.get("/meal-accounts/closing/<id:canteen_id>")
@staff(needs=KEEP)
def meal_closing(canteen_id: int, me: SignedInStaff) -> Any:
    """Where it stands: what there is, the list to look at, how far it is paid, what was paid."""
    session, page = db.session(), read(PageQuery, request.args)["page"]
    canteen = till.access_canteen(session, me, canteen_id)
    every = closings.list_closings(session, me, canteen_id)
    now_open = every[0] if every and not every[0]["done_at"] else None
    lines = closings.list_lines(session, now_open["id"], page) if now_open else []
    return render_template(
        "admin/meal_accounts/closing.html", canteen=canteen, now_open=now_open, ways=WAYS,
        past=[one for one in every if one["done_at"]], left=closings.left_at(session, canteen_id),
        lines=lines, page=page, page_size=closings.PAGE, form=form_of(),
        goes_on=now_open and not now_open["done"] and now_open["begun_by_id"] == me.staff_id,
    )  # fmt: skip


@pages.post("/meal-accounts/closing/<id:canteen_id>/list")
@staff(writes=True, needs=KEEP, page=meal_closing)
def meal_closing_list(canteen_id: int, me: SignedInStaff) -> Any:
    """The list is drawn up, or drawn up anew."""
    closing.draw_up(db.session(), me, canteen_id, clock.now())
    return _to(canteen_id)


@pages.post("/meal-accounts/closing/<id:canteen_id>/ways")
@staff(writes=True, needs=KEEP, form=WayForm, page=meal_closing)
def meal_closing_ways(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Some of the list, or all of it, are paid in cash or by the bank."""
    meant = None if asked["everyone"] else asked["line_ids"]
    changed = closing.choose_way(db.session(), me, canteen_id, meant, asked["way"])
    flash(_("%(n)s 笔改为%(way)s。", n=changed, way=WAYS[asked["way"]]), "success")
    return redirect(
        url_for("admin.meal_closing", canteen_id=canteen_id, page=request.args.get("page"))
    )


@pages.post("/meal-accounts/closing/<id:canteen_id>/begin")
@staff(writes=True, needs=KEEP, form=EveryoneForm, page=meal_closing)
def meal_closing_begin(canteen_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """From now on the list is paid."""
    closing.begin(db.session(), me, canteen_id, asked["expected_fen"], clock.now())
    return _to(canteen_id)


@pages.post("/meal-accounts/closing/<id:canteen_id>/pay")
@staff(writes=True, needs=KEEP)
def meal_closing_pay(canteen_id: int, me: SignedInStaff) -> Any:
    """The next ones are paid; the page asks for the step after this one by itself."""
    session = db.session()
    left = closing.pay_next(session, me, canteen_id, clock.now())
    if not by_htmx():
        return _to(canteen_id)
    [newest, *_earlier] = closings.list_closings(session, me, canteen_id)
    answer = make_response(
        render_template("admin/meal_accounts/_paying.html", now_open=newest, goes_on=left > 0)
    )
    if not left:
        answer.headers["HX-Refresh"] = "true"
    return answer


@pages.get("/meal-accounts/closings/<id:closing_id>.xlsx")
@staff(needs=KEEP)
def meal_closing_xlsx(closing_id: int, me: SignedInStaff) -> Any:
    """Everybody on the list, and those paid by the bank apart."""
    session = db.session()
    found = closings.get_closing(session, me, closing_id)
    packed = closing_papers.write(closings.list_lines(session, closing_id))
    return xlsx(_("%(canteen)s退款名单", canteen=found["canteen_name"]), packed)


@pages.get("/meal-accounts/closings/<id:closing_id>.pdf")
@staff(needs=KEEP)
@in_chinese
def meal_closing_pdf(closing_id: int, me: SignedInStaff) -> Any:
    """Those who were paid in cash, with room to sign."""
    session = db.session()
    found = closings.get_closing(session, me, closing_id)
    drawn = closing_papers.draw(found, closings.list_lines(session, closing_id))
    return pdf(_("%(canteen)s退款签收名单", canteen=found["canteen_name"]), drawn)


def _to(canteen_id: int) -> Any:
    return redirect(url_for("admin.meal_closing", canteen_id=canteen_id))
