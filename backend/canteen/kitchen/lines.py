"""Who eats what of a meal, and how: as the orders stand now, and as the sheet was frozen."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select, true
from sqlalchemy.orm import Session

from backend.booking.models import HELD, Booking
from backend.canteen.eaters import clashes
from backend.canteen.eaters.clashes import Clash
from backend.canteen.eaters.models import Texture
from backend.canteen.kitchen.models import DishReplacement, KitchenLine
from backend.canteen.models import Dish, MenuItem, Mode
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.db import AnyRow, table_of
from backend.people.models import Person

_booking, _person = table_of(Booking), table_of(Person)
_order, _line = table_of(MealOrder), table_of(MealLine)
_item, _dish, _frozen = table_of(MenuItem), table_of(Dish), table_of(KitchenLine)
_instead = table_of(DishReplacement)

CHUNK = 500
"""So many people's diets, or lines, go into one statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many portions of a dish for one person; `marks` name each clash as `kind:what`.

    `stop`: the run it is brought in and the stop of it, by number.
    """

    booking_id: int
    menu_item_id: int
    person_id: int
    name: str | None
    dish: str
    portions: int
    mode: str
    texture: str = Texture.NORMAL
    marks: tuple[str, ...] = ()
    address: str | None = field(default=None, compare=False)
    stop: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def special(self) -> bool:
        """Whether it is not served as the others are."""
        return bool(self.marks) or self.texture != Texture.NORMAL

    @property
    def lost(self) -> bool:
        """Whether it is to be brought to somebody, and nobody knows where."""
        return self.mode == Mode.DELIVERY and not (self.address or "").strip()


def mark_of(clash: Clash) -> str:
    """A clash as lines name it."""
    return f"{clash.against}:{clash.what}"


def current(
    session: Session, meal_service_id: int, booking_ids: Collection[int] | None = None
) -> list[Line]:
    """Every line of the orders that stand, with the dish that is cooked, in the menu's order.

    With `booking_ids` of those alone.
    """
    only = true() if booking_ids is None else _booking.c.id.in_(booking_ids)
    rows = session.execute(
        select(
            _booking.c.id.label("booking_id"), _booking.c.person_id,
            _person.c.name.label("person_name"), _order.c.mode, _order.c.address,
            _line.c.menu_item_id, _line.c.portions, _dish.c.name, _dish.c.ingredients,
            _dish.c.allergens, _dish.c.traits,
        )
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(_line, _line.c.booking_id == _booking.c.id)
        .join(_item, _item.c.id == _line.c.menu_item_id)
        .outerjoin(_instead, _instead.c.menu_item_id == _item.c.id)
        .join(_dish, _dish.c.id == func.coalesce(_instead.c.dish_id, _item.c.dish_id))
        .join(_person, _person.c.id == _booking.c.person_id)
        .where(_booking.c.bookable_id == meal_service_id, _booking.c.state.in_(HELD), only)
        .order_by(_line.c.menu_item_id, _booking.c.id)
    ).all()  # fmt: skip
    diets = _diets(session, {row.person_id for row in rows})
    return [_line_of(row, diets.get(row.person_id)) for row in rows]


def cooked(session: Session, menu_item_ids: Collection[int]) -> dict[int, str]:
    """The name of what is cooked by now for each of these dishes of a menu."""
    rows = session.execute(
        select(_item.c.id, _dish.c.name)
        .outerjoin(_instead, _instead.c.menu_item_id == _item.c.id)
        .join(_dish, _dish.c.id == func.coalesce(_instead.c.dish_id, _item.c.dish_id))
        .where(_item.c.id.in_(menu_item_ids))
    )
    return {row.id: row.name for row in rows}


def frozen(session: Session, meal_service_id: int) -> list[Line]:
    """The lines of version 1, with the names people and dishes have now, without addresses."""
    rows = session.execute(
        select(
            _frozen.c.booking_id, _frozen.c.menu_item_id, _booking.c.person_id,
            _person.c.name, _dish.c.name.label("dish"), _frozen.c.portions, _frozen.c.mode,
            _frozen.c.texture, _frozen.c.marks,
        )
        .join(_booking, _booking.c.id == _frozen.c.booking_id)
        .join(_person, _person.c.id == _booking.c.person_id)
        .join(_item, _item.c.id == _frozen.c.menu_item_id)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_frozen.c.meal_service_id == meal_service_id)
        .order_by(_frozen.c.menu_item_id, _frozen.c.booking_id)
    )  # fmt: skip
    return [Line(*row[:8], tuple(row.marks)) for row in rows]


def write(session: Session, meal_service_id: int, lines: Sequence[Line]) -> None:
    """Keep these lines as the sheet's version 1."""
    values = [
        {
            "meal_service_id": meal_service_id, "booking_id": one.booking_id,
            "menu_item_id": one.menu_item_id, "portions": one.portions, "mode": one.mode,
            "texture": one.texture, "marks": list(one.marks),
        }
        for one in lines
    ]  # fmt: skip
    for at in range(0, len(values), CHUNK):
        session.execute(insert(_frozen), values[at : at + CHUNK])


def _line_of(row: AnyRow, diet: clashes.Profile | None) -> Line:
    return Line(
        row.booking_id, row.menu_item_id, row.person_id, row.person_name, row.name, row.portions,
        row.mode, Texture.NORMAL if diet is None else diet.texture,
        tuple(mark_of(one) for one in clashes.clashes(diet, row)), row.address,
    )  # fmt: skip


def _diets(session: Session, person_ids: Iterable[int]) -> dict[int, clashes.Profile]:
    ids = sorted(person_ids)
    found: dict[int, clashes.Profile] = {}
    for at in range(0, len(ids), CHUNK):
        found |= clashes.diets_of(session, ids[at : at + CHUNK])
    return found
