"""The read-only audit behind `xingfu check`: what must hold, one statement each.

A statement selects the rows that break its rule, so a sound database answers every one with
nothing. Being single statements, they may run on a live system: each sees one moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from backend.db import UtcDateTime


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: a name, a sentence, and the SQL that finds what breaks it.

    The SQL may use :late (now less the grace period) and the lists of words in `lists`. With
    `only` it runs on that database alone, because the other one cannot break it.
    """

    name: str
    sentence: str
    sql: str
    lists: tuple[tuple[str, Sequence[str]], ...] = ()
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: the rows that break it, as column names and values."""

    check: Check
    rows: list[dict[str, Any]]


def run(connection: Connection, checks: Sequence[Check], late: datetime) -> Iterator[Finding]:
    """Each check that fits this database, with the rows that break it (none: it holds)."""
    for check in checks:
        if check.only in (None, connection.dialect.name):
            yield Finding(check, _broken(connection, check, late))


def _broken(connection: Connection, check: Check, late: datetime) -> list[dict[str, Any]]:
    statement = text(check.sql)
    if ":late" in check.sql:
        statement = statement.bindparams(bindparam("late", late, type_=UtcDateTime))
    for name, listed in check.lists:
        statement = statement.bindparams(bindparam(name, list(listed), expanding=True))
    return [dict(row) for row in connection.execute(statement).mappings()]
