"""Reads of the plan, for staff: canteens in reach, and a week of menus."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen import calendar
from backend.canteen.models import Canteen, Dish, MealService, MenuItem
from backend.canteen.planning import PLAN, WEEK, access_canteen, meals_of, monday_of
from backend.db import AnyRow, table_of
from backend.places.models import Place
from backend.staff.access import SignedInStaff

_bookable, _service = table_of(Bookable), table_of(MealService)
_item, _dish = table_of(MenuItem), table_of(Dish)


def list_canteens(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """The canteens whose menus they plan."""
    rows = session.execute(
        select(Canteen.id, Canteen.name, Canteen.address, Place.name.label("place_name"))
        .join(Place, Place.id == Canteen.place_id)
        .where(me.covers(PLAN, Place.path))
        .order_by(Place.path, Canteen.name)
    )
    return [dict(row._mapping) for row in rows]


def get_week(
    session: Session, me: SignedInStaff, canteen_id: int, day: date, now: datetime
) -> dict[str, Any]:
    """The week of `day`: each day, why nothing is cooked on it, and each meal with its dishes.

    Seven reads. Raises NotFound.
    """
    canteen, first = access_canteen(session, me, canteen_id), monday_of(day)
    serving = calendar.of_canteen(session, canteen, first, first + WEEK)
    served = meals_of(session, canteen_id)
    menus = {(row.day, row.meal): row for row in _menus(session, canteen_id, first)}
    dishes = _dishes(session, [row.id for row in menus.values()])
    days: list[dict[str, Any]] = []
    for number in range(WEEK.days):
        on = first + timedelta(days=number)
        meals = []
        for meal in served:
            row = menus.get((on, meal))
            shown: dict[str, Any] = {
                "id": None,
                "published_at": None,
                "closes_at": None,
                "cancelled_at": None,
            }
            shown |= dict(row._mapping) if row else {}
            since = shown["published_at"]
            shown["is_public"] = since is not None and since <= now
            meals.append(shown | {"meal": meal, "dishes": dishes.get(shown["id"], [])})
        days.append(
            {
                "day": on, "why_not": serving.why_not(on), "is_past": on < clock.today(now),
                "meals": meals,
            }
        )  # fmt: skip
    hidden = any(
        meal["dishes"] and not meal["published_at"] for one in days for meal in one["meals"]
    )
    return {
        "id": canteen.id, "name": canteen.name, "first": first, "days": days,
        "meals": list(served), "has_hidden": hidden,
    }  # fmt: skip


def get_menu(session: Session, canteen_id: int, day: date, meal: str) -> dict[int, dict[str, Any]]:
    """What is on the menu of one meal, by dish; the caller has checked the reach."""
    rows = session.execute(
        select(_item)
        .join(_service, _service.c.id == _item.c.meal_service_id)
        .where(
            _service.c.canteen_id == canteen_id, _service.c.day == day, _service.c.meal == meal
        )
        .order_by(_item.c.id)
    )  # fmt: skip
    return {row.dish_id: dict(row._mapping) for row in rows}


def list_dishes(session: Session, canteen_id: int) -> Sequence[AnyRow]:
    """What can be put on a menu, by name."""
    return session.execute(
        select(_dish)
        .where(_dish.c.canteen_id == canteen_id, _dish.c.offered)
        .order_by(_dish.c.for_children, _dish.c.name)
    ).all()


def _menus(session: Session, canteen_id: int, first: date) -> Sequence[AnyRow]:
    return session.execute(
        select(
            _service.c.id, _service.c.day, _service.c.meal, _bookable.c.published_at,
            _bookable.c.closes_at, _bookable.c.cancelled_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen_id, _service.c.day >= first,
            _service.c.day < first + WEEK,
        )
    ).all()  # fmt: skip


def _dishes(session: Session, service_ids: Sequence[int]) -> dict[int | None, list[dict[str, Any]]]:
    found: dict[int | None, list[dict[str, Any]]] = {}
    for row in session.execute(
        select(
            _item.c.meal_service_id, _dish.c.name, _item.c.list_fen, _item.c.discount_fen,
            _item.c.capacity, _item.c.taken, _item.c.overbooked,
        )
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.meal_service_id.in_(service_ids))
        .order_by(_item.c.id)
    ):  # fmt: skip
        found.setdefault(row.meal_service_id, []).append(dict(row._mapping))
    return found
