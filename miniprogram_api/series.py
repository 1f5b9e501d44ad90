"""Recurring reservations (固定预约): rooms reserved every week or every second week."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.venues.series import ending, judging, making, moving, putting_back, queries
from backend.venues.series.making import wanted_of
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import idempotency, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.series import (
    PutBackSchema,
    SeriesBody,
    SeriesCancelBody,
    SeriesCancelledSchema,
    SeriesMadeSchema,
    SeriesMovedSchema,
    SeriesPreviewSchema,
    SeriesQuery,
    SeriesSchema,
    ShiftBody,
    ShiftPreviewSchema,
    ShiftQuery,
)

blueprint = Blueprint("series", __name__, url_prefix="/venues", description="固定预约")


@blueprint.get("/rooms/<id:room_id>/series/preview")
@resident()
@blueprint.arguments(SeriesQuery, location="query")
@blueprint.answers(SeriesPreviewSchema)
@blueprint.refuses(404, 409)
def preview(asked: dict[str, Any], *, room_id: int, me: Resident) -> Response:
    """Every date of a series, and why it cannot be reserved; nothing is written."""
    wanted = wanted_of({"room_id": room_id, "person_id": me.person_id, "title": ""} | asked)
    return answer(judging.shown(making.preview(db.session(), me, wanted, clock.now())))


@blueprint.post("/rooms/<id:room_id>/series")
@resident(writes=True)
@blueprint.arguments(SeriesBody)
@blueprint.answers(SeriesMadeSchema, status=201)
@blueprint.answers(SeriesMadeSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def reserve(body: dict[str, Any], *, room_id: int, me: Resident) -> Response:
    """Reserve the room again and again, all dates or those that can be, or ask for it.

    Repeat with the same Idempotency-Key.
    """
    wanted = wanted_of({"room_id": room_id} | body | idempotency())
    made = making.reserve(db.session(), me, wanted, clock.now())
    shown = {
        "series_id": made.series_id, "state": made.state, "dates": made.dates,
        "skipped": made.skipped,
    }  # fmt: skip
    return answer(shown, status=200 if made.replayed else 201)


@blueprint.get("/series/<id:series_id>")
@resident()
@blueprint.answers(SeriesSchema)
def get_series(*, series_id: int, me: Resident) -> Response:
    """A series of mine, of somebody I act for or of one of our groups, with every date."""
    return answer(queries.get_mine(db.session(), me, series_id, clock.now()))


@blueprint.post("/series/<id:series_id>/cancel")
@resident(writes=True)
@blueprint.arguments(SeriesCancelBody)
@blueprint.answers(SeriesCancelledSchema)
@blueprint.refuses(409)
def cancel(body: dict[str, Any], *, series_id: int, me: Resident) -> Response:
    """Give back what is to come, from one date on or all of it; one alone as every booking."""
    cancelled = ending.cancel(db.session(), me, series_id, clock.now(), **body)
    return answer({"cancelled": cancelled})


@blueprint.get("/series/<id:series_id>/change/preview")
@resident()
@blueprint.arguments(ShiftQuery, location="query")
@blueprint.answers(ShiftPreviewSchema)
@blueprint.refuses(409)
def preview_change(asked: dict[str, Any], *, series_id: int, me: Resident) -> Response:
    """Each date that would move, from when to when, or why it stays; nothing is written."""
    shift = moving.Shift(**asked)
    return answer(moving.shown(moving.preview(db.session(), me, series_id, shift, clock.now())))


@blueprint.post("/series/<id:series_id>/change")
@resident(writes=True)
@blueprint.arguments(ShiftBody)
@blueprint.answers(SeriesMovedSchema)
@blueprint.refuses(409)
def change(body: dict[str, Any], *, series_id: int, me: Resident) -> Response:
    """Move all to come, or those from one date on; one alone as every reservation.

    Each by the deadline of its old start; where staff approve, they are asked for anew.
    """
    moved = moving.move(db.session(), me, series_id, moving.Shift(**body), clock.now())
    return answer({"moved": moved})


@blueprint.post("/series/<id:series_id>/dates/<id:date_id>/put-back")
@resident(writes=True)
@blueprint.answers(PutBackSchema)
@blueprint.refuses(409)
def put_back(*, series_id: int, date_id: int, me: Resident) -> Response:
    """Reserve a date after all that was skipped or cancelled, by the rules of today."""
    booking_id = putting_back.put_back(db.session(), me, series_id, date_id, clock.now())
    return answer({"booking_id": booking_id})
