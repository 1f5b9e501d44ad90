"""Registered groups as their members see them."""

from marshmallow import Schema
from webargs import fields

from miniprogram_api.schemas.base import Choice, IdField


class GroupSchema(Schema):
    """A group (团队) that I, or somebody I may act for (`person_id`), am a member of.

    `leads`: one of us leads it. `valid_until` is its last day, null: until staff end it.
    """

    id = IdField(required=True)
    name = fields.String(required=True)
    about = fields.String(required=True, allow_none=True)
    place_name = fields.String(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    state = Choice(["registered", "expired"], required=True)
    person_id = IdField(required=True)
    leads = fields.Boolean(required=True)


class GroupMemberSchema(Schema):
    """Somebody in the group; `ours`: I, or somebody I may act for."""

    person_id = IdField(required=True)
    name = fields.String(required=True)
    leads = fields.Boolean(required=True)
    ours = fields.Boolean(required=True)


class GroupDetailSchema(GroupSchema):
    """A group with everybody in it, leaders first."""

    members = fields.List(fields.Nested(GroupMemberSchema), required=True)
