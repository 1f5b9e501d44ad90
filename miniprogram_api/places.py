"""The places of the district: for filters, and for choosing where one lives."""

from flask import Response

from backend.db import db
from backend.places import queries
from backend.places.models import PlaceKind
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public
from miniprogram_api.schemas.places import PlaceSchema, StreetSchema

blueprint = Blueprint("places", __name__, url_prefix="/places", description="街道社区")

WHY = "a district's map is no secret, and one chooses it before signing in"


@blueprint.get("")
@public(why=WHY)
@blueprint.answers(StreetSchema, many=True)
def list_streets() -> Response:
    """Every street with its communities."""
    return cached(("places",), lambda: queries.list_streets(db.session()))


@blueprint.get("/<id:place_id>/estates")
@public(why=WHY)
@blueprint.answers(PlaceSchema, many=True)
def list_estates(place_id: int) -> Response:
    """The housing estates (小区) of a community."""
    return cached(
        ("estates", place_id),
        lambda: queries.list_below(db.session(), place_id, PlaceKind.ESTATE),
    )


@blueprint.get("/<id:place_id>/buildings")
@public(why=WHY)
@blueprint.answers(PlaceSchema, many=True)
def list_buildings(place_id: int) -> Response:
    """The buildings (楼栋) of an estate."""
    return cached(
        ("buildings", place_id),
        lambda: queries.list_below(db.session(), place_id, PlaceKind.BUILDING),
    )
