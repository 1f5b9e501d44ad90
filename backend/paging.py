"""Cursor paging: a page starts after the last row of the one before, by fixed columns."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from backend.errors import Invalid


def encode(*values: Any) -> str:
    """The position after a row, opaque to the client."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> list[Any]:
    """The values behind a cursor. Raises Invalid for anything `encode` did not make."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        values = None
    fits = isinstance(values, list) and len(values) == len(kinds)
    if not fits or not all(type(value) is kind for value, kind in zip(values, kinds, strict=True)):
        raise Invalid({"cursor": ["not a cursor of this list"]})
    assert isinstance(values, list)
    return values


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
