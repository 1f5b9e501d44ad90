"""Cursor paging: a page starts after the last row of the one before, by fixed columns."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
from flask_babel import gettext as _

from backend.errors import Invalid

LARGEST = 2**53


def encode(*values: Any) -> str:
    """The position after a row, opaque to the client."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> list[Any]:
    """The values behind a cursor: text, whole numbers, or aware moments (`datetime`).

    Raises Invalid for anything `encode` did not make.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list):
            raise ValueError("not a list")
        return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, binascii.Error) as error:
        raise Invalid({"cursor": [_("列表已更新，请从头再看一次。")]}) from error


def _read(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        value = datetime.fromisoformat(value)
        if value.tzinfo is None or not 2000 <= value.year < 2200:
            raise ValueError("not a moment of ours")
    if type(value) is not kind or (isinstance(value, int) and abs(value) > LARGEST):
        raise ValueError("of another kind")
    return value


def page(
    rows: Sequence[Any],
    limit: int,
    position: Callable[[Any], tuple[Any, ...]],
    shape: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """`{"items": …, "next_cursor": …}` from up to `limit + 1` rows."""
    more = len(rows) > limit
    shown = rows[:limit]
    return {
        "items": [shape(row) for row in shown],
        "next_cursor": encode(*position(shown[-1])) if more else None,
    }
