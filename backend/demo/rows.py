"""Where the demo's rows are gathered before they are written, and the dice they are drawn with."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sqlalchemy import Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from backend.db import Base, table_of

Row = dict[str, Any]


def dice(what: str) -> Random:
    """A random source of its own for each part: changing one part leaves the others as they are."""
    return Random(f"xingfu demo: {what}")  # noqa: S311 - the same district for everybody


class Rows:
    """Rows by table, ids given from 1 on."""

    def __init__(self) -> None:
        self._of: dict[Table, list[Row]] = {}

    def add(self, model: type[Base], **values: Any) -> int:
        """Keep a row and return the id it is given."""
        rows = self._of.setdefault(table_of(model), [])
        row_id = len(rows) + 1
        rows.append({"id": row_id, **values})
        return row_id

    def put(self, model: type[Base], **values: Any) -> None:
        """Keep a row whose key is not a number of its own."""
        self._of.setdefault(table_of(model), []).append(values)

    def of(self, model: type[Base]) -> list[Row]:
        """The rows of `model` so far."""
        return self._of.get(table_of(model), [])

    def get(self, model: type[Base], row_id: int) -> Row:
        """The row that `add` gave `row_id`."""
        return self.of(model)[row_id - 1]

    def drop(self, model: type[Base], unwanted: Callable[[Row], bool]) -> None:
        """Leave rows out again; for tables nobody asks by id."""
        self._of[table_of(model)] = [row for row in self.of(model) if not unwanted(row)]

    def tables(self) -> Iterator[tuple[Table, list[Row]]]:
        """Every table that has rows, with rows that all name the same columns."""
        for table, rows in self._of.items():
            defaults = {name: _default(table, name) for row in rows for name in row}
            yield table, [defaults | row for row in rows]


def _default(table: Table, column: str) -> Any:
    default = table.c[column].default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None
