"""Booking for a resident at the desk: choose a class, cancel, answer an offer."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.people import person, to_card
from admin.schemas.classes import CancelForm
from admin.schemas.people import BookForm, TransferForm
from backend import clock
from backend.booking.models import State
from backend.db import db
from backend.desk import bookings, card
from backend.night_school.fees import queries as fees
from backend.staff.access import Permission, SignedInStaff

BOOK = Permission.BOOK_FOR_PEOPLE


@pages.get("/people/<id:person_id>/book")
@staff(needs=BOOK)
def booking_choices(me: SignedInStaff, person_id: int) -> Any:
    """The classes of my places, and what stands against each."""
    session, now = db.session(), clock.now()
    text = request.args.get("q", "").strip()[:40]
    return render_template(
        "admin/people/book.html", one=card.get_card(session, me, person_id, now), text=text,
        choices=bookings.list_choices(session, me, person_id, text, now),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/book")
@staff(writes=True, needs=BOOK, form=BookForm, page=booking_choices)
def booking_book(me: SignedInStaff, person_id: int, asked: dict[str, Any]) -> Any:
    """Sign the person up, or put them in the line."""
    booked = bookings.book_for(
        db.session(), me, person_id, asked["run_id"], clock.now(), wait=asked["wait"],
        reason=asked["reason"],
    )  # fmt: skip
    waits = booked.state == State.WAITING
    flash(_("已加入候补。") if waits else _("报名成功。"), "success")
    return to_card(person_id)


@pages.get("/people/<id:person_id>/bookings/<id:booking_id>/cancel")
@staff(needs=BOOK)
def booking_cancel_form(me: SignedInStaff, person_id: int, booking_id: int) -> Any:
    """Why is it cancelled?"""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/people/cancel.html", one=card.get_card(session, me, person_id, now),
        booking=card.get_booking_place(session, me, booking_id),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/bookings/<id:booking_id>/cancel")
@staff(writes=True, needs=BOOK, form=CancelForm, page=booking_cancel_form)
def booking_cancel(
    me: SignedInStaff, person_id: int, booking_id: int, asked: dict[str, Any]
) -> Any:
    """Give the place back."""
    bookings.cancel_for(db.session(), me, person_id, booking_id, now=clock.now(), **asked)
    flash(_("已取消，空出的名额会通知下一位候补居民。"), "success")
    return to_card(person_id)


@pages.get("/people/<id:person_id>/bookings/<id:booking_id>/transfer")
@staff(needs=BOOK)
def booking_transfer_choices(me: SignedInStaff, person_id: int, booking_id: int) -> Any:
    """The other classes of the course, and what stands against each."""
    session, now = db.session(), clock.now()
    booking = card.get_booking_place(session, me, booking_id)
    return render_template(
        "admin/people/transfer.html", one=card.get_card(session, me, person_id, now),
        booking=booking, fee=fees.of_booking(session, booking_id),
        party=card.party_of(session, booking), alone=request.args.get("alone") == "yes",
        choices=bookings.list_choices(session, me, person_id, "", now, leaving=booking_id),
    )  # fmt: skip


@pages.post("/people/<id:person_id>/bookings/<id:booking_id>/transfer")
@staff(writes=True, needs=BOOK, form=TransferForm, page=booking_transfer_choices)
def booking_transfer(
    me: SignedInStaff, person_id: int, booking_id: int, asked: dict[str, Any]
) -> Any:
    """The other class instead, or waiting for it with the old place kept."""
    booked = bookings.transfer_for(
        db.session(), me, person_id, booking_id, asked["run_id"], clock.now(),
        wait=asked["wait"], whole_party=asked["whole_party"], reason=asked["reason"],
    )  # fmt: skip
    waits = booked.state == State.WAITING
    flash(_("已加入新班的候补，原来的名额保留。") if waits else _("换班成功。"), "success")
    return to_card(person_id)


@pages.post("/people/<id:person_id>/bookings/<id:booking_id>/accept")
@staff(writes=True, needs=BOOK, page=person)
def booking_accept(me: SignedInStaff, person_id: int, booking_id: int) -> Any:
    """They said yes on the phone."""
    bookings.accept_for(db.session(), me, person_id, booking_id, clock.now())
    flash(_("已替居民确认名额。"), "success")
    return to_card(person_id)


@pages.post("/people/<id:person_id>/bookings/<id:booking_id>/decline")
@staff(writes=True, needs=BOOK, page=person)
def booking_decline(me: SignedInStaff, person_id: int, booking_id: int) -> Any:
    """They said no on the phone."""
    bookings.decline_for(db.session(), me, person_id, booking_id, clock.now())
    flash(_("已替居民放弃名额，名额会通知下一位。"), "success")
    return to_card(person_id)
