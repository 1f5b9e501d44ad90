"""Home visits of a market: what is asked for, decisions, another time, the route, how it went."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.refusals import by_htmx
from admin.schemas.classes import ReasonForm
from admin.schemas.market import CheckedForm, SlotQuery, VisitEndForm, VisitTimeForm
from backend import clock
from backend.db import db
from backend.desk import markets, reservations
from backend.market import planning
from backend.market.fitting import RUN
from backend.market.grid import moment
from backend.market.service import Wanted
from backend.market.visits import deciding, reads
from backend.market.visits.models import Outcome
from backend.staff.access import SignedInStaff


@pages.get("/market/<id:market_day_id>/visits")
@staff(needs=RUN)
def home_visits(market_day_id: int, me: SignedInStaff) -> Any:
    """What waits for a decision, what is agreed on, what is over."""
    session = db.session()
    day = planning.access_day(session, me, market_day_id)
    return render_template(
        "admin/market/visits.html", day=day, problem=form_of().problem,
        visits=reads.list_visits(session, me, market_day_id, clock.now()),
        routes=reads.list_routes(session, me, market_day_id), near=reads.is_near(me, day.path),
    )  # fmt: skip


@pages.get("/market/visits/<id:booking_id>")
@staff(needs=RUN)
def home_visit(booking_id: int, me: SignedInStaff) -> Any:
    """Who, where, what should be known; what happened to it."""
    return _page(booking_id, me)


@pages.post("/market/visits/<id:booking_id>/phone")
@staff(writes=True, needs=RUN)
def home_visit_phone(booking_id: int, me: SignedInStaff) -> Any:
    """The whole number, once; the audit keeps that it was looked at."""
    phone = reads.reveal_phone(db.session(), me, booking_id)
    if by_htmx():
        return render_template("admin/people/phone.html", phone=phone)
    return _page(booking_id, me, phone)


@pages.post("/market/visits/<id:booking_id>/approve")
@staff(writes=True, needs=RUN, form=CheckedForm, page=home_visit)
def home_visit_approve(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Somebody comes then."""
    deciding.approve(db.session(), me, booking_id, clock.now(), checked=asked["checked"])
    return _to(booking_id, _("已通过，已通知居民。"))


@pages.post("/market/visits/<id:booking_id>/decline")
@staff(writes=True, needs=RUN, form=ReasonForm, page=home_visit)
def home_visit_decline(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Nobody comes; they read why."""
    deciding.decline(db.session(), me, booking_id, asked["reason"], clock.now())
    return _to(booking_id, _("已答复，原因已通知居民。"))


@pages.get("/market/visits/<id:booking_id>/time")
@staff(needs=RUN)
def home_visit_time_page(booking_id: int, me: SignedInStaff) -> Any:
    """To when; what stands against it is said before it is done."""
    session, now, asked = db.session(), clock.now(), read(SlotQuery, request.values)
    one = reads.get_visit(session, me, booking_id, now)
    stall = markets.get_stall(session, me, one["stall_id"], now, asked["provider_id"])
    starts_at = next(
        (time["starts_at"] for time in stall["times"] if time["minute"] == asked["minute"]), None
    )
    judged = None
    if starts_at:
        wanted = Wanted(
            stall_id=one["stall_id"], person_id=one["person_id"], starts_at=starts_at,
            provider_id=asked["provider_id"],
        )  # fmt: skip
        judged = markets.judge(session, wanted, now, leaving=booking_id)
    return render_template(
        "admin/market/visit_time.html", one=one, stall=stall, asked=asked, starts_at=starts_at,
        judged=judged, form=form_of(),
    )  # fmt: skip


@pages.post("/market/visits/<id:booking_id>/time")
@staff(writes=True, needs=RUN, form=VisitTimeForm, page=home_visit_time_page)
def home_visit_time(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another time, which is agreed on by that."""
    session, now = db.session(), clock.now()
    one = reads.get_visit(session, me, booking_id, now)
    new_id = deciding.give_time(
        session, me, booking_id, moment(one["day"], asked["minute"]), asked["provider_id"], now,
        checked=asked["checked"], reason=asked["reason"],
    )  # fmt: skip
    return _to(new_id, _("上门时间定好了，已通知居民。"))


@pages.post("/market/visits/<id:booking_id>/end")
@staff(writes=True, needs=RUN, form=VisitEndForm, page=home_visit)
def home_visit_end(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It was done, or nobody was at home."""
    deciding.end(db.session(), me, booking_id, Outcome(asked.pop("outcome")), **asked,
                 now=clock.now())  # fmt: skip
    return _to(booking_id, _("已记下。"))


@pages.post("/market/stalls/<id:stall_id>/route")
@staff(writes=True, needs=RUN)
def home_visit_route(stall_id: int, me: SignedInStaff) -> Any:
    """The sheet to take along; it is kept that it was looked at."""
    now = clock.now()
    found = reads.route(db.session(), me, stall_id, now)
    return render_template("admin/market/route.html", route=found, today=clock.today(now))


def _page(booking_id: int, me: SignedInStaff, phone: str | None = None) -> str:
    session = db.session()
    one = reads.get_visit(session, me, booking_id, clock.now())
    return render_template(
        "admin/market/visit.html", one=one, form=form_of(_ended(one)), phone=phone,
        history=reservations.history(session, booking_id),
    )  # fmt: skip


def _ended(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("outcome", "minutes", "remark") if one[name] is not None}


def _to(booking_id: int, sentence: str) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.home_visit", booking_id=booking_id))
