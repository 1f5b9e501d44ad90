"""The kinds of columns a table can have: each reads a form's text and a spreadsheet's cell alike.

They are marshmallow fields that also know their heading, how a value is shown, and how a form asks.
"""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields

from backend import clock
from backend.money import decimal, fen_of, in_yuan
from backend.venues.hours import read_hours, write_hours

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")


class Field(fields.Field[Any]):
    """A column. `only_new`: fixed once the row exists. `listed`: stands in the list, too."""

    asks = "text"
    options: tuple[tuple[str, Any], ...] = ()

    def __init__(
        self, label: Any, *, listed: bool = True, only_new: bool = False, hint: Any = None,
        width: int = 16, **kwargs: Any,
    ) -> None:  # fmt: skip
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", None)
        messages = {
            "required": lazy_gettext("请填写这一项。"),
            "null": lazy_gettext("请填写这一项。"),
        }
        super().__init__(error_messages=messages, **kwargs)
        self.label, self.listed, self.only_new = label, listed, only_new
        self.hint, self.width = hint, width

    def show(self, value: Any) -> str:
        """The value as text: what a form holds and a comparison names."""
        return "" if value is None else str(value)

    def cell(self, value: Any) -> Any:
        """The value as a spreadsheet holds it."""
        return None if value is None else self.show(value)


class Line(Field):
    """A line of text: trimmed, composed (NFC), without control characters, of limited length."""

    def __init__(self, label: Any, longest: int, *, pattern: str = "", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.longest, self.pattern = longest, pattern

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a code of digits that a spreadsheet took for a number
        text = unicodedata.normalize("NFC", str(value)).strip()
        if not 1 <= len(text) <= self.longest:
            raise ValidationError(_("请填写 1 到 %(most)s 个字。", most=self.longest))
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in text.replace("\n", "")):
            raise ValidationError(_("不能包含控制字符。"))
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise ValidationError(str(self.hint or _("只能用字母、数字、横线和下划线。")))
        return text


class Lines(Line):
    """A paragraph or several; browsers send CRLF between them."""

    asks = "area"

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(str(value).replace("\r\n", "\n"), *args, **kwargs)


class Code(Line):
    """A short name that stays the same and is unique."""

    def __init__(
        self, label: Any, longest: int, shape: str = r"[A-Za-z0-9_-]+", **kwargs: Any
    ) -> None:
        super().__init__(label, longest, pattern=shape, required=True, only_new=True, **kwargs)


