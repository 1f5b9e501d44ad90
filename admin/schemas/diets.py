"""The form of a diet."""

import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load

from admin.schemas.base import Asked, Choice, Text
from backend.canteen.eaters.clashes import Profile, in_order
from backend.canteen.eaters.models import Texture
from backend.canteen.models import Allergen, Trait

MOST_AVOIDED, LONGEST = 12, 10
_BETWEEN = re.compile(r"[、，,；;\s]+")


class Words(Text):
    """A few short words, with commas or blanks between them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        words = tuple(dict.fromkeys(word for word in _BETWEEN.split(text) if word))
        if len(words) > MOST_AVOIDED or any(len(word) > LONGEST for word in words):
            wrong = _("最多 %(most)s 样，每样最多 %(longest)s 个字。", most=MOST_AVOIDED,
                      longest=LONGEST)  # fmt: skip
            raise ValidationError([str(wrong)])
        return words


class DietForm(Asked):
    """What the person must not eat and needs."""

    allergens = fields.List(Choice(Allergen), load_default=[])
    avoids = Words(longest=200, load_default=())
    traits = fields.List(Choice(Trait), load_default=[])
    texture = Choice(Texture, load_default=Texture.NORMAL)
    note = Text(longest=100, load_default=None)

    @post_load
    def as_profile(self, data: dict[str, Any], **_: Any) -> dict[str, Profile]:
        """Each thing once, in the order of the lists."""
        return {
            "diet": Profile(
                in_order(Allergen, data["allergens"]), data["avoids"],
                in_order(Trait, data["traits"]), str(data["texture"]), data["note"],
            )
        }  # fmt: skip
