"""Home visits of markets (上门服务): asking for one, what was said about it, correcting that.

Another time is `POST /market/bookings/{id}/change`; a visit is given back as every booking is.
"""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.market.service import Wanted
from backend.market.visits import service
from backend.market.visits.details import Details
from backend.market.visits.service import Asking
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import idempotency, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.market import SlotBookedSchema
from miniprogram_api.schemas.market_visits import (
    HomeQuery,
    HomeSchema,
    VisitBody,
    VisitCorrectionBody,
    VisitSchema,
)

blueprint = Blueprint("market_visits", __name__, url_prefix="/market", description="集市上门")


@blueprint.get("/home")
@resident()
@blueprint.arguments(HomeQuery, location="query")
@blueprint.answers(HomeSchema)
@blueprint.refuses(404)
def get_home(asked: dict[str, Any], *, me: Resident) -> Response:
    """What the form for a visit begins with: address and number, as far as they are on file."""
    person_id = asked.get("person_id", me.person_id)
    return answer(service.known_for_account(db.session(), me, person_id, clock.now()))


@blueprint.get("/visits/<id:booking_id>")
@resident()
@blueprint.answers(VisitSchema)
@blueprint.refuses(404)
def get_home_visit(*, booking_id: int, me: Resident) -> Response:
    """A visit of one's own or of the household, with where it leads to."""
    return answer(service.get_mine(db.session(), me, booking_id, clock.now()))


@blueprint.post("/stalls/<id:stall_id>/visits")
@resident(writes=True)
@blueprint.arguments(VisitBody)
@blueprint.answers(SlotBookedSchema, status=201)
@blueprint.answers(SlotBookedSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def ask_home_visit(body: dict[str, Any], *, stall_id: int, me: Resident) -> Response:
    """Ask for a visit, of oneself or somebody of the household; staff decide and tell.

    A time that is full may be asked for too. Repeat with the same Idempotency-Key.
    """
    said = Details(**{name: body.pop(name) for name in ("address", "phone", "note")})
    body.pop("cannot_come_down")
    wanted = Wanted(stall_id=stall_id, **body, **idempotency())
    booked = service.ask(db.session(), me, Asking(wanted, said), clock.now())
    return answer(
        {"booking_id": booked.booking_id, "state": booked.state},
        status=200 if booked.replayed else 201,
    )


@blueprint.post("/visits/<id:booking_id>")
@resident(writes=True)
@blueprint.arguments(VisitCorrectionBody)
@blueprint.answers(VisitSchema)
@blueprint.refuses(404, 409)
def correct_home_visit(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Another address, number or note, up to the visit."""
    session, now = db.session(), clock.now()
    service.correct(session, me, booking_id, Details(**body), now)
    return answer(service.get_mine(session, me, booking_id, now))
