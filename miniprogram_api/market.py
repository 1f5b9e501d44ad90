"""Markets (幸福集市): which there are, their stalls and slots, and booking a slot."""

from typing import Any

from flask import Response

from backend import clock
from backend.booking.service import Booked
from backend.db import db, reading
from backend.market import mine, queries, result_paper, results, service
from backend.market.service import Wanted
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, idempotency, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.market import (
    MarketDayDetailSchema,
    MarketDaySchema,
    MarketDaysQuery,
    MarketResultSchema,
    SlotBody,
    SlotBookedSchema,
    SlotChangeBody,
    SlotHeldSchema,
    SlotQuery,
)
from miniprogram_api.schemas.night_school import ReasonSchema

blueprint = Blueprint("market", __name__, url_prefix="/market", description="集市")

WHY = "everybody may see which markets there are and what is free"
RESULT = "it hangs on the notice board, and names no person"


@blueprint.get("/days")
@public(why=WHY)
@blueprint.arguments(MarketDaysQuery, location="query")
@blueprint.answers(MarketDaySchema, many=True)
@blueprint.refuses(404)
def list_market_days(asked: dict[str, Any]) -> Response:
    """The markets of today and the two months ahead, the next first."""
    key = ("market-days", asked.get("place_id"))
    return cached(key, lambda: queries.list_days(db.session(), asked, clock.now()))


@blueprint.get("/days/<id:market_day_id>")
@public(why=WHY)
@blueprint.answers(MarketDayDetailSchema)
def get_market_day(market_day_id: int) -> Response:
    """One market with its stalls and their slots."""
    key = ("market-day", market_day_id)
    return cached(key, lambda: queries.get_day(db.session(), market_day_id, clock.now()))


@blueprint.get("/days/<id:market_day_id>/result")
@public(why=RESULT)
@blueprint.answers(MarketResultSchema)
@blueprint.refuses(404)
def get_market_result(market_day_id: int) -> Response:
    """What a market that is over came to; 404 before. It names no person."""
    key = ("market-result", market_day_id)
    return cached(key, lambda: results.read(db.session(), market_day_id, clock.now()))


@blueprint.get("/days/<id:market_day_id>/result.pdf")
@public(why=RESULT)
@blueprint.answers_file("application/pdf")
@blueprint.refuses(404)
def get_market_result_pdf(market_day_id: int) -> Response:
    """The same as one A4 page for the notice board."""
    reading()
    found = results.read(db.session(), market_day_id, clock.now())
    response = Response(result_paper.draw(found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="market-{found["day"]}.pdf"'
    return response


@blueprint.get("/stalls/<id:stall_id>/why-not")
@resident()
@blueprint.arguments(SlotQuery, location="query")
@blueprint.answers(ReasonSchema, many=True)
@blueprint.refuses(404)
def list_slot_reasons(asked: dict[str, Any], *, stall_id: int, me: Resident) -> Response:
    """Every reason against a slot, by the rules that booking one follows; none: go ahead."""
    wanted = Wanted(stall_id=stall_id, **{"person_id": me.person_id} | asked)
    against = service.why_not(db.session(), me, wanted, clock.now())
    return answer(
        [{"errcode": one.errcode, "errmsg": str(one), "data": one.facts()} for one in against]
    )


@blueprint.post("/stalls/<id:stall_id>/bookings")
@resident(writes=True)
@blueprint.arguments(SlotBody)
@blueprint.answers(SlotBookedSchema, status=201)
@blueprint.answers(SlotBookedSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def book_slot(body: dict[str, Any], *, stall_id: int, me: Resident) -> Response:
    """Book a slot for oneself or somebody of the household, or wait for it.

    Repeat with the same Idempotency-Key. It is cancelled as every booking is.
    """
    wanted = Wanted(stall_id=stall_id, **body, **idempotency())
    return _booked(service.book(db.session(), me, wanted, clock.now()))


@blueprint.get("/bookings/<id:booking_id>")
@resident()
@blueprint.answers(SlotHeldSchema)
def get_slot(*, booking_id: int, me: Resident) -> Response:
    """What a slot's booking says beside any booking's own: stall, with whom, what to bring."""
    return answer(mine.get_mine(db.session(), me, booking_id, clock.now()))


@blueprint.get("/bookings/<id:booking_id>/calendar.ics")
@resident()
@blueprint.answers_file("text/calendar")
@blueprint.refuses(409)
def get_calendar(*, booking_id: int, me: Resident) -> Response:
    """A slot, to be added to the phone's calendar."""
    made = mine.calendar_of(db.session(), me, booking_id, clock.now())
    response = Response(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="market-{booking_id}.ics"'
    return response


@blueprint.post("/bookings/<id:booking_id>/change")
@resident(writes=True)
@blueprint.arguments(SlotChangeBody)
@blueprint.answers(SlotBookedSchema, status=201)
@blueprint.answers(SlotBookedSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def change_slot(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Change to another slot of the same stall; the old one is kept if there is none.

    The answer is the new booking. Repeat with the same Idempotency-Key.
    """
    session, now, late = db.session(), clock.now(), body.pop("late")
    person_id, stall_id = service.person_of(session, me, booking_id, now)
    wanted = Wanted(stall_id=stall_id, person_id=person_id, **body, **idempotency())
    return _booked(service.change(session, me, booking_id, wanted, now, late=late))


def _booked(booked: Booked) -> Response:
    return answer(
        {"booking_id": booked.booking_id, "state": booked.state},
        status=200 if booked.replayed else 201,
    )
