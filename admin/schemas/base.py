"""Fields that all forms share; their errors are sentences for the person at the desk."""

import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

LARGEST_ID = 2**53 - 1
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_REQUIRED = {"required": _("请填写这一项。"), "null": _("请填写这一项。")}


class Asked(Schema):
    """The base of forms; what a form does not know (the CSRF token) is passed over."""

    class Meta:
        unknown = EXCLUDE


class Text(fields.String):
    """A line of text: trimmed, composed (NFC), without control characters, of limited length."""

    default_error_messages = _REQUIRED

    def __init__(
        self, *, longest: int, shortest: int = 1, lines: bool = False, **kwargs: Any
    ) -> None:
        self.allowed = "\n\r" if lines else ""
        if "validate" not in kwargs:
            kwargs["validate"] = validate.Length(
                min=shortest, max=longest, error=_("请填写 {min} 到 {max} 个字。")
            )
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))
        text = text.strip()
        if any(
            unicodedata.category(char) in ("Cc", "Cs") and char not in self.allowed for char in text
        ):
            raise ValidationError([str(_("不能包含控制字符。"))])
        return text


class Whole(fields.Integer):
    """A whole number from `low` to `high`."""

    default_error_messages = _REQUIRED | {
        "invalid": _("请填写整数。"),
        "too_large": _("数字太大了。"),
    }

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        limits = validate.Range(low, high, error=_("请填写 {min} 到 {max} 之间的整数。"))
        super().__init__(validate=limits, **kwargs)


class IdField(Whole):
    """The id of something on offer."""

    default_error_messages = {  # noqa: RUF012
        "required": _("请选择一项。"),
        "invalid": _("请选择一项。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, LARGEST_ID, **kwargs)


class Day(fields.Date):
    """A calendar day."""

    default_error_messages = _REQUIRED | {"invalid": _("请填写正确的日期，例如 1953-08-16。")}


class Choice(fields.String):
    """One of the values of an enumeration."""

    default_error_messages = {"required": _("请选择一项。")}  # noqa: RUF012

    def __init__(self, values: Any, **kwargs: Any) -> None:
        one_of = validate.OneOf([str(value) for value in values], error=_("请选择列出的一项。"))
        super().__init__(validate=one_of, **kwargs)


class Flag(fields.Boolean):
    """A tick; not ticked means no."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"load_default": False} | kwargs))


class Mobile(fields.String):
    """A mainland mobile number; blanks, dashes and a leading +86 are taken off."""

    default_error_messages = _REQUIRED

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        narrow = unicodedata.normalize("NFKC", typed)  # Chinese keyboards type wide digits
        digits = re.sub(r"[\s-]", "", narrow).removeprefix("+86")
        if not _MOBILE.fullmatch(digits):
            raise ValidationError([str(_("请填写 11 位手机号码。"))])
        return digits
