"""Reads for residents: canteens, and the menus that are on show."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen.models import Canteen, CanteenMeal, Dish, Meal, MealService, MenuItem
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.around import NOWHERE, around, positions
from backend.places.models import Place

AHEAD = timedelta(days=14)

_bookable, _service = table_of(Bookable), table_of(MealService)
_item, _dish = table_of(MenuItem), table_of(Dish)
_CANTEEN = (
    Canteen.id, Canteen.name, Canteen.address, Canteen.phone, Canteen.picture,
    Canteen.delivery_fen, Canteen.free_from_fen, Canteen.place_id,
    Place.name.label("place_name"), Place.path,
)  # fmt: skip


def list_canteens(session: Session, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The canteens by place, each with the hours of its meals and where it is; three reads.

    `place_id`: those at the place, below it, or above it. Raises NotFound for no such place.
    """
    found = select(*_CANTEEN).join(Place, Place.id == Canteen.place_id)
    if (place_id := asked.get("place_id")) is not None:
        path = session.scalar(select(Place.path).where(Place.id == place_id))
        if path is None:
            raise NotFound()
        above = [int(one) for one in path.strip("/").split("/")]
        found = found.where(Place.path.startswith(path) | Place.id.in_(above))
    canteens = session.execute(found.order_by(Place.path, Canteen.name)).all()
    at = positions(session, [one.place_id for one in canteens])
    return [
        shown | around(one.path) | at.get(one.place_id, NOWHERE)
        for one, shown in zip(canteens, _with_hours(session, canteens), strict=True)
    ]


def get_canteen(session: Session, canteen_id: int, now: datetime) -> dict[str, Any]:
    """One canteen with the menus on show for today and two weeks ahead: four reads.

    Raises NotFound.
    """
    found = select(*_CANTEEN).join(Place, Place.id == Canteen.place_id)
    canteen = session.execute(found.where(Canteen.id == canteen_id)).first()
    if canteen is None:
        raise NotFound()
    [shown] = _with_hours(session, [canteen])
    today = clock.today(now)
    meals = session.execute(
        select(
            _service.c.id, _service.c.day, _service.c.meal, _bookable.c.starts_at,
            _bookable.c.ends_at, _bookable.c.closes_at,
            _bookable.c.cancelled_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen_id, _bookable.c.published_at <= now,
            _service.c.day.between(today, today + AHEAD),
        )
        .order_by(_bookable.c.starts_at)
    ).all()  # fmt: skip
    dishes = _dishes(session, [meal.id for meal in meals])
    return shown | {
        "menus": [
            {
                "id": meal.id, "day": meal.day.isoformat(), "meal": meal.meal,
                "starts_at": clock.rfc3339(meal.starts_at),
                "ends_at": clock.rfc3339(meal.ends_at),
                "closes_at": clock.rfc3339(meal.closes_at),
                "cancelled": meal.cancelled_at is not None,
                "dishes": dishes.get(meal.id, []),
            }
            for meal in meals
        ]
    }  # fmt: skip


def _with_hours(session: Session, canteens: Sequence[AnyRow]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            CanteenMeal.canteen_id, CanteenMeal.meal, CanteenMeal.from_minute,
            CanteenMeal.until_minute, CanteenMeal.modes, CanteenMeal.most,
        ).where(CanteenMeal.canteen_id.in_([one.id for one in canteens]))
    ).all()  # fmt: skip
    order = list(Meal)
    hours: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: order.index(Meal(row.meal))):
        shown = {name: value for name, value in row._mapping.items() if name != "canteen_id"}
        hours.setdefault(row.canteen_id, []).append(shown)
    return [
        {name: value for name, value in one._mapping.items() if name != "path"}
        | {"meals": hours.get(one.id, [])}
        for one in canteens
    ]


def _dishes(session: Session, service_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(
        select(
            _item.c.id, _item.c.meal_service_id, _item.c.list_fen, _item.c.discount_fen,
            _item.c.capacity, _item.c.taken, _item.c.overbooked, _item.c.dish_id,
            _dish.c.name, _dish.c.about, _dish.c.picture, _dish.c.traits, _dish.c.for_children,
            _dish.c.ingredients, _dish.c.allergens, _dish.c.is_set,
        )
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.meal_service_id.in_(service_ids))
        .order_by(_dish.c.for_children, _item.c.id)
    ):  # fmt: skip
        left = None if row.capacity is None else row.capacity + row.overbooked - row.taken
        found.setdefault(row.meal_service_id, []).append(
            {
                "id": row.id, "dish_id": row.dish_id, "name": row.name, "about": row.about,
                "picture": row.picture,
                "price_fen": row.list_fen - row.discount_fen, "list_fen": row.list_fen,
                "traits": row.traits, "for_children": row.for_children, "left": left,
                "ingredients": row.ingredients, "allergens": row.allergens, "is_set": row.is_set,
            }
        )  # fmt: skip
    return found
