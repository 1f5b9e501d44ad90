"""Check-in."""

from marshmallow import Schema, fields

from backend.night_school.models import Presence
from miniprogram_api.schemas.base import Asked, Choice, IdField, Moment, Text


class CheckInBody(Asked):
    """What the class's QR holds, and for whom (default: who of the household attends)."""

    lesson_id = IdField(required=True)
    code = Text(required=True, shortest=1, longest=64)
    person_id = IdField(load_default=None, allow_none=True)


class CheckedInSchema(Schema):
    """The mark; `already`: it stood there before this scan."""

    lesson_id = IdField(required=True)
    title = fields.String(required=True)
    number = fields.Integer(required=True)
    booking_id = IdField(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    presence = Choice(Presence, required=True)
    at = Moment(required=True)
    already = fields.Boolean(required=True)
