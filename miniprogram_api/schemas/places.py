"""Places: streets with their communities, estates, buildings."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import IdField


class PlaceSchema(Schema):
    """A place with where and by what phone its staff are found, if anywhere."""

    id = IdField(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class StreetSchema(Schema):
    """A street (街道) and its communities (社区)."""

    id = IdField(required=True)
    name = fields.String(required=True)
    communities = fields.List(fields.Nested(PlaceSchema), required=True)
