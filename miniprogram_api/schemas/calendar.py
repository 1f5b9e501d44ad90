"""The calendar link."""

from marshmallow import Schema, fields


class CalendarLinkSchema(Schema):
    """Whoever has the address reads the feed: show it to the resident only."""

    url = fields.Url(required=True, require_tld=False)
