"""A stall closes for good, on the day or before it: whom that hits is shown, then confirmed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.market import AtDesk, CloseForm
from backend import clock
from backend.db import db
from backend.market import closing, handing_on, lines, planning
from backend.market.fitting import RUN
from backend.market.rehoming.look import seen
from backend.staff.access import SignedInStaff


@pages.get("/market/stalls/<id:stall_id>/desk/close")
@staff(needs=RUN)
def stall_closing(stall_id: int, me: SignedInStaff) -> Any:
    """Who waits, who has slots still to come, and where they could go."""
    session, now = db.session(), clock.now()
    stall, hits = closing.look(session, me, stall_id, now)
    line = None if stall.at_home else lines.at_desk(session, me, stall_id, now)
    return render_template(
        "admin/market/close.html", stall=stall, line=line, form=form_of(), hits=hits,
        desk=read(AtDesk, request.values)["desk"], seen=seen(hits),
        today=stall.day == clock.today(now),
        others=handing_on.others(session, stall, now) if line and line["waiting"] else [],
    )  # fmt: skip


@pages.post("/market/stalls/<id:stall_id>/desk/close")
@staff(writes=True, needs=RUN, form=CloseForm, page=stall_closing)
def stall_close(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """No more numbers, no more slots; whoever waits or has booked goes elsewhere, or is told."""
    session, now = db.session(), clock.now()
    desk, to = asked.pop("desk"), asked["to"]
    waited = closing.close(session, me, stall_id, now, **asked)
    stall = planning.access_stall(session, me, stall_id)
    if stall.at_home or stall.day != clock.today(now):
        flash(_("这个摊位已停办，约好的居民都会收到通知；请另外告诉服务者。"), "success")
        return redirect(url_for("admin.market_day", market_day_id=stall.market_day_id))
    if to is None:
        said = _(
            "已收摊。还在等的 %(count)s 位，有手机的已通知，没有手机的请当面说明。", count=waited
        )
    else:
        said = _("已收摊，%(count)s 位已转过去。没有手机的，请把新号告诉他。", count=waited)
    flash(said, "success")
    return redirect(url_for("admin.stall_desk", stall_id=stall_id, desk=desk))
