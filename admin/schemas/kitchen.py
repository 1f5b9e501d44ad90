"""The forms of the kitchen."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length

from admin.schemas.base import Asked, Choice, Text, Whole
from backend.canteen.kitchen.board import Tap
from backend.canteen.kitchen.models import Stage
from backend.canteen.models import Mode

MOST_AT_ONCE = 500


class ReplaceForm(Asked):
    """Another dish instead of the one that was shown as cooked, and why."""

    dish_id = Whole(1, 2**31 - 1, required=True)
    cooked_id = Whole(1, 2**31 - 1, required=True)
    reason = Text(longest=60, required=True)


class TapForm(Asked):
    """So many portions more or fewer of one tile; `key` makes it once."""

    menu_item_id = Whole(1, 2**31 - 1, required=True)
    stage = Choice(Stage, required=True)
    mode = Choice(Mode, load_default=None)
    count = Whole(-MOST_AT_ONCE, MOST_AT_ONCE, required=True)
    key = fields.String(required=True, validate=Length(8, 36))

    @validates_schema
    def whole(self, data: dict[str, Any], **_given: Any) -> None:
        """What is packed is packed for somebody; nothing is no count."""
        if (data["stage"] == Stage.PACKED) != (data["mode"] is not None) or not data["count"]:
            raise ValidationError({"count": [str(_("请重新点一次。"))]})

    @post_load
    def tapped(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """As the verb takes it."""
        return {"tapped": Tap(**data | {"stage": Stage(data["stage"])})}
