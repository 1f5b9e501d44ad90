"""The wish list: services people would like in their estate."""

from marshmallow import Schema, validate
from webargs import fields

from miniprogram_api.schemas.base import Asked, IdField, IdInQuery, Moment, Text


class WishesQuery(Schema):
    """Whose wishes: mine, or somebody's of the household."""

    person_id = IdInQuery()


class WishedServiceSchema(Schema):
    """A service of markets, and whether it is wished for."""

    id = IdField(required=True)
    name = fields.String(required=True)
    wished = fields.Boolean(required=True)


class WishesSchema(Schema):
    """What somebody wishes for in `place_name`, where they live; null: that is not on file.

    It counts until `counts_until`, a year after it was last said. `own_words` only staff read.
    """

    person_id = IdField(required=True)
    place_name = fields.String(required=True, allow_none=True)
    counts_until = Moment(required=True, allow_none=True)
    own_words = fields.String(required=True, allow_none=True)
    services = fields.List(fields.Nested(WishedServiceSchema), required=True)


class WishesBody(Asked):
    """All that somebody wishes for from now on; nothing takes everything back."""

    person_id = IdField(load_default=None, allow_none=True)
    service_ids = fields.List(
        IdField(), required=True, validate=validate.Length(max=100)
    )  # fmt: skip
    own_words = Text(longest=30, load_default=None, allow_none=True)
