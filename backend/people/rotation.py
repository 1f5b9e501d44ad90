"""Moving every encrypted value under the first key of `DATA_KEYS`, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, Text, and_, func, literal, or_, select, type_coerce, update

from backend import config
from backend.db import AnyRow, db, transaction
from backend.people.crypto import Encrypted, decrypt, encrypt, is_current

BATCH = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """The encrypted columns of one table; `key` is its primary key."""

    table: Table
    key: Column[Any]
    columns: tuple[Column[Any], ...]

    def old(self) -> Any:
        """Rows with a value that does not stand under the first key."""
        first = config.current().data_keys[0][0]
        return or_(
            *(
                and_(column.is_not(None), raw(column).not_like(f"{first}:%"))
                for column in self.columns
            )
        )


def raw(column: Column[Any]) -> Any:
    """The column as it is stored, not decrypted."""
    return type_coerce(column, Text)


def sealed_tables() -> list[Sealed]:
    """Every table with encrypted columns, found from the metadata: none can be forgotten."""
    found = []
    for table in db.metadata.sorted_tables:
        columns = tuple(column for column in table.columns if isinstance(column.type, Encrypted))
        if columns:
            [key] = table.primary_key.columns
            found.append(Sealed(table, key, columns))
    return found


def count_old(sealed: Sealed) -> int:
    """How many rows still have a value under another key."""
    counted = select(func.count()).select_from(sealed.table).where(sealed.old())
    return db.session.scalar(counted) or 0


def rotate(sealed: Sealed, batch: int = BATCH) -> Iterator[int]:
    """Re-encrypt what stands under other keys; yields the rows of each batch once committed.

    It may be stopped and started again at any time. A value that changes meanwhile is left alone:
    whoever wrote it used the first key. Raises DecryptionFailed where a key is missing.
    """
    last: Any = None
    while True:
        with transaction() as session:
            query = select(
                sealed.key, *(raw(column).label(column.name) for column in sealed.columns)
            )
            query = query.where(sealed.old()).order_by(sealed.key).limit(batch)
            rows = session.execute(query if last is None else query.where(sealed.key > last)).all()
            for row in rows:
                _reseal(sealed, row)
        if not rows:
            return
        last = rows[-1][0]
        yield len(rows)


def _reseal(sealed: Sealed, row: AnyRow) -> None:
    for column in sealed.columns:
        value = getattr(row, column.name)
        if value is None or is_current(value):
            continue
        db.session.execute(
            update(sealed.table)
            .where(sealed.key == row[0], raw(column) == value)
            .values({column: literal(encrypt(decrypt(value)), Text)})
        )
