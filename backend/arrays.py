"""A list of rows as parameters of one statement: how a whole batch is asked or written at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Integer, bindparam, column, func, select
from sqlalchemy.types import TypeEngine


class Rows:
    """Arrays side by side as a table of PostgreSQL's, its rows numbered from 1 in `no`.

    `table.c` has the named columns; `values(rows)` are the parameters to send.
    """

    def __init__(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        self._kinds = {f"{name}_{key}": kind for key, kind in columns.items()}
        # Behind a SELECT the planner does not see how long the arrays are: it would plan for each
        # length anew, which costs more than the statement itself.
        arrays = [
            select(bindparam(key, type_=ARRAY(kind))).scalar_subquery()
            for key, kind in self._kinds.items()
        ]
        listed = [column(key, kind) for key, kind in columns.items()]
        self.table = (
            func.unnest(*arrays)
            .table_valued(*listed, with_ordinality="no", name=name)
            .render_derived()
        )

    def lists(self, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """The same as `values` for a statement that goes by way of SQLAlchemy."""
        return dict(zip(self._kinds, map(list, zip(*rows, strict=True)), strict=True))

    def values(self, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """One array per column; each row holds its values in the order of the columns.

        For `Prepared` statements, which hand them to the driver as they are.
        """
        listed = list(zip(*rows, strict=True)) or [()] * len(self._kinds)
        arrays = zip(self._kinds.items(), listed, strict=True)
        return {key: _array(kind, values) for (key, kind), values in arrays}


def _array(kind: TypeEngine[Any], values: Sequence[Any]) -> object:
    """Numbers as text: by their size the driver would call them this type or that."""
    if not isinstance(kind, Integer):
        return list(values)
    return f"{{{','.join(map(str, values))}}}".replace("None", "NULL")
