"""How reliably I and my family come to what we booked, what that means, and until when."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.standing import queries, service
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.standing import AppealBody, AppealedSchema, StandingSchema

blueprint = Blueprint("standing", __name__, url_prefix="/standing", description="出勤情况")


@blueprint.get("/<id:person_id>")
@resident()
@blueprint.answers(StandingSchema)
def get_standing(*, person_id: int, me: Resident) -> Response:
    """What was missed and counts still: mine, or that of somebody I may act for."""
    return answer(queries.get_mine(db.session(), me, person_id, clock.now()))


@blueprint.post("/appeals")
@resident(writes=True)
@blueprint.arguments(AppealBody)
@blueprint.answers(AppealedSchema, status=201)
@blueprint.refuses(409)
def appeal(body: dict[str, Any], *, me: Resident) -> Response:
    """Say how it was with something that counts; staff answer, and the answer is in the inbox."""
    return answer({"id": service.appeal(db.session(), me, **body, now=clock.now())}, status=201)
