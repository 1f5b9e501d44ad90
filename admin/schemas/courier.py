"""What couriers send: boxes, and a tick as it was made on the phone."""

from typing import Any

from marshmallow import fields, post_load

from admin.schemas.base import Asked, Choice, Day, Flag, Text, Whole
from admin.schemas.uploads import DeviceMoment
from backend.canteen.carrying.ticking import Outcome
from backend.canteen.delivery.models import Reason, Skill

MOST_BOXES = 200


class BoxesForm(Asked):
    """So many boxes go out, or come back."""

    boxes = Whole(0, MOST_BOXES, required=True)


class SkillForm(Asked):
    """Papers that were shown, and until which day they are valid; no day: without an end."""

    skill = Choice(Skill, required=True)
    valid_until = Day(load_default=None)
    gone = Flag()

    @post_load
    def as_kept(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """One of the enumeration."""
        return data | {"skill": Skill(data["skill"])}


class TickForm(Asked):
    """What happened at a stop; `at` and `device_now` by the phone's clock, without them: now."""

    outcome = Choice(Outcome, required=True)
    key = fields.UUID(required=True)
    at = DeviceMoment(load_default=None)
    device_now = DeviceMoment(load_default=None)
    code = Text(longest=12, load_default=None)
    received_by = Text(longest=40, load_default=None)
    reason = Choice(Reason, load_default=None)

    @post_load
    def as_ticked(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """The enumerations' own; how long ago it was, by the clock it was told with."""
        at, device_now = data.pop("at"), data.pop("device_now")
        ago = device_now - at if at is not None and device_now is not None else None
        return data | {
            "outcome": Outcome(data["outcome"]), "key": str(data["key"]), "ago": ago,
            "reason": Reason(data["reason"]) if data["reason"] else None,
        }  # fmt: skip
