"""A stall on the day: its line, calling the next, numbers at the table; the screen of a market.

Forms name the number that the page shows at the desk, so a second tap changes nothing.
"""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.rotating_codes import rotating_code
from admin.schemas.market import AtDesk, DeskForm, NextForm, NumberForm
from backend import clock
from backend.booking.rotating_codes import seconds_left
from backend.db import db
from backend.market import calling, lines, numbers, planning, plans
from backend.market.fitting import RUN
from backend.staff.access import SignedInStaff


@pages.get("/market/stalls/<id:stall_id>/desk")
@staff(needs=RUN)
def stall_desk(stall_id: int, me: SignedInStaff) -> Any:
    """The line, who is at this desk, and one big button."""
    session, now = db.session(), clock.now()
    desk = read(AtDesk, request.values)["desk"]
    line = lines.at_desk(session, me, stall_id, now)
    return render_template(
        "admin/market/desk.html", line=line, desk=desk, problem=form_of().problem,
        here=next((one for one in line["called"] if one["desk"] == desk), None),
        code=_code(stall_id, now), at=now,
    )  # fmt: skip


@pages.post("/market/stalls/<id:stall_id>/desk/next")
@staff(writes=True, needs=RUN, form=NextForm, page=stall_desk)
def stall_next(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Whoever is here is served; the next is called."""
    calling.call_next(db.session(), me, stall_id, **asked, now=clock.now())
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/recall")
@staff(writes=True, needs=RUN, form=DeskForm, page=stall_desk)
def stall_recall(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The same number once more."""
    calling.recall(db.session(), me, stall_id, **asked)
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/skip")
@staff(writes=True, needs=RUN, form=DeskForm, page=stall_desk)
def stall_skip(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Back three places."""
    calling.skip(db.session(), me, stall_id, **asked)
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/absent")
@staff(writes=True, needs=RUN, form=DeskForm, page=stall_desk)
def stall_absent(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """They have not come."""
    calling.not_there(db.session(), me, stall_id, **asked, now=clock.now())
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/served")
@staff(writes=True, needs=RUN, form=NextForm, page=stall_desk)
def stall_served(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Done, and nobody is called yet."""
    calling.serve(db.session(), me, stall_id, **asked, now=clock.now())
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/number")
@staff(writes=True, needs=RUN, form=NumberForm, page=stall_desk)
def stall_number(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A number for somebody who stands at the table."""
    taken = numbers.take_at_table(db.session(), me, stall_id, clock.now(), asked["booking_id"])
    if taken.replayed:
        flash(_("这位已经有 %(number)s 号了，不用再取。", number=taken.number), "warning")
    else:
        flash(_("%(number)s 号，请告诉居民。", number=taken.number), "success")
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/pause")
@staff(writes=True, needs=RUN, form=AtDesk, page=stall_desk)
def stall_pause(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Nobody is called for a while."""
    calling.pause(db.session(), me, stall_id, clock.now())
    return _desk(stall_id, asked["desk"])


@pages.post("/market/stalls/<id:stall_id>/desk/go-on")
@staff(writes=True, needs=RUN, form=AtDesk, page=stall_desk)
def stall_go_on(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Go on."""
    calling.go_on(db.session(), me, stall_id)
    return _desk(stall_id, asked["desk"])


@pages.get("/market/<id:market_day_id>/screen")
@staff(needs=RUN)
def market_screen(market_day_id: int, me: SignedInStaff) -> Any:
    """For a screen at the market: the number called at each stall. It names nobody."""
    return render_template("admin/market/screen.html", **_screen(market_day_id, me))


@pages.get("/market/<id:market_day_id>/screen/now")
@staff(needs=RUN)
def market_screen_now(market_day_id: int, me: SignedInStaff) -> Any:
    """The part of that page that changes."""
    return render_template("admin/market/screen_now.html", **_screen(market_day_id, me))


def _screen(market_day_id: int, me: SignedInStaff) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    day = planning.access_day(session, me, market_day_id)
    stalls = plans.stalls_on_show(session, day)
    return {
        "day": day, "at": now, "left": seconds_left(now),
        "lines": lines.of_day(session, stalls, now),
        "codes": {one: _code(one, now) for one in stalls},
    }  # fmt: skip


def _code(stall_id: int, now: datetime) -> dict[str, Any]:
    return rotating_code(numbers.code_of(stall_id, now), numbers.link_of(stall_id, now), now)


def _desk(stall_id: int, desk: int) -> Any:
    return redirect(url_for("admin.stall_desk", stall_id=stall_id, desk=desk))
