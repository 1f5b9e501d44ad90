"""The rain plan in the console: fill in where a market goes, look whom it concerns, confirm."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of
from admin.schemas.market_moving import KEEP, MoveForm
from backend import clock
from backend.db import db
from backend.desk import room_uses
from backend.market import planning, plans
from backend.market.fitting import RUN
from backend.market.moving import look, service
from backend.staff import audit
from backend.staff.access import SignedInStaff

_TYPED = ("day", "opens", "place_id", "spot", "room", "reason")


@pages.get("/market/<id:market_day_id>/move")
@staff(needs=RUN)
def market_move_page(market_day_id: int, me: SignedInStaff) -> Any:
    """To which day, hour and place; as it is now, unless somebody says otherwise."""
    session = db.session()
    day = planning.access_day(session, me, market_day_id)
    stalls = look.stalls_of(session, day.id)
    stands = {
        "day": day.day.isoformat(), "place_id": day.place_id, "spot": day.spot,
        "room": KEEP if any(one.room_id for one in stalls) else "",
    }  # fmt: skip
    if stalls:
        first = stalls[0].from_minute
        stands["opens"] = f"{first // 60:02}:{first % 60:02}"
    return render_template(
        "admin/market/rain.html", day=day, form=form_of(stands), keep=KEEP,
        places=plans.places(session, me), rooms=plans.choices(session, me, day.path)["rooms"],
    )  # fmt: skip


@pages.post("/market/<id:market_day_id>/move/look")
@staff(writes=True, needs=RUN, form=MoveForm, page=market_move_page)
def market_move_look(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Who has slots or numbers, who cannot come, what is in the way; nothing is done yet."""
    session = db.session()
    found = look.look(session, me, market_day_id, asked["wanted"], clock.now())
    audit.unchanged(session)
    named = room_uses.known(session, me, found.taken)
    return render_template(
        "admin/market/rain_look.html", found=found, problem=form_of().problem,
        typed=[(name, request.form[name]) for name in _TYPED if request.form.get(name)],
        taken=[(one, named.get((one.kind, one.occupant_id), {})) for one in found.taken],
        without=request.form.getlist("without"), opens=look.opens_at(found),
    )  # fmt: skip


@pages.post("/market/<id:market_day_id>/move")
@staff(writes=True, needs=RUN, form=MoveForm, page=market_move_look)
def market_move(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """All of it at once; everybody concerned is told."""
    found = service.move(db.session(), me, market_day_id, **asked, now=clock.now())
    told = {(one.person_id, one.account_id) for one in (*found.hits, *found.numbers)}
    flash(
        _("集市已改好，正在通知 %(count)s 位居民；请另外告诉各位服务者。", count=len(told))
        if told else _("集市已改好；请另外告诉各位服务者。"),
        "success",
    )  # fmt: skip
    return redirect(url_for("admin.market_day", market_day_id=market_day_id))
