"""Markets: which are planned, one with its stalls, and the forms that plan them."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.market_wishes import wished_at
from admin.schemas.market import (
    CopyForm,
    DayForm,
    NewDayForm,
    OpenForm,
    StallChangeForm,
    StallForm,
    WhyForm,
    WishesQuery,
)
from backend import clock
from backend.db import db
from backend.market import cancelling, copying, offers, planning, plans, results
from backend.market.fitting import RUN
from backend.market.moving import look
from backend.staff.access import SignedInStaff
from backend.venues.hours import write_hours

MONTH = timedelta(weeks=4)


@pages.get("/market")
@staff(needs=RUN)
def market(me: SignedInStaff) -> Any:
    """The market days to come, or those that are over."""
    past = "past" in request.args
    found = plans.list_days(db.session(), me, clock.now(), past=past)
    return render_template("admin/market/list.html", found=found, past=past)


@pages.get("/market/new")
@staff(needs=RUN)
def market_new(me: SignedInStaff) -> Any:
    """Where and when the next one is."""
    session = db.session()
    asked = read(WishesQuery, request.args)
    return render_template(
        "admin/market/form.html", day=None, places=plans.places(session, me),
        chosen=asked, wished=wished_at(session, me, asked["place_id"]),
    )  # fmt: skip


@pages.post("/market/new")
@staff(writes=True, needs=RUN, form=NewDayForm, page=market_new)
def market_create(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A market day without stalls yet."""
    ident = planning.plan_day(db.session(), me, **asked, now=clock.now())
    return _done(_("集市已建立，接着加摊位。"), ident)


@pages.get("/market/<id:market_day_id>")
@staff(needs=RUN)
def market_day(market_day_id: int, me: SignedInStaff) -> Any:
    """One with its stalls, and what is missing."""
    day = plans.get_day(db.session(), me, market_day_id)
    today = clock.today()
    return render_template(
        "admin/market/day.html", day=day, spans=write_hours, problem=form_of().problem,
        result=results.address(day, clock.now()),
        open=day["cancelled_at"] is None and day["day"] >= today,
        moves=look.list_moves(db.session(), market_day_id),
    )  # fmt: skip


@pages.get("/market/<id:market_day_id>/change")
@staff(needs=RUN)
def market_change_page(market_day_id: int, me: SignedInStaff) -> Any:
    """Its title and where exactly it is."""
    day = planning.access_day(db.session(), me, market_day_id)
    return render_template("admin/market/form.html", day=day, places=[], wished=[])


