"""Notices (公告): what residents should know before they set out."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.notices import queries
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public
from miniprogram_api.schemas.notices import NoticeSchema, NoticesQuery

blueprint = Blueprint("notices", __name__, url_prefix="/notices", description="公告")


@blueprint.get("")
@public(why="a notice is for everybody")
@blueprint.arguments(NoticesQuery, location="query")
@blueprint.answers(NoticeSchema, many=True)
@blueprint.refuses(404)
def list_notices(asked: dict[str, Any]) -> Response:
    """The notices of a place and of all above it; without a place, the district's."""
    place_id = asked.get("place_id")
    return cached(
        ("notices", place_id), lambda: queries.list_notices(db.session(), place_id, clock.now())
    )
