"""Check-in by the class's rotating QR, which a resident scans at the door."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.night_school import attendance
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.check_in import CheckedInSchema, CheckInBody

blueprint = Blueprint("check_in", __name__, url_prefix="/check-in", description="签到")


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(CheckInBody)
@blueprint.answers(CheckedInSchema)
@blueprint.refuses(404, 409)
def check_in(body: dict[str, Any], *, me: Resident) -> Response:
    """Check in oneself or somebody of the household; a second scan changes nothing.

    Where several of the household attend, the refusal names them: ask whom, and send `person_id`.
    """
    return answer(attendance.check_in_self(db.session(), me, now=clock.now(), **body))
