"""The forms about groups: what is registered, who is in it, why it ends."""

from marshmallow import fields

from admin.schemas.base import Asked, Day, IdField, Text


class LeaderQuery(Asked):
    """Who is to lead the new group, as far as that is known."""

    person_id = IdField(load_default=None)


class GroupForm(Asked):
    """What is written down of a group."""

    name = Text(longest=20, required=True)
    place_id = IdField(required=True)
    about = Text(longest=100, load_default=None)
    valid_until = Day(load_default=None)


class NewGroupForm(GroupForm):
    """The same, with its first leader."""

    person_id = IdField(required=True)


class MemberForm(Asked):
    """Somebody in the group, maybe as a leader."""

    person_id = IdField(required=True)
    leads = fields.Boolean(load_default=False)


class EndForm(Asked):
    """Why the group ends."""

    reason = Text(longest=60, required=True)
