"""The limits WeChat puts on the fields of a subscribe message, checked before it refuses them.

A field's key is its type and a number (`thing1`, `time2`). Source: the parameter table of
`subscribeMessage.send` in WeChat's documentation.
"""

import re
from collections.abc import Callable, Mapping

ELLIPSIS = "…"

_KEY = re.compile(r"([a-z_]+?)(\d+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DAY = r"(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}([-/.])\d{1,2}\1\d{1,2})"
_DAY_AGAIN = r"(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}([-/.])\d{1,2}\2\d{1,2})"
_SHORT_DAY = r"\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日"

_SHAPES: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r".{1,20}"),
    "number": re.compile(r"(?=.{1,32}\Z)-?\d+(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(rf"[^\w\s{_HAN}]{{1,5}}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "time": re.compile(rf"(?:{_DAY} ?)?{_CLOCK}(?: ?~ ?(?:{_DAY_AGAIN} ?)?{_CLOCK})?"),
    "date": re.compile(
        rf"(?:{_DAY}|{_SHORT_DAY})(?: ?{_CLOCK})?"
        rf"(?: ?~ ?(?:(?:{_DAY_AGAIN}|{_SHORT_DAY})(?: ?{_CLOCK})?|{_CLOCK}))?"
    ),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d{1,2})?元?"),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}"),
    "car_number": re.compile(rf"[{_HAN}]?[A-Za-z0-9·-]{{1,7}}[{_HAN}]?"),
    "name": re.compile(rf"(?=.*[{_HAN}]).{{1,10}}|[^{_HAN}]{{1,20}}"),
    "phrase": re.compile(rf"[{_HAN}]{{1,5}}"),
    # Only the template knows the values of an enum; WeChat checks them.
    "enum": re.compile(r".+"),
}


class FieldProblem(ValueError):
    """A value cannot be brought into the shape its field needs; `field` names it."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{value!r} does not fit the message field {field}")
        self.field = field


def is_valid(field: str, value: str) -> bool:
    """Whether WeChat would accept `value` in `field`; a field of unknown type accepts nothing."""
    shape = _SHAPES.get(_kind(field))
    if shape is None or _CONTROL.search(value) or not value.strip():
        return False
    fits = shape.fullmatch(value) is not None
    return fits and (_kind(field) != "car_number" or len(value) <= 8)


def fit(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The `data` object of a subscribe message, with values shortened where that does no harm.

    Free text is cut to its limit (`thing` to 19 characters and an ellipsis), line breaks become
    blanks. Raises FieldProblem for anything else that WeChat would refuse: a cut time, amount or
    phrase would say something untrue.
    """
    return {field: {"value": _fit_one(field, value)} for field, value in data.items()}


def _fit_one(field: str, value: str) -> str:
    text = _CONTROL.sub(" ", value).strip()
    shorten = _SHORTEN.get(_kind(field))
    text = shorten(text) if shorten else text
    if not is_valid(field, text):
        raise FieldProblem(field, value)
    return text


def _kind(field: str) -> str:
    found = _KEY.fullmatch(field)
    return found.group(1) if found else ""


def _shorten_thing(text: str) -> str:
    return text if len(text) <= 20 else text[:19].rstrip() + ELLIPSIS


def _shorten_name(text: str) -> str:
    limit = 10 if re.search(f"[{_HAN}]", text) else 20
    return text[:limit].rstrip()


_SHORTEN: dict[str, Callable[[str], str]] = {
    "thing": _shorten_thing,
    "name": _shorten_name,
    "character_string": lambda text: text[:32].rstrip(),
}
