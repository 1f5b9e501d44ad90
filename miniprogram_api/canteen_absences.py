"""Not at home (不在家): who says so beforehand is not looked for when nobody opens to a meal."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen.welfare import absent
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.canteen_absences import AbsenceBody, AbsenceSchema

blueprint = Blueprint(
    "canteen_absences", __name__, url_prefix="/canteens/absences", description="不在家"
)


@blueprint.get("")
@resident()
@blueprint.answers(AbsenceSchema, many=True)
def list_absences(*, me: Resident) -> Response:
    """From today on, of everybody I may act for."""
    return answer(absent.list_mine(db.session(), me, clock.now()))


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(AbsenceBody)
@blueprint.answers()
@blueprint.refuses(404)
def announce(body: dict[str, Any], *, me: Resident) -> Response:
    """Nobody is at home that day; what is ordered stays ordered. Twice changes nothing."""
    absent.announce_mine(db.session(), me, body["person_id"], body["day"], clock.now())
    return answer()


@blueprint.post("/take-back")
@resident(writes=True)
@blueprint.arguments(AbsenceBody)
@blueprint.answers()
@blueprint.refuses(404)
def take_back(body: dict[str, Any], *, me: Resident) -> Response:
    """At home after all. Twice changes nothing."""
    absent.take_back_mine(db.session(), me, body["person_id"], body["day"], clock.now())
    return answer()
