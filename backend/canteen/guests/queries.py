"""Reads of guests' sales: those of a meal, one of them, and what they come to."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.guests.models import GuestLine, GuestSale
from backend.canteen.models import Dish, MealService, MenuItem
from backend.canteen.serving.queries import SERVE
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff

_sale, _line = table_of(GuestSale), table_of(GuestLine)
_bookable, _service = table_of(Bookable), table_of(MealService)
_item, _dish, _receipt = table_of(MenuItem), table_of(Dish), table_of(Receipt)

STANDS: ColumnElement[bool] = _sale.c.undone_at.is_(None)
"""A sale that was not taken back."""


def list_sales(session: Session, meal_service_id: int) -> list[dict[str, Any]]:
    """Those of a meal with `dishes` and the number of their `receipt`, the last first, those taken
    back too. Two reads.
    """
    return _with_dishes(session, _sales().where(_sale.c.meal_service_id == meal_service_id))


def find_sale(session: Session, me: SignedInStaff, sale_id: int) -> dict[str, Any]:
    """One of them, in reach. Raises NotFound."""
    found = _with_dishes(
        session, _sales().where(_sale.c.id == sale_id, me.covers(SERVE, Place.path))
    )
    if not found:
        raise NotFound()
    return found[0]


def sale_of(session: Session, key: str) -> AnyRow | None:
    """What was sold under a page's key: id, meal_service_id, people, fen."""
    return session.execute(
        select(_sale.c.id, _sale.c.meal_service_id, _sale.c.people, _sale.c.fen).where(
            _sale.c.key == key
        )
    ).first()


def people_of(session: Session, meal_service_id: int) -> int:
    """How many guests ate of a meal."""
    found = select(func.coalesce(func.sum(_sale.c.people), 0))
    mine = _sale.c.meal_service_id == meal_service_id
    return int(session.scalars(found.where(mine, STANDS)).one())


def portions_of(session: Session, meal_service_id: int) -> dict[int, int]:
    """How many portions guests had of each dish of a meal, by menu item."""
    rows = session.execute(
        select(_line.c.menu_item_id, func.sum(_line.c.portions).label("portions"))
        .join(_sale, _sale.c.id == _line.c.sale_id)
        .where(_sale.c.meal_service_id == meal_service_id, STANDS)
        .group_by(_line.c.menu_item_id)
    )
    return {row.menu_item_id: int(row.portions) for row in rows}


def by_canteen(
    session: Session, canteen_ids: Collection[int], first: date, until: date
) -> dict[int, tuple[int, int]]:
    """(people, fen) of guests on each canteen's days from `first` up to `until`, if any."""
    rows = session.execute(
        select(_service.c.canteen_id, func.sum(_sale.c.people), func.sum(_sale.c.fen))
        .join(_service, _service.c.id == _sale.c.meal_service_id)
        .where(
            _service.c.canteen_id.in_(canteen_ids), _service.c.day >= first,
            _service.c.day < until, STANDS,
        )
        .group_by(_service.c.canteen_id)
    )  # fmt: skip
    return {canteen_id: (int(people), int(fen)) for canteen_id, people, fen in rows}


def _sales() -> Select[*tuple[Any, ...]]:
    return (
        select(
            _sale.c.id, _sale.c.meal_service_id, _sale.c.people, _sale.c.fen, _sale.c.at,
            _sale.c.undone_at, _sale.c.undone_reason, _service.c.canteen_id,
            _receipt.c.number.label("receipt"), Staff.name.label("by"),
        )
        .join(_service, _service.c.id == _sale.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Place, Place.id == _bookable.c.place_id)
        .join(Staff, Staff.id == _sale.c.staff_id)
        .join(_receipt, (_receipt.c.guest_sale_id == _sale.c.id) & (_receipt.c.fen > 0))
        .order_by(_sale.c.id.desc())
    )  # fmt: skip


def _with_dishes(
    session: Session, sales: Select[*tuple[Any, ...]]
) -> list[dict[str, Any]]:  # fmt: skip
    rows: Sequence[AnyRow] = session.execute(sales).all()
    dishes: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for one in session.execute(
        select(_line.c.sale_id, _line.c.menu_item_id, _dish.c.name, _line.c.portions)
        .join(_item, _item.c.id == _line.c.menu_item_id)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_line.c.sale_id.in_(dishes))
        .order_by(_line.c.menu_item_id)
    ):
        dishes[one.sale_id].append(dict(one._mapping))
    return [dict(row._mapping) | {"dishes": dishes[row.id]} for row in rows]
