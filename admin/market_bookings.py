"""Booking slots of markets for residents at the desk: which stall, when, who; the slip to take."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.market import SlotForm, SlotQuery, StallsQuery, TimeForm, VisitForm
from backend import clock
from backend.booking.models import State
from backend.db import db
from backend.desk import markets, reservations
from backend.market.fitting import RUN
from backend.market.grid import moment
from backend.market.service import Wanted
from backend.market.visits.service import known_of
from backend.staff.access import SignedInStaff


@pages.get("/market/book")
@staff(needs=RUN)
def market_book_choices(me: SignedInStaff) -> Any:
    """The stalls of a market, or of all that are to come, for somebody or whoever comes."""
    session, asked = db.session(), read(StallsQuery, request.args)
    person_id = asked["person_id"]
    return render_template(
        "admin/market/choose.html",
        chosen=reservations.get_candidate(session, me, person_id) if person_id else None,
        stalls=markets.list_stalls(session, me, clock.now(), asked["market_day_id"]),
    )  # fmt: skip


@pages.get("/market/stalls/<id:stall_id>/book")
@staff(needs=RUN)
def slot_book_page(stall_id: int, me: SignedInStaff) -> Any:
    """When and who: each step says what stands against it."""
    session, now, asked = db.session(), clock.now(), read(SlotQuery, request.values)
    stall = markets.get_stall(session, me, stall_id, now, asked["provider_id"])
    starts_at = _start(stall, asked["minute"])
    text = request.args.get("q", "").strip()[:40]
    person_id, judged, people = asked["person_id"], None, []
    chosen = reservations.get_candidate(session, me, person_id) if person_id else None
    if starts_at and chosen:
        judged = markets.judge(session, _wanted(stall_id, starts_at, asked), now)
    elif starts_at and text:
        people = markets.list_candidates(session, me, text, stall_id, starts_at, now)
    return render_template(
        "admin/market/book.html", stall=stall, asked=asked, starts_at=starts_at, chosen=chosen,
        judged=judged, people=people, text=text, most=reservations.MOST_SHOWN,
        form=form_of(_known(person_id) if stall["at_home"] and person_id else {}),
    )  # fmt: skip


@pages.post("/market/stalls/<id:stall_id>/book")
@staff(writes=True, needs=RUN, form=SlotForm, page=slot_book_page)
def slot_book(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It is in the books, or in the line; the resident is told."""
    session, now = db.session(), clock.now()
    day = markets.get_stall(session, me, stall_id, now)["day"]
    wanted = _wanted(stall_id, moment(day, asked["minute"]), asked)
    booking_id = markets.book_for(session, me, wanted, now, asked["reason"])
    return _to(me, booking_id, _("预约好了，请把预约码告诉居民。"))


@pages.post("/market/stalls/<id:stall_id>/visit")
@staff(writes=True, needs=RUN, form=VisitForm, page=slot_book_page)
def visit_book(stall_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Somebody comes to their home then, or they are next; the resident is told."""
    session, now = db.session(), clock.now()
    day = markets.get_stall(session, me, stall_id, now)["day"]
    wanted = _wanted(stall_id, moment(day, asked["minute"]), asked)
    said = {name: asked[name] for name in ("address", "phone", "note")}
    booking_id = markets.visit_for(
        session, me, wanted, said, now, checked=asked["checked"], reason=asked["reason"]
    )
    flash(_("已登记，请把上门时间告诉居民。"), "success")
    return redirect(url_for("admin.home_visit", booking_id=booking_id))


@pages.get("/market/bookings/<id:booking_id>")
@staff(needs=RUN)
def slot_booking(booking_id: int, me: SignedInStaff) -> Any:
    """The slip: when, where, the code to say; what happened to it."""
    session, now = db.session(), clock.now()
    one = markets.get_booking(session, me, booking_id, now)
    if one["at_home"]:
        return redirect(url_for("admin.home_visit", booking_id=booking_id))
    return render_template(
        "admin/market/booking.html", one=one,
        history=reservations.history(session, booking_id), today=clock.today(now),
        problem=form_of().problem,
    )  # fmt: skip


@pages.get("/market/bookings/<id:booking_id>/change")
@staff(needs=RUN)
def slot_change_page(booking_id: int, me: SignedInStaff) -> Any:
    """To when; what stands against it is said before it is done."""
    session, now, asked = db.session(), clock.now(), read(SlotQuery, request.values)
    one = markets.get_booking(session, me, booking_id, now)
    stall = markets.get_stall(session, me, one["stall_id"], now, asked["provider_id"])
    starts_at = _start(stall, asked["minute"])
    judged = None
    if starts_at:
        wanted = _wanted(stall["id"], starts_at, asked | {"person_id": one["person_id"]})
        judged = markets.judge(session, wanted, now, leaving=booking_id)
    return render_template(
        "admin/market/move.html", one=one, stall=stall, asked=asked, starts_at=starts_at,
        judged=judged, form=form_of(),
    )  # fmt: skip


@pages.post("/market/bookings/<id:booking_id>/change")
@staff(writes=True, needs=RUN, form=TimeForm, page=slot_change_page)
def slot_change(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The other time instead; whoever booked is told."""
    session, now = db.session(), clock.now()
    one = markets.get_booking(session, me, booking_id, now)
    day = markets.get_stall(session, me, one["stall_id"], now)["day"]
    of_person = asked | {"person_id": one["person_id"]}
    wanted = _wanted(one["stall_id"], moment(day, asked["minute"]), of_person)
    changed_id = markets.change_for(session, me, booking_id, wanted, now, asked["reason"])
    return _to(me, changed_id, _("时间改好了，请告诉居民新的时间和预约码。"))


def _known(person_id: int) -> dict[str, Any]:
    """The address on file; the whole number is shown nowhere without a record of it."""
    return {"address": known_of(db.session(), person_id)["address"] or ""}


def _start(stall: dict[str, Any], minute: int | None) -> datetime | None:
    """The moment that is chosen, if it is one of those on show."""
    return next((one["starts_at"] for one in stall["times"] if one["minute"] == minute), None)


def _wanted(stall_id: int, starts_at: datetime, asked: dict[str, Any]) -> Wanted:
    return Wanted(
        stall_id=stall_id, starts_at=starts_at, person_id=asked["person_id"],
        provider_id=asked["provider_id"], wait=asked.get("wait", False),
    )  # fmt: skip


def _to(me: SignedInStaff, booking_id: int, booked: str) -> Any:
    one = markets.get_booking(db.session(), me, booking_id, clock.now())
    flash(_("已排上候补。") if one["state"] == State.WAITING else booked, "success")
    return redirect(url_for("admin.slot_booking", booking_id=booking_id))
