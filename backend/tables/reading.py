"""Reads of any table: the list, one row, what its references can point at."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, func, or_, select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.staff.access import SignedInStaff
from backend.tables.fields import At, Ref
from backend.tables.table import Choices, Row, Table

PAGE = 50
MOST_EXPORTED = 20_000


def choices_of(session: Session, me: SignedInStaff, table: Table) -> dict[str, Choices]:
    """What each reference of the table can point at, one read per kind."""
    known: dict[Any, Choices] = {}
    found = {}
    for name, field in table.fields().items():
        if isinstance(field, Ref):
            if field.offered not in known:
                known[field.offered] = Choices(field.offered(session, me))
            found[name] = known[field.offered]
    return found


def shown(table: Table, row: RowMapping | Row, choices: Mapping[str, Choices]) -> dict[str, str]:
    """A row as a form holds it: text by field."""
    return {
        name: choices[name].key_of(row.get(name)) if isinstance(field, Ref)
        else field.show(row.get(name))
        for name, field in table.fields().items()
    }  # fmt: skip


def _base(me: SignedInStaff, table: Table) -> Any:
    columns = [column.label(name) for name, column in table.columns.items()]
    extra = [] if table.place_of is None else [table.place_of.label("_place_id")]
    return (
        select(table.ident.label("_id"), *columns, *extra)
        .select_from(table.source)
        .where(table.scope(me))
    )


def _searched(table: Table, query: Any, text: str | None) -> Any:
    if not text:
        return query
    return query.where(or_(*(column.contains(text, autoescape=True) for column in table.search)))


def list_rows(
    session: Session, me: SignedInStaff, table: Table, *, text: str | None = None,
    sort: str | None = None, page: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """One page of the rows in reach, as words; sorted by a listed column, `-` before it: down."""
    query = _searched(table, _base(me, table), text)
    total = session.scalar(
        _searched(
            table,
            select(func.count()).select_from(table.source).where(table.scope(me)),
            text,
        )
    )
    name, down = (sort or "").removeprefix("-"), (sort or "").startswith("-")
    if name in table.columns and name in table.listed():
        column = table.columns[name]
        query = query.order_by(column.desc() if down else column, table.ident)
    else:
        query = query.order_by(*table.order, table.ident)
    rows = session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).mappings().all()
    choices = choices_of(session, me, table)
    return {
        "items": [{"id": row["_id"], "cells": _words(table, row, choices)} for row in rows],
        "total": total,
        "page": page,
        "pages": max(1, -(-(total or 0) // PAGE)),
    }


def _words(table: Table, row: RowMapping, choices: Mapping[str, Choices]) -> list[str]:
    cells = []
    for name, field in table.listed().items():
        value = row.get(name)
        if isinstance(field, Ref):
            cells.append(choices[name].labels.get(value, "") if value is not None else "")
        else:
            shows = field.show(value)
            cells.append(shows.replace("T", " ") if isinstance(field, At) else shows)
    return cells


def rows_for_export(
    session: Session, me: SignedInStaff, table: Table, text: str | None = None
) -> list[Sequence[Any]]:
    """Every row in reach that the search finds, as the cells of a sheet."""
    query = _searched(table, _base(me, table), text).order_by(*table.order, table.ident)
    choices = choices_of(session, me, table)
    lines: list[Sequence[Any]] = []
    for row in session.execute(query.limit(MOST_EXPORTED)).mappings():
        line: list[Any] = [] if table.key else [row["_id"]]
        for name, field in table.fields().items():
            if isinstance(field, Ref):
                line.append(choices[name].key_of(row.get(name)) or None)
            else:
                line.append(field.cell(row.get(name)))
        lines.append(line)
    return lines


def get_row(
    session: Session, me: SignedInStaff, table: Table, ident: int, *, locked: bool = False
) -> RowMapping:
    """One row's values. Raises NotFound for what is not there or out of reach."""
    if locked:  # outer joins cannot be locked as a whole: lock the row itself first
        session.execute(
            select(table.ident).where(table.ident == ident).with_for_update()
        )  # fmt: skip
    row = session.execute(_base(me, table).where(table.ident == ident)).mappings().first()
    if row is None:
        raise NotFound()
    return row
