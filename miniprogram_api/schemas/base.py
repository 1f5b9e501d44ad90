"""Fields and schemas that all resources share."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from backend import clock
from miniprogram_api.converters import LARGEST_ID

REQUIRED = {"required": _("请填写这一项。"), "null": _("请填写这一项。")}
_NUMBER = REQUIRED | {"invalid": _("请填写整数。"), "too_large": _("数字太大了。")}
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Text(fields.String):
    """A line of text: trimmed, composed (NFC), without control characters, of limited length.

    Emoji are welcome; marks that turn the writing direction around are not.
    """

    default_error_messages = REQUIRED | {
        "invalid": _("请填写文字。"),
        "invalid_utf8": _("请填写文字。"),
    }

    def __init__(self, *, longest: int, shortest: int = 0, **kwargs: Any) -> None:
        length = validate.Length(min=shortest, max=longest, error=_("请填写 {min} 到 {max} 个字。"))
        super().__init__(validate=length, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        text = text.strip()
        if any(unicodedata.category(char) in ("Cc", "Cs") or char in _TURNING for char in text):
            raise ValidationError(str(_("不能包含控制字符。")))
        return text


class Whole(fields.Integer):
    """A whole number from `low` to `high`, in a body or a query."""

    default_error_messages = _NUMBER

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        limits = validate.Range(low, high, error=_("请填写 {min} 到 {max} 之间的整数。"))
        super().__init__(validate=limits, **kwargs)


class IdField(Whole):
    """An id in a body: a whole number, not its text, of a size the tables hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, LARGEST_ID, strict=True, **kwargs)


class IdInQuery(Whole):
    """An id in an address's query, where everything is text: digits only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, LARGEST_ID, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit():
            raise self.make_error("invalid", input=value)
        if len(value) > 16:
            raise self.make_error("too_large", input=value)
        return int(value)


class Choice(fields.String):
    """One of a few words."""

    default_error_messages = REQUIRED | {"invalid": _("请从列出的选项中选择。")}

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        listed = validate.OneOf([str(word) for word in words], error=_("请从列出的选项中选择。"))
        super().__init__(validate=listed, **kwargs)


class Flag(fields.Boolean):
    """Yes or no."""

    default_error_messages = REQUIRED | {"invalid": _("请填写是或否。")}


class Moment(fields.AwareDateTime):
    """RFC 3339 with offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)


def lies_ahead(moment: datetime) -> None:
    """A wish or a deadline is for the time to come."""
    if moment <= clock.now():
        raise ValidationError(str(_("请选择今天或以后的日期。")))


class Asked(Schema):
    """The base of bodies: unknown fields are refused, so a typing error is noticed."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012
        "unknown": _("这一项无法识别，请更新小程序后再试。"),
        "type": _("收到的内容无法识别，请更新小程序后再试。"),
    }


class Cursor(Schema):
    """The paging part of a list's query."""

    cursor = fields.String(validate=validate.Length(max=200), metadata={
        "description": "`next_cursor` of the page before"})  # fmt: skip
    limit = Whole(1, 100, load_default=20)
