"""My bookings, whatever the service: list, look, cancel, answer an offer."""

from typing import Any

from flask import Response

from backend import clock
from backend.booking import queries, service
from backend.booking.service import Actor
from backend.db import db
from backend.night_school import my_lessons
from backend.people.queries import Resident
from miniprogram_api import qr
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.bookings import (
    BookedLessonSchema,
    BookingDetailSchema,
    BookingSchema,
    BookingsQuery,
)

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings", description="我的预约")


@blueprint.get("")
@resident()
@blueprint.arguments(BookingsQuery, location="query")
@blueprint.answers(BookingSchema, many=True)
def list_bookings(asked: dict[str, Any], *, me: Resident) -> Response:
    """Mine and those of the people I may act for."""
    return answer(queries.list_mine(db.session(), me, clock.now(), **asked))


@blueprint.get("/<id:booking_id>")
@resident()
@blueprint.answers(BookingDetailSchema)
def get_booking(*, booking_id: int, me: Resident) -> Response:
    """One booking, with its codes."""
    return answer(queries.get_mine(db.session(), me, booking_id, clock.now()))


@blueprint.get("/<id:booking_id>/lessons")
@resident()
@blueprint.answers(BookedLessonSchema, many=True)
def list_lessons(*, booking_id: int, me: Resident) -> Response:
    """The lessons of an enrolment, each with the attendance taken."""
    return answer(my_lessons.list_lessons(db.session(), me, booking_id, clock.now()))


@blueprint.get("/<id:booking_id>/qr.svg")
@resident()
@blueprint.answers_file("image/svg+xml")
def get_qr(*, booking_id: int, me: Resident) -> Response:
    """The booking's code as a QR, to be shown at the door."""
    code = queries.get_mine(db.session(), me, booking_id, clock.now())["code"]
    return qr.svg(f"xf:b:{code}")


@blueprint.post("/<id:booking_id>/cancel")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def cancel(*, booking_id: int, me: Resident) -> Response:
    """Give the place or the position in the line back."""
    now = clock.now()
    queries.check_mine(db.session(), me, booking_id, now)
    service.cancel(db.session(), booking_id, Actor(account_id=me.account_id), now)
    return answer()


@blueprint.post("/<id:booking_id>/accept")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def accept(*, booking_id: int, me: Resident) -> Response:
    """Take the place that was offered."""
    now = clock.now()
    queries.check_mine(db.session(), me, booking_id, now)
    service.accept_offer(db.session(), booking_id, Actor(account_id=me.account_id), now)
    return answer()


@blueprint.post("/<id:booking_id>/decline")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def decline(*, booking_id: int, me: Resident) -> Response:
    """Turn the offered place down; the next in line gets it."""
    now = clock.now()
    queries.check_mine(db.session(), me, booking_id, now)
    service.decline_offer(db.session(), booking_id, Actor(account_id=me.account_id), now)
    return answer()
