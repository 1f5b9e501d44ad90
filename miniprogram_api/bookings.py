"""My bookings, whatever the service: list, look, cancel, answer an offer."""

from typing import Any

from flask import Response

from backend import clock
from backend.booking import offers, parties, queries, service
from backend.booking.service import Actor
from backend.db import db
from backend.night_school import calendar, my_lessons, transfers
from backend.night_school.excuses import service as excuses
from backend.night_school.fees import queries as fees
from backend.people.queries import Resident
from backend.venues import mine
from miniprogram_api import qr
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import idempotency, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.bookings import (
    BookedLessonSchema,
    BookingDetailSchema,
    BookingSchema,
    BookingsQuery,
    CancelBody,
    ExcuseBody,
    OfferBeforeBody,
    TransferBody,
    TransferChoiceSchema,
    TransferQuery,
)
from miniprogram_api.schemas.night_school import EnrolledSchema

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings", description="我的预约")


@blueprint.get("")
@resident()
@blueprint.arguments(BookingsQuery, location="query")
@blueprint.answers(BookingSchema, many=True)
def list_bookings(asked: dict[str, Any], *, me: Resident) -> Response:
    """Mine, those of the people I may act for and of our groups."""
    session, now = db.session(), clock.now()
    bookings = queries.list_mine(session, me, now, **asked)
    return answer(mine.with_venues(session, my_lessons.with_next(session, bookings, now)))


@blueprint.get("/<id:booking_id>")
@resident()
@blueprint.answers(BookingDetailSchema)
def get_booking(*, booking_id: int, me: Resident) -> Response:
    """One booking with all that its page shows, also without a network."""
    session, now = db.session(), clock.now()
    [booking] = mine.with_venues(session, [queries.get_mine(session, me, booking_id, now)])
    fee = {"fee": fees.owed(session, booking_id)}
    return answer(booking | my_lessons.next_of(session, booking_id, now) | fee)


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


@blueprint.get("/<id:booking_id>/calendar.ics")
@resident()
@blueprint.answers_file("text/calendar")
@blueprint.refuses(409)
def get_calendar(*, booking_id: int, me: Resident) -> Response:
    """The lessons of an enrolment, to be added to the phone's calendar."""
    made = calendar.of_booking(db.session(), me, booking_id, clock.now())
    response = Response(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="booking-{booking_id}.ics"'
    return response


@blueprint.post("/<id:booking_id>/lessons/<id:lesson_id>/excuse")
@resident(writes=True)
@blueprint.arguments(ExcuseBody)
@blueprint.answers()
@blueprint.refuses(409)
def excuse(body: dict[str, Any], *, booking_id: int, lesson_id: int, me: Resident) -> Response:
    """Excuse the person from a lesson, before it or up to some days after. May be repeated."""
    excuses.ask(db.session(), me, booking_id, lesson_id, body["reason"], clock.now())
    return answer()


@blueprint.post("/<id:booking_id>/lessons/<id:lesson_id>/excuse/withdraw")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def withdraw_excuse(*, booking_id: int, lesson_id: int, me: Resident) -> Response:
    """They come after all; until the lesson starts. Repeated, it changes nothing more."""
    excuses.withdraw(db.session(), me, booking_id, lesson_id, clock.now())
    return answer()


@blueprint.post("/<id:booking_id>/cancel")
@resident(writes=True)
@blueprint.arguments(CancelBody)
@blueprint.answers()
@blueprint.refuses(409)
def cancel(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Give the place or the position in the line back. Repeated, it changes nothing more."""
    now, together = clock.now(), body["whole_party"]
    check = parties.check_mine_together if together else queries.check_mine
    check(db.session(), me, booking_id, now)
    actor = Actor(account_id=me.account_id)
    service.cancel(db.session(), booking_id, actor, now, whole_party=together, late=body["late"])
    return answer()


@blueprint.get("/<id:booking_id>/transfer")
@resident()
@blueprint.arguments(TransferQuery, location="query")
@blueprint.answers(TransferChoiceSchema, many=True)
@blueprint.refuses(409)
def list_transfers(asked: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """The other classes of the same course, and whether one may change to them."""
    return answer(transfers.choices(db.session(), me, booking_id, clock.now(), **asked))


@blueprint.post("/<id:booking_id>/transfer")
@resident(writes=True)
@blueprint.arguments(TransferBody)
@blueprint.answers(EnrolledSchema, status=201)
@blueprint.answers(EnrolledSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def transfer(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Change to another class of the same course; a refusal leaves everything as it was.

    The answer is the new booking. Repeat with the same Idempotency-Key.
    """
    asked = transfers.Transfer(**body, **idempotency())
    booked = transfers.transfer(db.session(), me, booking_id, asked, clock.now())
    return answer(
        {"booking_id": booked.booking_id, "state": booked.state, "queue_no": booked.queue_no},
        status=200 if booked.replayed else 201,
    )


@blueprint.post("/<id:booking_id>/offer-before")
@resident(writes=True)
@blueprint.arguments(OfferBeforeBody)
@blueprint.answers()
@blueprint.refuses(409)
def want_before(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Wait only until then, with those of the whole party; null waits to the end again.

    Where no place came free by then, the line goes on without them and they are told.
    """
    now, actor = clock.now(), Actor(account_id=me.account_id)
    queries.check_mine(db.session(), me, booking_id, now)
    offers.want_before(db.session(), booking_id, body["offer_before"], actor, now)
    return answer()


@blueprint.post("/<id:booking_id>/accept")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def accept(*, booking_id: int, me: Resident) -> Response:
    """Take the place that was offered, with those of the whole party. May be repeated."""
    now = clock.now()
    queries.check_mine(db.session(), me, booking_id, now)
    offers.accept(db.session(), booking_id, Actor(account_id=me.account_id), now)
    return answer()


@blueprint.post("/<id:booking_id>/decline")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def decline(*, booking_id: int, me: Resident) -> Response:
    """Turn the offered place down, for the whole party. May be repeated.

    The next in line gets it.
    """
    now = clock.now()
    queries.check_mine(db.session(), me, booking_id, now)
    offers.decline(db.session(), booking_id, Actor(account_id=me.account_id), now)
    return answer()
