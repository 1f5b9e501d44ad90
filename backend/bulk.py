"""Many rows of one table in few statements: for what writes tens of thousands at once.

PostgreSQL gets a chunk as arrays side by side in one statement; SQLite runs a prepared statement
once a row, which costs it little.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, Update, and_, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from backend.arrays import Rows

CHUNK = 5000
"""Rows of one statement."""

Row = Sequence[Any]

Told = Callable[[int], None]
"""Told how many more rows stand."""


def silent(count: int) -> None:
    """Nobody watches: the default."""


def new_ids(session: Session, table: Table, count: int) -> list[int]:
    """Ids for rows that are to be inserted, so that other rows can name them beforehand."""
    if session.get_bind().dialect.name == "postgresql":
        numbers = func.generate_series(1, count).table_valued("number")
        next_id = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
        return list(session.scalars(select(next_id).select_from(numbers)))
    last = session.scalar(select(func.max(table.c.id))) or 0  # nobody else writes meanwhile
    return list(range(last + 1, last + 1 + count))


def insert_each(
    session: Session, table: Table, names: Sequence[str], rows: Sequence[Row],
    same: Mapping[str, Any], told: Told = silent,
) -> None:  # fmt: skip
    """Insert `rows`, which hold the columns `names` in that order; `same`: what all have alike.

    Columns named in neither are left to the database.
    """
    alike = [literal(value, table.c[name].type) for name, value in same.items()]
    for those, each in _chunks(session, table, names, rows):
        if each is None:
            values = [{**one, **same} for one in _named(names, those)]
            session.connection().execute(insert(table), values)
        else:
            listed = [each.table.c[name] for name in names]
            source = select(*listed, *alike).order_by(each.table.c.no)
            statement = insert(table).from_select([*names, *same], source, include_defaults=False)
            session.execute(statement, each.lists(those))
        told(len(those))


def update_each(
    session: Session, table: Table, keys: Sequence[str], names: Sequence[str],
    rows: Sequence[Row], told: Told = silent,
) -> None:  # fmt: skip
    """Set the columns `names` of those found by `keys`; each of `rows` holds keys, then values."""
    columns = [*keys, *names]
    for those, each in _chunks(session, table, columns, rows):
        if each is None:
            sent = [f"new_{name}" for name in columns]
            source: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
            execute, values = session.connection().execute, _named(sent, those)
            execute(_update(table, keys, names, source), values)
        else:
            statement = _update(table, keys, names, each.table.c)
            session.execute(
                statement.execution_options(synchronize_session=False), each.lists(those)
            )
        told(len(those))


def _update(table: Table, keys: Sequence[str], names: Sequence[str], source: Any) -> Update:
    by_key = and_(*(table.c[key] == source[key] for key in keys))
    return update(table).where(by_key).values({name: source[name] for name in names})


def _chunks(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> Iterator[tuple[Sequence[Row], Rows | None]]:
    on_arrays = session.get_bind().dialect.name == "postgresql"
    each = Rows("each", {name: table.c[name].type for name in columns}) if on_arrays else None
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK], each


def _named(names: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
