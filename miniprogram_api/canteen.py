"""Canteens (老年食堂): which there are, and what is on their menus."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen import queries
from backend.db import db
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public
from miniprogram_api.schemas.canteen import CanteenDetailSchema, CanteenSchema, CanteensQuery

blueprint = Blueprint("canteen", __name__, url_prefix="/canteens", description="食堂")

WHY = "everybody may see what is cooked where"


@blueprint.get("")
@public(why=WHY)
@blueprint.arguments(CanteensQuery, location="query")
@blueprint.answers(CanteenSchema, many=True)
@blueprint.refuses(404)
def list_canteens(asked: dict[str, Any]) -> Response:
    """The canteens with the hours of their meals."""
    key = ("canteens", asked.get("place_id"))
    return cached(key, lambda: queries.list_canteens(db.session(), asked))


@blueprint.get("/<id:canteen_id>")
@public(why=WHY)
@blueprint.answers(CanteenDetailSchema)
def get_canteen(canteen_id: int) -> Response:
    """One canteen with its menus; a dish's portions as they are left now."""
    key = ("canteen", canteen_id)
    return cached(key, lambda: queries.get_canteen(db.session(), canteen_id, clock.now()))
