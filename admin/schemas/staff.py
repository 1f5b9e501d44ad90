"""Forms about staff accounts."""

from admin.schemas.base import Asked, Choice, IdField, Text
from backend.staff.models import Role


class RoleForm(Asked):
    """A role at a place."""

    role = Choice(Role, required=True)
    place_id = IdField(required=True)


class NewStaffForm(RoleForm):
    """A new account with its first role."""

    username = Text(longest=32, required=True)
    name = Text(longest=40, required=True)


class NameForm(Asked):
    """How colleagues know them."""

    name = Text(longest=40, required=True)


class LeaveForm(Asked):
    """Who takes the work over."""

    successor_id = IdField(required=True)