@pages.post("/market/<id:market_day_id>/change")
@staff(writes=True, needs=RUN, form=DayForm, page=market_change_page)
def market_change(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another title, another corner of the square."""
    planning.change_day(db.session(), me, market_day_id, **asked, now=clock.now())
    return _done(_("已保存。"), market_day_id)


@pages.get("/market/<id:market_day_id>/open")
@staff(needs=RUN)
def market_open_page(market_day_id: int, me: SignedInStaff) -> Any:
    """From when slots can be booked."""
    day = plans.get_day(db.session(), me, market_day_id)
    return render_template("admin/market/open.html", day=day)


@pages.post("/market/<id:market_day_id>/open")
@staff(writes=True, needs=RUN, form=OpenForm, page=market_open_page)
def market_open(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Residents see it."""
    planning.open_day(db.session(), me, market_day_id, asked["books_from"], clock.now())
    return _done(_("居民现在能看到这场集市了。"), market_day_id)


@pages.get("/market/<id:market_day_id>/booked")
@staff(needs=RUN)
def market_booked(market_day_id: int, me: SignedInStaff) -> Any:
    """Who has booked, stall by stall."""
    session = db.session()
    return render_template(
        "admin/market/booked.html", day=planning.access_day(session, me, market_day_id),
        booked=plans.list_booked(session, me, market_day_id),
    )  # fmt: skip


@pages.get("/market/<id:market_day_id>/copy")
@staff(needs=RUN)
def market_copy_page(market_day_id: int, me: SignedInStaff) -> Any:
    """On which day it is held again: four weeks on, unless somebody says otherwise."""
    day = plans.get_day(db.session(), me, market_day_id)
    later = max(day["day"], clock.today()) + MONTH
    return render_template("admin/market/copy.html", day=day, later=later)


@pages.post("/market/<id:market_day_id>/copy")
@staff(writes=True, needs=RUN, form=CopyForm, page=market_copy_page)
def market_copy(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The same stalls on that day; those that cannot be are named with the reason."""
    copied = copying.copy_day(db.session(), me, market_day_id, asked["day"], clock.now())
    for service, refusal in copied.left_out:
        flash(_("%(service)s没有带过来：%(why)s", service=service, why=refusal), "warning")
    return _done(_("集市已照样建好，核对后开放给居民。"), copied.market_day_id)


@pages.get("/market/<id:market_day_id>/cancel")
@staff(needs=RUN)
def market_cancel_page(market_day_id: int, me: SignedInStaff) -> Any:
    """Whom it hits, before it is done."""
    session = db.session()
    day = plans.get_day(session, me, market_day_id)
    found = cancelling.look(session, me, market_day_id, clock.now())
    return render_template("admin/market/cancel.html", day=day, found=found, form=form_of())


@pages.post("/market/<id:market_day_id>/cancel")
@staff(writes=True, needs=RUN, form=WhyForm, page=market_cancel_page)
def market_cancel(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It does not take place."""
    found = cancelling.cancel_day(db.session(), me, market_day_id, clock.now(), **asked)
    if told := len({(one.person_id, one.account_id) for one in (*found.hits, *found.numbers)}):
        said = _("集市已取消，正在通知 %(count)s 位居民；请另外告诉各位服务者。", count=told)
    else:
        said = _("集市已取消；请另外告诉各位服务者。")
    return _done(said, market_day_id)


@pages.get("/market/<id:market_day_id>/stalls/new")
@staff(needs=RUN)
def stall_new(market_day_id: int, me: SignedInStaff) -> Any:
    """The form for one more stall; times as those of the stall before."""
    session = db.session()
    day = plans.get_day(session, me, market_day_id)
    before = day["stalls"][-1] if day["stalls"] else None
    values = {"at_once": 1, "walk_up_percent": 50, "slot_minutes": 15} | times_of(before)
    return _stall_page(me, day, values)


@pages.post("/market/<id:market_day_id>/stalls/new")
@staff(writes=True, needs=RUN, form=StallForm, page=stall_new)
def stall_create(market_day_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """One more stall."""
    planning.add_stall(db.session(), me, market_day_id, asked["plan"], clock.now())
    return _done(_("摊位已加好。"), market_day_id)


@pages.get("/market/stalls/<id:stall_id>")
@staff(needs=RUN)
def stall(stall_id: int, me: SignedInStaff) -> Any:
    """The stall as it is planned."""
    session = db.session()
    row = planning.access_stall(session, me, stall_id)
    values = dict(row._mapping) | times_of(dict(row._mapping))
    values["provider_ids"] = planning.people_of(session, stall_id)
    return _stall_page(me, plans.get_day(session, me, row.market_day_id), values, stall_id)


@pages.post("/market/stalls/<id:stall_id>")
@staff(writes=True, needs=RUN, form=StallChangeForm, page=stall)
def stall_change(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another plan for it; who would lose a slot by it is shown first."""
    day_id = planning.change_stall(db.session(), me, stall_id, **asked, now=clock.now())
    return _done(_("已保存。"), day_id)


@pages.post("/market/stalls/<id:stall_id>/remove")
@staff(writes=True, needs=RUN, page=stall)
def stall_remove(stall_id: int, me: SignedInStaff) -> Any:
    """Without it."""
    day_id = planning.remove_stall(db.session(), me, stall_id, clock.now())
    return _done(_("摊位已去掉。"), day_id)


def _stall_page(
    me: SignedInStaff, day: dict[str, Any], values: dict[str, Any], stall_id: int | None = None
) -> str:
    form = form_of(values)
    return render_template(
        "admin/market/stall.html", day=day, stall_id=stall_id, form=form,
        hits=getattr(form.refusal, "hits", []), seen=getattr(form.refusal, "seen", ""),
        choices=plans.choices(db.session(), me, day["path"]),
        wished=wished_at(db.session(), me, day["place_id"]),
        offered=offers.offered(db.session(), day["day"]),
    )  # fmt: skip


def times_of(stall: dict[str, Any] | None) -> dict[str, str]:
    """Opening and breaks as the form's fields hold them."""
    if stall is None:
        return {}
    opens, closes = stall["from_minute"], stall["until_minute"]
    return {
        "opens": f"{opens // 60:02}:{opens % 60:02}",
        "closes": f"{closes // 60:02}:{closes % 60:02}", "breaks": write_hours(stall["breaks"]),
    }  # fmt: skip


def _done(sentence: str, market_day_id: int) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.market_day", market_day_id=market_day_id))
