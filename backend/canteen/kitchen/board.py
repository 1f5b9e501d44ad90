"""The board at the pass: what is cooked, packed, still missing; several tablets count together.

Every tap is a row with a key of its own: sent twice it counts once, and no two overwrite each
other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from backend.canteen.guests import queries as sales
from backend.canteen.kitchen import lines, queries, sheet
from backend.canteen.kitchen.errors import BelowNothing, NotFrozen
from backend.canteen.kitchen.models import (
    DishReplacement,
    EndedReplacement,
    KitchenSheet,
    KitchenTap,
    Stage,
)
from backend.canteen.models import Dish, MenuItem, Mode
from backend.db import table_of
from backend.errors import NotFound
from backend.staff import audit
from backend.staff.access import SignedInStaff

_sheet, _tap, _item = table_of(KitchenSheet), table_of(KitchenTap), table_of(MenuItem)
_instead, _ended = table_of(DishReplacement), table_of(EndedReplacement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """So many portions of a dish; packed ones for one `mode`."""

    menu_item_id: int
    stage: Stage
    mode: str | None
    count: int
    key: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One count of a dish: `done` of `needed`; packed ones with the mode they are for. What guests
    bought is cooked, too; `guests` says how many portions of `needed` those are.
    """

    stage: Stage
    mode: str | None
    needed: int
    done: int
    guests: int = 0

    @property
    def left(self) -> int:
        """How many are still missing; less than nothing: too many."""
        return self.needed - self.done


def get_board(session: Session, me: SignedInStaff, meal_service_id: int) -> dict[str, Any]:
    """The dishes of a meal with their tiles, as orders stand now, and who eats (`eaters`).

    `was`: the dish on the menu, where another is cooked instead. Raises NotFound, NotFrozen.
    """
    meal = queries.find_meal(session, me, meal_service_id)
    if meal.frozen_at is None:
        raise NotFrozen()
    current = lines.current(session, meal_service_id)
    now = sheet.arrange(current)
    done, was = _done(session, meal_service_id), _was(session, meal_service_id)
    guests = sales.portions_of(session, meal_service_id)
    nobodys = guests.keys() - {row.menu_item_id for row in now.dishes}
    bought = [sheet.DishRow(*one) for one in lines.cooked(session, nobodys).items()]
    eaters = {(one.person_id, one.name, one.mode): None for one in current}
    return {
        "meal": meal,
        "eaters": [{"person_id": one, "name": name, "mode": mode} for one, name, mode in eaters],
        "dishes": [
            {"id": row.menu_item_id, "name": row.dish, "special": row.special,
             "was": was.get(row.menu_item_id),
             "tiles": _tiles(row, done, guests.get(row.menu_item_id, 0))}
            for row in (*now.dishes, *bought)
        ],
    }  # fmt: skip


def tap(
    session: Session, me: SignedInStaff, meal_service_id: int, tapped: Tap, now: datetime
) -> bool:
    """Count it, once; False if it was counted before.

    Raises NotFound, NotFrozen (also once the meal is over or called off), BelowNothing.
    """
    meal = queries.find_meal(session, me, meal_service_id)
    if meal.frozen_at is None or meal.cancelled_at is not None or meal.ends_at <= now:
        raise NotFrozen()
    # Whoever taps at the same moment waits here, so that sums are true.
    session.execute(
        select(_sheet.c.meal_service_id)
        .where(_sheet.c.meal_service_id == meal_service_id)
        .with_for_update()
    )
    if session.execute(select(_tap.c.id).where(_tap.c.key == tapped.key)).first() is not None:
        audit.unchanged(session)
        return False
    dish = _check(session, meal_service_id, tapped)
    values = {
        "menu_item_id": tapped.menu_item_id, "stage": tapped.stage, "mode": tapped.mode,
        "count": tapped.count,
    }  # fmt: skip
    session.execute(insert(_tap).values(values | {"key": tapped.key, "staff_id": me.staff_id,
                                                  "at": now}))  # fmt: skip
    audit.record(
        session, me.staff_id, "meal.count", "meal_service", meal_service_id,
        after={"dish": dish, "stage": tapped.stage, "mode": tapped.mode, "count": tapped.count},
        place_id=meal.place_id,
    )  # fmt: skip
    return True


def _check(session: Session, meal_service_id: int, tapped: Tap) -> str:
    """What the dish is called."""
    dish = session.scalar(
        select(Dish.name)
        .join(_item, _item.c.dish_id == Dish.id)
        .where(_item.c.id == tapped.menu_item_id, _item.c.meal_service_id == meal_service_id)
    )
    if dish is None:
        raise NotFound()
    counted = _done(session, meal_service_id)[tapped.menu_item_id, tapped.stage, tapped.mode]
    if counted + tapped.count < 0:
        raise BelowNothing()
    return dish


def _was(session: Session, meal_service_id: int) -> dict[int, str]:
    """The dishes on the menu that are replaced."""
    rows = session.execute(
        select(_item.c.id, Dish.name)
        .join(_instead, _instead.c.menu_item_id == _item.c.id)
        .join(Dish, Dish.id == _item.c.dish_id)
        .where(_item.c.meal_service_id == meal_service_id)
    )
    return {row.id: row.name for row in rows}


def _done(
    session: Session, meal_service_id: int
) -> Mapping[tuple[int, str, str | None], int]:  # fmt: skip
    """What was counted since another dish took the place of the one before."""
    ended = select(func.max(_ended.c.ended_at)).where(_ended.c.menu_item_id == _tap.c.menu_item_id)
    since = (_instead.c.at, ended.scalar_subquery())
    rows = session.execute(
        select(_tap.c.menu_item_id, _tap.c.stage, _tap.c.mode, func.sum(_tap.c.count))
        .join(_item, _item.c.id == _tap.c.menu_item_id)
        .outerjoin(_instead, _instead.c.menu_item_id == _item.c.id)
        .where(
            _item.c.meal_service_id == meal_service_id,
            *(or_(one.is_(None), _tap.c.at >= one) for one in since),
        )
        .group_by(_tap.c.menu_item_id, _tap.c.stage, _tap.c.mode)
    )
    found: Counter[tuple[int, str, str | None]] = Counter()
    for item_id, stage, mode, count in rows:
        found[item_id, stage, mode] = int(count)
    return found


def _tiles(
    row: sheet.DishRow, done: Mapping[tuple[int, str, str | None], int], guests: int
) -> list[Tile]:  # fmt: skip
    """What is cooked in all, then each way the dish leaves the kitchen."""
    item = row.menu_item_id
    needed = row.portions + guests
    cooked = Tile(Stage.COOKED, None, needed, done[item, Stage.COOKED, None], guests)
    packed = [
        Tile(Stage.PACKED, one, row.modes[one], done[item, Stage.PACKED, one]) for one in Mode
    ]
    return [cooked, *(one for one in packed if one.needed or one.done)]
