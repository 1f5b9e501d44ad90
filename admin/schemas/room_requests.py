"""The forms about rooms: what residents ask for."""

from admin.schemas.base import Asked, Text


class ApproveForm(Asked):
    """What was read before the decision."""

    read = Text(longest=100, load_default=None)


class DeclineForm(Asked):
    """Why they do not get the room."""

    reason = Text(longest=100, required=True)
