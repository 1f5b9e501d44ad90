"""What is on one menu: dishes, their prices, and portions that never fall below what is ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.canteen.errors import DishOrdered, PortionsOrdered
from backend.canteen.models import Dish, MenuItem
from backend.db import AnyRow, table_of
from backend.errors import Invalid

_item, _dish = table_of(MenuItem), table_of(Dish)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A dish as it stands on a menu; `list_fen` None: at its usual price.

    `capacity` None: as many portions as are ordered. `reason`: why there are fewer portions than
    were ordered already.
    """

    dish_id: int
    list_fen: int | None = None
    discount_fen: int = 0
    capacity: int | None = None
    reason: str | None = None


def write(session: Session, canteen_id: int, service_id: int, dishes: Sequence[Planned]) -> None:
    """Bring the menu to what is planned. Raises Invalid, DishOrdered, PortionsOrdered."""
    known = {
        row.id: row
        for row in session.execute(
            select(_dish.c.id, _dish.c.name, _dish.c.list_fen).where(
                _dish.c.canteen_id == canteen_id,
                _dish.c.id.in_([one.dish_id for one in dishes]),
            )
        )
    }
    if len(known) != len(dishes):
        raise Invalid({"dish_id": [_("同一道菜只能选一次。")]})
    there = {
        row.dish_id: row
        for row in session.execute(
            select(_item, _dish.c.name)
            .join(_dish, _dish.c.id == _item.c.dish_id)
            .where(_item.c.meal_service_id == service_id)
            .order_by(_item.c.id)
            .with_for_update(of=_item)
        )
    }
    for dish_id, row in there.items():
        if dish_id not in known:
            if row.taken:
                raise DishOrdered(dish=row.name)
            session.execute(delete(_item).where(_item.c.id == row.id))
    for one in dishes:
        usual = known[one.dish_id]
        values = _values(one, usual, there.get(one.dish_id))
        if one.dish_id in there:
            mine = _item.c.id == there[one.dish_id].id
            session.execute(update(_item).where(mine).values(values))
        else:
            new = values | {"meal_service_id": service_id, "dish_id": one.dish_id}
            session.execute(insert(_item).values(new))


def _values(one: Planned, usual: AnyRow, there: AnyRow | None) -> dict[str, Any]:
    """The item's columns. Raises Invalid, DishOrdered, PortionsOrdered."""
    list_fen = usual.list_fen if one.list_fen is None else one.list_fen
    if list_fen <= 0 or not 0 <= one.discount_fen <= list_fen:
        raise Invalid({f"price_{one.dish_id}": [_("价格要大于零，优惠不能超过价格。")]})
    taken = 0 if there is None else there.taken
    price = (list_fen, one.discount_fen)
    if there is not None and taken and price != (there.list_fen, there.discount_fen):
        raise DishOrdered(dish=usual.name)
    over = 0 if one.capacity is None else max(taken - one.capacity, 0)
    kept = 0 if there is None else min(there.overbooked, over)
    if over > kept and not one.reason:
        raise PortionsOrdered(dish=usual.name, taken=taken)
    return {
        "list_fen": list_fen, "discount_fen": one.discount_fen, "capacity": one.capacity,
        "overbooked": over,
    }  # fmt: skip


def still_offered(session: Session, service_id: int) -> list[Planned]:
    """The dishes of a menu that can be planned again, at their usual price of today."""
    rows = session.execute(
        select(_item.c.dish_id, _item.c.capacity, _item.c.discount_fen, _dish.c.list_fen)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.meal_service_id == service_id, _dish.c.offered)
        .order_by(_item.c.id)
    )
    return [
        Planned(
            dish_id=row.dish_id, capacity=row.capacity,
            discount_fen=min(row.discount_fen, row.list_fen),
        )
        for row in rows
    ]  # fmt: skip
