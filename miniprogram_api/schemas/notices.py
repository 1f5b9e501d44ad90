"""Notices."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import IdField, IdInQuery, Moment


class NoticesQuery(Schema):
    """Whose notices: those for whoever lives there."""

    place_id = IdInQuery(metadata={"description": "any place, such as one's home"})


class NoticeSchema(Schema):
    """A notice; `until` is when it is taken down."""

    id = IdField(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    place_name = fields.String(required=True)
    published_at = Moment(required=True)
    until = Moment(required=True, allow_none=True)
