"""Fields and schemas that all resources share."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from miniprogram_api.converters import LARGEST_ID

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Text(fields.String):
    """A line of text: trimmed, composed (NFC), without control characters, of limited length.

    Emoji are welcome; marks that turn the writing direction around are not.
    """

    def __init__(self, *, longest: int, shortest: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=shortest, max=longest), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        text = text.strip()
        if any(unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING for char in text):
            raise ValidationError(str(_("不能包含控制字符。")))
        return text


class IdField(fields.Integer):
    """An id: a whole number, not its text, of a size the tables hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, LARGEST_ID), **kwargs)


class IdInQuery(fields.Integer):
    """An id in an address's query, where everything is text: digits only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(1, LARGEST_ID), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit():
            raise self.make_error("invalid", input=value)
        if len(value) > 16:
            raise self.make_error("too_large", input=value)
        return int(value)


class Moment(fields.AwareDateTime):
    """RFC 3339 with offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)


class Asked(Schema):
    """The base of bodies: unknown fields are refused, so a typing error is noticed."""

    class Meta:
        unknown = RAISE


class Cursor(Schema):
    """The paging part of a list's query."""

    cursor = fields.String(validate=validate.Length(max=200), metadata={
        "description": "`next_cursor` of the page before"})  # fmt: skip
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
