"""How reliably somebody comes (出勤情况)."""

from marshmallow import Schema, fields

from backend.standing.models import AppealState
from backend.standing.weighing import Why
from miniprogram_api.converters import LARGEST_ID
from miniprogram_api.schemas.base import Asked, Choice, IdField, Moment, Text, Whole


class AppealSchema(Schema):
    """What was said about it, and what staff answered."""

    id = IdField(required=True)
    state = Choice(AppealState, required=True)
    reason = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class MissedSchema(Schema):
    """Something missed: a lesson (`number`), or a place given back late.

    `weighs` now, of 1 or a half when it happened; from `gone_at` on it weighs nothing, and nothing
    at all where staff `waived` it (why). `occasion_id` names the lesson within the booking, 0 the
    booking itself. An appeal may be made until `appeal_until`; null: not, or not any more.
    """

    booking_id = IdField(required=True)
    occasion_id = fields.Integer(required=True)
    why = Choice(Why, required=True)
    title = fields.String(required=True)
    place_name = fields.String(required=True)
    number = fields.Integer(required=True, allow_none=True)
    at = Moment(required=True)
    weighs = fields.Float(required=True)
    gone_at = Moment(required=True)
    waived = fields.String(required=True, allow_none=True)
    appeal = fields.Nested(AppealSchema, required=True, allow_none=True)
    appeal_until = Moment(required=True, allow_none=True)


class LimitSchema(Schema):
    """Classes that ask for no more than `limit` are open to the person, or are `from_when`."""

    limit = fields.Integer(required=True)
    from_when = Moment(required=True, allow_none=True)


class StandingSchema(Schema):
    """What counts still, the last first; all of it halves every `half_life_days`.

    `limits` holds every limit that some class asks for now: none, and it means nothing.
    """

    person_id = IdField(required=True)
    sum = fields.Float(required=True)
    half_life_days = fields.Integer(required=True)
    entries = fields.List(fields.Nested(MissedSchema), required=True)
    limits = fields.List(fields.Nested(LimitSchema), required=True)


class AppealBody(Asked):
    """How it was: which occasion, in one's own words."""

    booking_id = IdField(required=True)
    occasion_id = Whole(0, LARGEST_ID, required=True, strict=True)
    reason = Text(shortest=1, longest=200, required=True)


class AppealedSchema(Schema):
    """The appeal."""

    id = IdField(required=True)