class Number(Field):
    """A whole number from `low` to `high`."""

    asks = "number"

    def __init__(self, label: Any, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(label, width=kwargs.pop("width", 8), **kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        text = str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not self.low <= int(text) <= self.high:
            raise ValidationError(
                _("请填写 %(low)s 到 %(high)s 之间的整数。", low=self.low, high=self.high)
            )
        return int(text)

    def cell(self, value: Any) -> Any:
        return value


class Yuan(Field):
    """An amount typed in yuan, kept in fen."""

    asks = "money"
    most = 100_000_00

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        fen = fen_of(str(value))
        if fen is None or fen > self.most:
            raise ValidationError(_("请填写金额（元），最多两位小数，例如 40 或 12.50。"))
        return fen

    def show(self, value: Any) -> str:
        return "" if value is None else in_yuan(value)

    def cell(self, value: Any) -> Any:
        return None if value is None else decimal(value)


class Day(Field):
    """A calendar day; text such as 2026/3/1 or 2026年3月1日 is understood."""

    asks = "date"

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = _DAY.match(str(value).strip().removesuffix(" 00:00:00"))
        try:
            return date(*(int(part) for part in found.groups())) if found else _no_day()
        except ValueError:
            return _no_day()

    def show(self, value: Any) -> str:
        return "" if value is None else str(value.isoformat())

    def cell(self, value: Any) -> Any:
        return value


class At(Field):
    """A moment on the residents' wall, to the minute."""

    asks = "datetime-local"

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> datetime:
        text = str(value).strip().replace("T", " ").replace("/", "-")
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("请填写日期和时间，例如 2026-03-01 09:00。")) from None
        return at.replace(second=0, microsecond=0, tzinfo=clock.LOCAL)

    def show(self, value: Any) -> str:
        return "" if value is None else f"{clock.local(value):%Y-%m-%dT%H:%M}"

    def cell(self, value: Any) -> Any:
        return None if value is None else f"{clock.local(value):%Y-%m-%d %H:%M}"


class MinuteOfDay(Field):
    """A time of day such as 19:00, kept as minutes after midnight."""

    asks = "time"

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if isinstance(value, datetime | time):
            return value.hour * 60 + value.minute
        found = re.fullmatch(r"([01]?\d|2[0-3])[:：]([0-5]\d)(:00)?", str(value).strip())
        if not found:
            raise ValidationError(_("请填写时间，例如 19:00。"))
        return int(found[1]) * 60 + int(found[2])

    def show(self, value: Any) -> str:
        return "" if value is None else f"{value // 60:02d}:{value % 60:02d}"


class Chosen(Field):
    """One of a few values, named by a word; forms and sheets hold the word."""

    asks = "choice"

    def __init__(self, label: Any, words: dict[Any, Any], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.words = words

    @property
    def options(self) -> tuple[tuple[str, Any], ...]:  # type: ignore[override]
        return tuple((str(word), word) for word in self.words.values())

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        text = str(value).strip()
        for kept, word in self.words.items():
            if text in (str(kept), str(word)):
                return str(kept) if isinstance(kept, StrEnum) else kept
        listed = _("、").join(str(word) for word in self.words.values())
        raise ValidationError(_("请从这些里选：%(listed)s。", listed=listed))

    def show(self, value: Any) -> str:
        return str(self.words.get(value, "")) if value is not None else ""


class Several(Field):
    """Some of a few values, named by their words with 、 between them."""

    longest = 200

    def __init__(self, label: Any, words: dict[Any, Any], **kwargs: Any) -> None:
        listed = lazy_gettext("可以填：%(listed)s。", listed=_Listed(words))
        if not kwargs.get("required"):
            kwargs.setdefault("load_default", list)
        super().__init__(label, hint=kwargs.pop("hint", listed), **kwargs)
        self.words = words

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> list[str | int]:
        kept = {str(word): str(code) for code, word in self.words.items()}
        kept |= {str(code): str(code) for code in self.words}
        said = [part for part in re.split(r"[\s,，、;；]+", str(value).strip()) if part]
        if unknown := [part for part in said if part not in kept]:
            raise ValidationError(
                _("没有“%(word)s”，请从这些里选：%(listed)s。",
                  word=unknown[0], listed=_Listed(self.words))
            )  # fmt: skip
        chosen = {kept[part] for part in said}
        return [
            code if isinstance(code, int) else str(code)
            for code in self.words
            if str(code) in chosen
        ]

    def show(self, value: Any) -> str:
        return "、".join(str(self.words.get(code, code)) for code in value or ())


class _Listed:
    """Words in a row, put into the reader's language when they are read."""

    def __init__(self, words: dict[Any, Any]) -> None:
        self.words = words

    def __str__(self) -> str:
        return str(_("、").join(str(word) for word in self.words.values()))


class Degrees(Field):
    """A latitude or longitude, with up to six decimals."""

    longest = 12

    def __init__(self, label: Any, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> float:
        try:
            degrees = Decimal(str(value).strip())
        except InvalidOperation:
            degrees = Decimal(999)
        if not degrees.is_finite() or abs(degrees) > self.most:
            raise ValidationError(_("请填写度数，例如 39.915。"))
        return round(float(degrees), 6)

    def cell(self, value: Any) -> Any:
        return value


class Hours(Field):
    """The opening hours of a day: spans, or a word for closed; kept in one form."""

    longest = 60

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        text = str(value).strip()
        if text in ("不开放", str(_("不开放"))):
            return ""
        try:
            kept = write_hours(read_hours(text))
        except ValueError:
            kept = ""
        if not kept or len(kept) > self.longest:
            raise ValidationError(
                _("请填写时间段，例如 09:00-12:00 14:00-21:00；不开放请填“不开放”。")
            )
        return kept

    def show(self, value: Any) -> str:
        return str(_("不开放")) if value == "" else str(value or "")


class Ref(Field):
    """A row of another table, named by its key (or by its name, where that is unambiguous)."""

    asks = "ref"

    def __init__(self, label: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.offered = offered

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()


def _no_day() -> date:
    raise ValidationError(_("请填写日期，例如 2026-03-01。"))
