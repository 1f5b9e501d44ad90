"""Standing orders (固定订餐): meals that order themselves, week after week."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen.repeating import mine, queries
from backend.canteen.repeating.making import Made
from backend.canteen.repeating.service import Plan, Rested
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.standing_orders import (
    AgainSchema,
    DayBody,
    MadeSchema,
    PauseBody,
    RestedSchema,
    ResumeBody,
    StandingOrderBody,
    StandingOrdersSchema,
)

blueprint = Blueprint(
    "standing_orders", __name__, url_prefix="/standing-orders", description="固定订餐"
)


@blueprint.get("")
@resident()
@blueprint.answers(StandingOrdersSchema)
def list_standing_orders(*, me: Resident) -> Response:
    """Mine and those of everybody I may act for, with what becomes of the next two weeks."""
    session, now = db.session(), clock.now()
    found = queries.list_mine(session, me, now)
    pauses = queries.pauses_of_mine(session, me, now)
    household = queries.household_of_mine(session, me, now)
    return answer({"orders": found, "pauses": pauses, "household": household})


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(StandingOrderBody)
@blueprint.answers(MadeSchema, status=201)
def set_up(body: dict[str, Any], *, me: Resident) -> Response:
    """A standing order, in the place of the one for the same meal there.

    Meals whose menus are on show are ordered at once, the others when they are.
    """
    standing_id, made = mine.set_up(db.session(), me, Plan(**body), clock.now())
    return answer({"id": standing_id} | _made(made), status=201)


@blueprint.post("/<id:standing_id>/end")
@resident(writes=True)
@blueprint.answers(RestedSchema)
def end(*, standing_id: int, me: Resident) -> Response:
    """Nothing more is ordered; what is still open is given back."""
    return answer(_rested(mine.end(db.session(), me, standing_id, clock.now())))


@blueprint.post("/<id:standing_id>/skip")
@resident(writes=True)
@blueprint.arguments(DayBody)
@blueprint.answers()
@blueprint.refuses(409)
def skip(body: dict[str, Any], *, standing_id: int, me: Resident) -> Response:
    """Leave out one day; up to the cut-off of its meal."""
    mine.skip(db.session(), me, standing_id, body["day"], clock.now())
    return answer()


@blueprint.post("/<id:standing_id>/put-back")
@resident(writes=True)
@blueprint.arguments(DayBody)
@blueprint.answers(AgainSchema)
@blueprint.refuses(409)
def put_back(body: dict[str, Any], *, standing_id: int, me: Resident) -> Response:
    """That day after all; up to the cut-off of its meal."""
    return answer(_made(mine.put_back(db.session(), me, standing_id, body["day"], clock.now())))


@blueprint.post("/pause")
@resident(writes=True)
@blueprint.arguments(PauseBody)
@blueprint.answers(RestedSchema)
def pause(body: dict[str, Any], *, me: Resident) -> Response:
    """All of a person's standing orders rest, in hospital or away.

    Anybody of the household may say so. Meals that are closed already stay, and are named.
    """
    return answer(_rested(mine.pause(db.session(), me, **body, now=clock.now())))


@blueprint.post("/resume")
@resident(writes=True)
@blueprint.arguments(ResumeBody)
@blueprint.answers(AgainSchema)
def resume(body: dict[str, Any], *, me: Resident) -> Response:
    """They are ordered again from that day on, as far as meals are open."""
    return answer(_made(mine.resume(db.session(), me, **body, now=clock.now())))


def _made(done: Made) -> dict[str, int]:
    return {"made": done.made, "left_out": len(done.left_out)}


def _rested(done: Rested) -> dict[str, Any]:
    return {
        name: [{"day": row.day, "meal": row.meal} for row in getattr(done, name)]
        for name in ("given_back", "stay")
    }
