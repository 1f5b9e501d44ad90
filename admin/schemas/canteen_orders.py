"""The forms of ordering meals at the desk."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, post_load, validate

from admin.schemas.base import Asked, Choice, Flag, IdField, Text, Whole
from backend.canteen.models import Mode

_RINGS = validate.Regexp(r"[0-9+() -]{5,20}\Z", error=_("请填写打得通的电话号码。"))


class WhoQuery(Asked):
    """For whom, as far as it is known."""

    person_id = IdField(load_default=None)


class GiveBackForm(Asked):
    """Why an order is given back; the resident is told."""

    reason = Text(longest=100, required=True)


class RefundForm(Asked):
    """Why the price of a meal goes back; the resident is told, and it stands in the ledger."""

    reason = Text(longest=80, required=True)


class _DishesForm(Asked):
    """What is chosen so far; for each dish of the menu a field of its own."""

    item_ids: tuple[int, ...] = ()
    person_id = IdField(load_default=None)
    mode = Choice(Mode, load_default=None)
    pays_fen = Whole(0, 10_000_000, load_default=None)
    address = Text(shortest=4, longest=120, load_default=None)
    phone = fields.String(load_default=None, validate=_RINGS)
    note = Text(longest=60, load_default=None)
    despite_diet = Flag(load_default=False)

    @post_load
    def chosen(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The dishes as pairs of item and portions."""
        counts = {ident: data.pop(f"n_{ident}") for ident in self.item_ids}
        return data | {"dishes": [(ident, count) for ident, count in counts.items() if count]}


def dishes_form(item_ids: Iterable[int]) -> type[Schema]:
    """The form of an order from a menu of these items: so many portions of each."""
    ids = tuple(item_ids)
    own: dict[str, Any] = {"item_ids": ids}
    own |= {f"n_{ident}": Whole(0, 99, load_default=0) for ident in ids}
    return type("DishesForm", (_DishesForm,), own)
