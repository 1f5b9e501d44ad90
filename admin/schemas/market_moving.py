"""The forms of the rain plan."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load

from admin.schemas.base import Asked, Day, IdField, Text
from admin.schemas.market import minute_of
from admin.schemas.venues import OnClock
from backend.market.moving.look import Wanted

KEEP = "keep"


class ToRoom(fields.String):
    """A room's id, or that each stall keeps its own."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        typed = super()._deserialize(value, attr, data, **kwargs)
        if typed != KEEP and not (typed.isascii() and typed.isdigit() and len(typed) < 16):
            raise ValidationError([str(_("请选择列出的一项。"))])
        return typed


class MoveForm(Asked):
    """Where and when the market goes.

    `seen` is what the look showed, `without` the stalls that stay behind.
    """

    day = Day(required=True)
    opens = OnClock(load_default=None)
    place_id = IdField(required=True)
    spot = Text(longest=60, required=True)
    room = ToRoom(load_default="")
    reason = Text(longest=60, required=True)
    without = fields.List(IdField(), load_default=list)
    seen = fields.String(load_default="")

    @post_load
    def wanted(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """As what the verbs take."""
        room, opens = data["room"], data["opens"]
        wanted = Wanted(
            day=data["day"], place_id=data["place_id"], spot=data["spot"], reason=data["reason"],
            opens=None if opens is None else minute_of(opens), keep_rooms=room == KEEP,
            room_id=int(room) if room and room != KEEP else None,
        )  # fmt: skip
        return {"wanted": wanted, "without": data["without"], "seen": data["seen"]}
