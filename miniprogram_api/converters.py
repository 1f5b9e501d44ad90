"""Ids in addresses: positive whole numbers of a size the tables can hold; others are not found."""

from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**53 - 1  # what JavaScript counts exactly


class IdConverter(IntegerConverter):
    """`<id:run_id>`."""

    regex = r"[1-9]\d{0,15}"

    def __init__(self, map: Any) -> None:
        super().__init__(map, min=1, max=LARGEST_ID)


def id_parameter(_converter: IdConverter) -> dict[str, Any]:
    """How the OpenAPI document describes such an id."""
    return {"type": "integer", "format": "int64", "minimum": 1, "maximum": LARGEST_ID}
