"""Ordering meals: what would it cost, order, amend, my orders."""

from typing import Any

from flask import Response

from backend import clock
from backend.canteen.ordering import mine, service
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.service import Ordered
from backend.db import db
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import idempotency, resident
from miniprogram_api.envelope import answer
from miniprogram_api.rush import ORDER, Place, in_company
from miniprogram_api.schemas.canteen_orders import (
    AmendBody,
    OrderBody,
    OrderDetailSchema,
    OrderedSchema,
    OrderSchema,
    OrdersQuery,
    QuoteBody,
    QuoteSchema,
)

blueprint = Blueprint("canteen_orders", __name__, url_prefix="/canteens", description="订餐")


@blueprint.get("/orders")
@resident()
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.answers(OrderSchema, many=True)
def list_orders(asked: dict[str, Any], *, me: Resident) -> Response:
    """Mine and those of the people I may act for: to come, or the last 100 others."""
    return answer(mine.list_mine(db.session(), me, clock.now(), **asked))


@blueprint.get("/orders/<id:booking_id>")
@resident()
@blueprint.answers(OrderDetailSchema)
def get_order(*, booking_id: int, me: Resident) -> Response:
    """One order with its lines and shares. It is cancelled as every booking is."""
    return answer(mine.get_mine(db.session(), me, booking_id, clock.now()))


@blueprint.get("/orders/<id:booking_id>/calendar.ics")
@resident()
@blueprint.answers_file("text/calendar")
@blueprint.refuses(409)
def get_calendar(*, booking_id: int, me: Resident) -> Response:
    """A meal, to be added to the phone's calendar."""
    made = mine.calendar_of(db.session(), me, booking_id, clock.now())
    response = Response(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="meal-{booking_id}.ics"'
    return response


@blueprint.post("/meals/<id:meal_service_id>/quote")
@resident()
@blueprint.arguments(QuoteBody)
@blueprint.answers(QuoteSchema)
@blueprint.refuses(409)
def quote(body: dict[str, Any], *, meal_service_id: int, me: Resident) -> Response:
    """What an order would cost, by the rules that ordering follows; nothing is kept."""
    wanted = _wanted(meal_service_id, body)
    return answer(service.quote(db.session(), me, wanted, clock.now()))


@blueprint.post("/meals/<id:meal_service_id>/orders")
@in_company(ORDER)
@blueprint.arguments(OrderBody)
@blueprint.answers(OrderedSchema, status=201)
@blueprint.answers(OrderedSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def order_meal(body: dict[str, Any], *, meal_service_id: int, order: Place) -> Response:
    """Order for oneself or somebody of the household; a second order of a meal amends the first.

    409311 answers a total that is not the price (any more) with what it is; 409319 says what has to
    be confirmed with `despite_diet`. Repeat with the same Idempotency-Key.
    """
    return _ordered(order(_wanted(meal_service_id, body | idempotency())))


@blueprint.post("/orders/<id:booking_id>/change")
@resident(writes=True)
@blueprint.arguments(AmendBody)
@blueprint.answers(OrderedSchema)
@blueprint.refuses(409)
@blueprint.keyed
def change(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Other dishes, another place; refused, the order is as it was.

    Repeat with the same Idempotency-Key: a repeat that comes late undoes no later change.
    """
    session, now = db.session(), clock.now()
    meal_service_id, person_id = service.about(session, me, booking_id, now)
    wanted = _wanted(meal_service_id, body | {"person_id": person_id} | idempotency())
    return _ordered(service.change(session, me, booking_id, wanted, now))


def _wanted(meal_service_id: int, body: dict[str, Any]) -> Wanted:
    dishes = [(one["id"], one["portions"]) for one in body["dishes"]]
    return Wanted(meal_service_id=meal_service_id, **body | {"dishes": dishes})


def _ordered(ordered: Ordered) -> Response:
    return answer(
        {
            "booking_id": ordered.booking_id, "state": ordered.state, "is_new": ordered.is_new,
            "pays_fen": ordered.pays_fen,
        },
        status=201 if ordered.is_new else 200,
    )  # fmt: skip
