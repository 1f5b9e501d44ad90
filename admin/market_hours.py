"""Hours of those who served at markets: a page, a spreadsheet, and putting them right."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.market_hours import CorrectionForm, HoursFilter
from backend import clock
from backend.db import db
from backend.market.fitting import RUN
from backend.market.hours import correcting, reading, sheets
from backend.staff.access import SignedInStaff


@pages.get("/market/hours")
@staff(needs=RUN)
def market_hours(me: SignedInStaff) -> Any:
    """Everybody of a place and a period with their hours; of one provider each turn."""
    asked = read(HoursFilter, request.args)
    return render_template(
        "admin/market/hours.html", asked=asked, spoken=sheets.spoken,
        hours=reading.read(db.session(), me, asked, clock.now()),
    )  # fmt: skip


@pages.get("/market/hours.xlsx")
@staff(needs=RUN)
def market_hours_xlsx(me: SignedInStaff) -> Any:
    """The same by provider, by person and turn by turn."""
    found = reading.read(db.session(), me, read(HoursFilter, request.args), clock.now())
    name = _("%(what)s集市服务时长 %(day)s", what=found.place.name, day=clock.today())
    return xlsx(name, sheets.write(found))


@pages.get("/market/stalls/<id:stall_id>/hours/<id:provider_id>")
@staff(needs=RUN)
def stall_hours(stall_id: int, provider_id: int, me: SignedInStaff) -> Any:
    """What the events say about somebody's turn, and the form that puts it right."""
    turn = reading.one(db.session(), me, stall_id, provider_id, clock.now())
    first, last = (turn.spans[0][0], turn.spans[-1][1]) if turn.spans else (
        turn.row.from_minute, turn.row.until_minute,
    )  # fmt: skip
    values = {
        "since": sheets.clock_of(first), "until": sheets.clock_of(last),
        "absent": turn.corrected and not turn.spans, "reason": turn.row.reason,
    }  # fmt: skip
    return render_template(
        "admin/market/stall_hours.html", turn=turn, form=form_of(values), spoken=sheets.spoken
    )


@pages.post("/market/stalls/<id:stall_id>/hours/<id:provider_id>")
@staff(writes=True, needs=RUN, form=CorrectionForm, page=stall_hours)
def stall_hours_correct(
    stall_id: int, provider_id: int, me: SignedInStaff, asked: dict[str, Any]
) -> Any:
    """From when to when it really was."""
    correcting.correct(db.session(), me, stall_id, provider_id, **asked, now=clock.now())
    flash(_("时长已更正。"), "success")
    return _turns_of(stall_id, provider_id, me)


@pages.post("/market/stalls/<id:stall_id>/hours/<id:provider_id>/back")
@staff(writes=True, needs=RUN, page=stall_hours)
def stall_hours_back(stall_id: int, provider_id: int, me: SignedInStaff) -> Any:
    """What the events say counts again."""
    correcting.take_back(db.session(), me, stall_id, provider_id, clock.now())
    flash(_("更正已撤销，按叫号记录计算。"), "success")
    return _turns_of(stall_id, provider_id, me)


def _turns_of(stall_id: int, provider_id: int, me: SignedInStaff) -> Any:
    day = reading.one(db.session(), me, stall_id, provider_id, clock.now()).row.day
    return redirect(url_for("admin.market_hours", provider_id=provider_id, since=day, until=day))
