"""The query of a table's list."""

from marshmallow import fields, validate

from admin.schemas.base import Asked, Text, Whole


class ListQuery(Asked):
    """What is looked for, how it is sorted (`-` before a column: down), which page."""

    text = Text(longest=40, load_default=None)
    sort = fields.String(load_default=None, validate=validate.Length(max=30))
    page = Whole(1, 10_000, load_default=1)
