"""Diets (饮食情况), and the dishes that clash with one."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, post_load, validate

from backend.canteen.eaters.clashes import Against, Profile, in_order
from backend.canteen.eaters.models import Texture
from backend.canteen.models import Allergen, Trait
from miniprogram_api.schemas.base import Asked, Choice, IdField, IdInQuery, Text

MOST_AVOIDED = 12
_FEW = validate.Length(max=MOST_AVOIDED, error=_("最多填写 {max} 项。"))


class DietSchema(Schema):
    """What somebody must not eat (`avoids`: ingredients by name) and needs; lists may be empty."""

    allergens = fields.List(Choice(Allergen), required=True)
    avoids = fields.List(fields.String(), required=True)
    traits = fields.List(Choice(Trait), required=True)
    texture = Choice(Texture, required=True)
    note = fields.String(required=True, allow_none=True)


class DietBody(Asked):
    """All of it anew; empty lists and no note leave nothing on file."""

    allergens = fields.List(Choice(Allergen), required=True)
    avoids = fields.List(Text(shortest=1, longest=10), required=True, validate=_FEW)
    traits = fields.List(Choice(Trait), required=True)
    texture = Choice(Texture, load_default=Texture.NORMAL)
    note = Text(shortest=1, longest=100, load_default=None, allow_none=True)

    @post_load
    def as_profile(self, data: dict[str, Any], **_: Any) -> dict[str, Profile]:
        """Each thing once, in the order of the lists."""
        return {
            "diet": Profile(
                in_order(Allergen, data["allergens"]), tuple(dict.fromkeys(data["avoids"])),
                in_order(Trait, data["traits"]), str(data["texture"]), data["note"],
            )
        }  # fmt: skip


class ClashesQuery(Schema):
    """Of which canteen."""

    canteen_id = IdInQuery(required=True)


class ClashSchema(Schema):
    """What speaks against a dish: an allergen, an ingredient, or a trait it has not.

    `must_confirm`: an order has to say that it is meant; else it is a hint.
    """

    against = Choice(Against, required=True)
    what = fields.String(required=True)
    must_confirm = fields.Boolean(required=True)
    sentence = fields.String(required=True)


class DishClashesSchema(Schema):
    """A dish on a menu that clashes with a diet."""

    menu_item_id = IdField(required=True)
    clashes = fields.List(fields.Nested(ClashSchema), required=True)
