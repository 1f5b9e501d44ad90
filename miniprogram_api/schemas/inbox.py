"""The inbox."""

from marshmallow import Schema, fields

from backend.reminders.models import Kind
from miniprogram_api.schemas.base import Choice, IdField, Moment


class MessageSchema(Schema):
    """What was said, and about whom; `booking_id` opens on a tap."""

    id = IdField(required=True)
    kind = Choice(Kind, required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    booking_id = IdField(required=True, allow_none=True)
    created_at = Moment(required=True)
    read = fields.Boolean(required=True)


class InboxPageSchema(Schema):
    """A page of messages; `unread` counts all, not only this page."""

    items = fields.List(fields.Nested(MessageSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    unread = fields.Integer(required=True)
