"""Ratings: how the lessons were that somebody of the household was at."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.night_school.ratings import service as ratings
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.ratings import RatedLessonSchema, RatingBody

blueprint = Blueprint("ratings", __name__, url_prefix="/bookings", description="课程评价")


@blueprint.get("/<id:booking_id>/ratings")
@resident()
@blueprint.answers(RatedLessonSchema, many=True)
def list_ratings(*, booking_id: int, me: Resident) -> Response:
    """The lessons that were attended, the latest first, with what was said of them."""
    return answer(ratings.list_lessons(db.session(), me, booking_id, clock.now()))


@blueprint.post("/<id:booking_id>/lessons/<id:lesson_id>/rating")
@resident(writes=True)
@blueprint.arguments(RatingBody)
@blueprint.answers()
@blueprint.refuses(409)
def rate(body: dict[str, Any], *, booking_id: int, lesson_id: int, me: Resident) -> Response:
    """Say how a lesson was, up to 14 days after it; said again, the later word holds."""
    ratings.rate(db.session(), me, booking_id, lesson_id, now=clock.now(), **body)
    return answer()
