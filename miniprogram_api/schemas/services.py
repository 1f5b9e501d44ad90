"""The services."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import Choice

SERVICES = ("night_school", "market", "venues", "canteen")
"""In the order residents see them; each is the name of its resource."""


class ServiceSchema(Schema):
    """A service; one that is not `open` is still to come."""

    code = Choice(SERVICES, required=True)
    open = fields.Boolean(required=True)
