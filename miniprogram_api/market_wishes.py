"""Wishes (集市愿望): which services residents would like in their estate."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.market.wishing import service
from backend.market.wishing.service import Wishes
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.market_wishes import WishesBody, WishesQuery, WishesSchema

blueprint = Blueprint(
    "market_wishes", __name__, url_prefix="/market/wishes", description="集市愿望"
)  # fmt: skip


@blueprint.get("")
@resident()
@blueprint.arguments(WishesQuery, location="query")
@blueprint.answers(WishesSchema)
@blueprint.refuses(404)
def get_wishes(asked: dict[str, Any], *, me: Resident) -> Response:
    """The services there are, and which of them I, or somebody of the household, wish for."""
    person_id = asked.get("person_id", me.person_id)
    return answer(service.list_mine(db.session(), me, person_id, clock.now()))


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(WishesBody)
@blueprint.answers(WishesSchema)
@blueprint.refuses(404, 409)
def set_wishes(body: dict[str, Any], *, me: Resident) -> Response:
    """Say anew what somebody wishes for; may be repeated. They are counted where they live."""
    wishes = Wishes(body["service_ids"], body["own_words"])
    person_id = body["person_id"] or me.person_id
    return answer(service.wish(db.session(), me, person_id, wishes, clock.now()))
