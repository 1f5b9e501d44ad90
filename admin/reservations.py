"""Reservations of rooms: one with its history, made for somebody, moved, cancelled, seen in."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import Form, form_of, read
from admin.schemas.classes import CodeForm, ReasonForm
from admin.schemas.venues import BookQuery, MoveForm, ReserveForm, span, span_of
from admin.venues import venue_day
from backend import clock
from backend.db import db
from backend.desk import arriving, groups, reservations, rooms
from backend.staff.access import SignedInStaff
from backend.venues.facts import Slot
from backend.venues.service import Change, Wanted


@pages.get("/venues/reservations/<id:booking_id>")
@staff(needs=rooms.RUN)
def reservation(booking_id: int, me: SignedInStaff) -> Any:
    """Who, what for, and what happened to it."""
    session = db.session()
    return render_template(
        "admin/venues/reservation.html", history=reservations.history(session, booking_id),
        one=reservations.get_reservation(session, me, booking_id, clock.now()),
        problem=form_of().problem,
    )  # fmt: skip


@pages.post("/venues/reservations/<id:booking_id>/come")
@staff(writes=True, needs=rooms.RUN, page=reservation)
def reservation_come(booking_id: int, me: SignedInStaff) -> Any:
    """They are here: the room is theirs to the end."""
    reservations.come(db.session(), me, booking_id, clock.now())
    return _to(booking_id, _("已登记到场。"))


@pages.post("/venues/<id:venue_id>/come")
@staff(writes=True, needs=rooms.RUN, form=CodeForm, page=venue_day)
def reservation_come_by_code(venue_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Their code was shown or said at the desk."""
    booking_id = arriving.come_by_code(db.session(), me, venue_id, asked["code"], clock.now())
    return _to(booking_id, _("已登记到场。"))


@pages.get("/venues/reservations/<id:booking_id>/cancel")
@staff(needs=rooms.RUN)
def reservation_cancel_page(booking_id: int, me: SignedInStaff) -> Any:
    """The reason they are told."""
    one = reservations.get_reservation(db.session(), me, booking_id, clock.now())
    return render_template("admin/venues/cancel.html", one=one)


@pages.post("/venues/reservations/<id:booking_id>/cancel")
@staff(writes=True, needs=rooms.RUN, form=ReasonForm, page=reservation_cancel_page)
def reservation_cancel(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The room is free again."""
    reservations.cancel(db.session(), me, booking_id, asked["reason"], clock.now())
    return _to(booking_id, _("已取消预约，已通知居民。"))


@pages.get("/venues/reservations/<id:booking_id>/move")
@staff(needs=rooms.RUN)
def reservation_move_page(booking_id: int, me: SignedInStaff) -> Any:
    """To when, to which room; what stands against it is said before it is done."""
    session, now = db.session(), clock.now()
    one = reservations.get_reservation(session, me, booking_id, now)
    judged, form = None, form_of({"room_id": one["room_id"]} | span_of(one))
    if "room_id" in request.args:
        asked = read(MoveForm, request.args)
        form = Form(request.args.to_dict())
        slot = Slot(
            room_id=asked["room_id"], person_id=one["person_id"], starts_at=asked["starts_at"],
            ends_at=asked["ends_at"], headcount=one["headcount"], group_id=one["group_id"],
        )  # fmt: skip
        judged = reservations.judge(session, me, slot, now, moving=booking_id)
    return render_template(
        "admin/venues/move.html", one=one, form=form, judged=judged,
        rooms=rooms.rooms_of(session, one["venue_id"]),
    )  # fmt: skip


@pages.post("/venues/reservations/<id:booking_id>/move")
@staff(writes=True, needs=rooms.RUN, form=MoveForm, page=reservation_move_page)
def reservation_move(booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It is at the other time, in the other room; whoever made it is told."""
    reason = asked.pop("reason")
    reservations.move(db.session(), me, booking_id, Change(**asked), clock.now(), reason)
    return _to(booking_id, _("已调整，已通知居民。"))


@pages.get("/venues/rooms/<id:room_id>/book")
@staff(needs=rooms.RUN)
def reserve_page(room_id: int, me: SignedInStaff) -> Any:
    """When, who, what for: each step says what stands against it."""
    session, now = db.session(), clock.now()
    room = rooms.access_room(session, me, room_id)
    starts_at, ends_at, person_id, group_id = _wish(room_id, now)
    text = request.args.get("q", "").strip()[:40]
    chosen = reservations.get_candidate(session, me, person_id) if person_id else None
    slot = Slot(
        room_id=room_id, person_id=person_id or 0, group_id=group_id, starts_at=starts_at,
        ends_at=ends_at,
    )  # fmt: skip
    return render_template(
        "admin/venues/book.html", room=room, starts_at=starts_at, ends_at=ends_at, text=text,
        chosen=chosen, most=reservations.MOST_SHOWN, form=form_of(), group_id=group_id,
        groups=groups.groups_of(session, person_id) if person_id else [],
        judged=reservations.judge(session, me, slot, now) if chosen
        else reservations.judge_time(session, room_id, starts_at, ends_at, now),
        people=[] if chosen else reservations.list_candidates(
            session, me, room_id, text, starts_at, ends_at, now
        ),
    )  # fmt: skip


@pages.post("/venues/rooms/<id:room_id>/book")
@staff(writes=True, needs=rooms.RUN, form=ReserveForm, page=reserve_page)
def reserve(room_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """It is in the books; the resident is told."""
    reason = asked.pop("reason")
    wanted = Wanted(room_id=room_id, **asked)
    booking_id = reservations.reserve_for(db.session(), me, wanted, clock.now(), reason)
    return _to(booking_id, _("预约好了，已通知居民。"))


def _wish(room_id: int, now: datetime) -> tuple[datetime, datetime, int | None, int | None]:
    """From when to when, and for whom, as far as it is known; else a span to begin with."""
    asked = read(BookQuery, request.values)
    day, start, end = asked["day"] or clock.today(now), asked["start"], asked["end"]
    whose = asked["person_id"], asked["group_id"]
    if start and end:
        return *span(day, start, end), *whose
    at = span(day, start, start)[0] if start else None
    return *reservations.suggest(db.session(), room_id, at, now), *whose


def _to(booking_id: int, sentence: str) -> Any:
    flash(sentence, "success")
    return redirect(url_for("admin.reservation", booking_id=booking_id))
