"""The forms of the kitchen."""

from admin.schemas.base import Asked, Text, Whole


class ReplaceForm(Asked):
    """Another dish, and why."""

    dish_id = Whole(1, 2**31 - 1, required=True)
    reason = Text(longest=60, required=True)
