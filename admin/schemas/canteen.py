"""The forms of the canteen's menus."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, post_load

from admin.schemas.base import Asked, Choice, Day, Flag, Text, Whole
from admin.schemas.draws import LocalMoment
from backend.canteen.items import Planned
from backend.canteen.models import Meal
from backend.money import fen_of

MOST_PORTIONS = 5000


class Yuan(fields.String):
    """An amount typed in yuan, as fen."""

    default_error_messages = {  # noqa: RUF012
        "required": _("请填写这一项。"),
        "yuan": _("请填写金额（元），最多两位小数，例如 40 或 12.50。"),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        fen = fen_of(super()._deserialize(value, attr, data, **kwargs))
        if fen is None:
            raise ValidationError([str(self.error_messages["yuan"])])
        return fen


class WeekQuery(Asked):
    """Which week: that of a day; without it this one."""

    day = Day(load_default=None)


class MealQuery(Asked):
    """Which meal of which day."""

    day = Day(required=True)
    meal = Choice(Meal, required=True)


class DayQuery(Asked):
    """Which day."""

    day = Day(required=True)


class CancelForm(DayQuery):
    """Nothing is cooked for one meal of the day, or all of it; and why."""

    meal = Choice(Meal, load_default=None)
    reason = Text(longest=60, required=True)


class CopyForm(Asked):
    """Into the week of `day`, from that of `source`."""

    day = Day(required=True)
    source = Day(required=True)


class PublishForm(Asked):
    """The week of `day`, from a moment on; empty: at once."""

    day = Day(required=True)
    at = LocalMoment(load_default=None)


class _MenuForm(MealQuery):
    """A meal's menu; for each dish of the canteen its own fields."""

    dish_ids: tuple[int, ...] = ()
    reason = Text(longest=60, load_default=None)

    @post_load
    def planned(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As the dishes that the verb takes, in the order of the form."""
        dishes = [
            Planned(
                dish_id=ident, list_fen=data[f"price_{ident}"],
                discount_fen=data[f"less_{ident}"], capacity=data[f"portions_{ident}"],
                reason=data["reason"],
            )
            for ident in self.dish_ids
            if data[f"on_{ident}"]
        ]  # fmt: skip
        return {"day": data["day"], "meal": data["meal"], "dishes": dishes}


def menu_form(dish_ids: Iterable[int]) -> type[Schema]:
    """The form of a menu that these dishes can be put on: on it, price, discount, portions."""
    ids = tuple(dish_ids)
    own: dict[str, Any] = {"dish_ids": ids}
    for ident in ids:
        own |= {
            f"on_{ident}": Flag(),
            f"price_{ident}": Yuan(load_default=None),
            f"less_{ident}": Yuan(load_default=0),
            f"portions_{ident}": Whole(0, MOST_PORTIONS, load_default=None),
        }
    return type("MenuForm", (_MenuForm,), own)
