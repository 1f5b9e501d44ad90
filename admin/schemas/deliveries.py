"""The forms of deliveries."""

from typing import Any

from marshmallow import post_load

from admin.schemas.base import Asked, IdField, Text, Whole
from backend.canteen.delivery.moving import Where


class PlaceForm(Asked):
    """Where an order is brought."""

    estate_id = IdField(required=True)
    building = Text(longest=12, required=True)
    unit = Text(longest=8, load_default=None)
    flat = Text(longest=12, load_default=None)

    @post_load
    def where(self, data: dict[str, Any], **_given: Any) -> dict[str, Any]:
        """As the verb takes it."""
        return {"where": Where(**data)}


class MoveForm(Asked):
    """Which run a stop goes to; none chosen: a new one."""

    run_id = IdField(load_default=None)


class AssignForm(Asked):
    """Who carries a run; nobody chosen: whoever claims it."""

    staff_id = IdField(load_default=None)


class GiveBackForm(Asked):
    """Why an order ends; the resident reads it."""

    reason = Text(longest=60, required=True)


class BoxesForm(Asked):
    """Boxes that went with a run, and those that came back."""

    boxes_out = Whole(0, 999, load_default=None)
    boxes_in = Whole(0, 999, load_default=None)
