"""Draws: places given by lot among all who applied, so that anybody can check it."""

from pathlib import Path
from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.night_school.draws import queries, service, verify
from backend.night_school.draws.service import Application
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public, resident, with_etag
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.draws import (
    ApplicationBody,
    ApplicationSchema,
    ApplicationsQuery,
    DrawDetailSchema,
    DrawSchema,
)

blueprint = Blueprint("draws", __name__, url_prefix="/night-school/draws", description="摇号")

_VERIFIER = Path(verify.__file__).read_bytes()


@blueprint.get("")
@public(why="everybody may see what is drawn, and how")
@blueprint.answers(DrawSchema, many=True)
def list_draws() -> Response:
    """The draws of terms that are not over."""
    return cached(("draws",), lambda: queries.list_draws(db.session(), clock.now()))


@blueprint.get("/<id:draw_id>")
@public(why="everybody may see what is drawn, and how")
@blueprint.answers(DrawDetailSchema)
def get_draw(draw_id: int) -> Response:
    """One draw: its rules and weights, its fingerprints, its runs, and the result once drawn."""
    return cached(("draw", draw_id), lambda: queries.get_draw(db.session(), draw_id, clock.now()))


@blueprint.get("/<id:draw_id>/file")
@public(limit="30/minute", why="anybody may check a draw; it names nobody")
@blueprint.answers_file("application/json")
def get_file(draw_id: int) -> Response:
    """The file by which anybody deals a drawn draw once more; docs/draws.md says what it holds."""
    text = queries.file_of(db.session(), draw_id)
    return with_etag(text.encode(), content_type="application/json; charset=utf-8")


@blueprint.get("/verify.py")
@public(why="anybody may check a draw with it")
@blueprint.answers_file("text/x-python")
def get_verifier() -> Response:
    """The program that checks such a file: Python 3.11 and nothing else."""
    return with_etag(_VERIFIER, content_type="text/x-python; charset=utf-8")


@blueprint.get("/applications")
@resident()
@blueprint.arguments(ApplicationsQuery, location="query")
@blueprint.answers(ApplicationSchema, many=True)
def list_applications(asked: dict[str, Any], *, me: Resident) -> Response:
    """My applications and those of people I act for, with the reason of each wish once drawn."""
    return answer(queries.list_mine(db.session(), me, clock.now(), asked.get("draw_id")))


@blueprint.post("/<id:draw_id>/applications")
@resident(writes=True)
@blueprint.arguments(ApplicationBody)
@blueprint.answers(ApplicationSchema, many=True)
@blueprint.refuses(404, 409)
def apply(body: dict[str, Any], *, draw_id: int, me: Resident) -> Response:
    """Apply, or replace what these people applied for before; early or late makes no difference.

    A refusal by a run's rule names the `person_id` and `run_id` it concerns.
    """
    service.apply(db.session(), me, draw_id, Application(**body), clock.now())
    return answer(queries.list_mine(db.session(), me, clock.now(), draw_id))


@blueprint.delete("/<id:draw_id>/applications/<id:person_id>")
@resident(writes=True)
@blueprint.answers(ApplicationSchema, many=True)
@blueprint.refuses(404, 409)
def withdraw(draw_id: int, person_id: int, *, me: Resident) -> Response:
    """Take somebody's application back, until it is drawn. The answer: those that are left."""
    service.withdraw(db.session(), me, draw_id, person_id, clock.now())
    return answer(queries.list_mine(db.session(), me, clock.now(), draw_id))
