"""Ratings of lessons (评价)."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import Asked, IdField, Moment, Text, Whole


class RatedLessonSchema(Schema):
    """A lesson that was attended, and what was said of it; `may_rate`: it can be said still."""

    lesson_id = IdField(required=True)
    number = fields.Integer(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    stars = fields.Integer(required=True, allow_none=True)
    comment = fields.String(required=True, allow_none=True)
    may_rate = fields.Boolean(required=True)


class RatingBody(Asked):
    """From 1 to 5; the comment is for staff only."""

    stars = Whole(1, 5, required=True, strict=True)
    comment = Text(longest=200, load_default=None, allow_none=True)
