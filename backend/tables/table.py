"""What a table is: one entry here gives a list, a form, and spreadsheets in and out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from marshmallow import Schema
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.orm import Session

from backend.db import Model
from backend.staff.access import SignedInStaff
from backend.tables.fields import Field

Row = Mapping[str, Any]
MANY = 300
"""More choices than that are found by typing."""


class Option(NamedTuple):
    """Something a reference may point at. `about`: what rules ask of it."""

    id: int
    key: str
    label: str
    about: Any = None


class Choices:
    """What a reference can point at, within the reach of whoever asks."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = options
        self.keys = {one.id: one.key for one in options}
        self.labels = {one.id: one.label for one in options}
        self.about = {one.id: one.about for one in options}
        self._ids: dict[str, int | None] = {}
        for one in options:  # a name that several have names none of them
            self._ids[one.label] = None if one.label in self._ids else one.id
        self._ids |= {one.key: one.id for one in options}

    def add(self, one: Option) -> None:
        """One more, such as a row further up in the same sheet."""
        self.keys[one.id], self.labels[one.id], self.about[one.id] = one.key, one.label, one.about
        self._ids[one.label] = None if one.label in self._ids else one.id
        self._ids[one.key] = one.id

    def key_of(self, ident: int | None) -> str:
        """The key of an id; empty for none, or for what is out of reach."""
        return "" if ident is None else self.keys.get(ident, "")

    @property
    def are_many(self) -> bool:
        """Too many to choose from by scrolling."""
        return len(self.options) > MANY

    def typed(self) -> list[tuple[str, str]]:
        """What a form takes for each, with what it says beside it: the name, or the key where
        several are called the same.
        """
        return [
            (one.label, one.key) if self.find(one.label) == one.id else (one.key, one.label)
            for one in self.options
        ]

    def find(self, text: str) -> int | None:
        """The id behind a key or an unambiguous name."""
        return self._ids.get(text)


Options = Callable[[Session, SignedInStaff], Sequence[Option]]
Rule = Callable[[dict[str, Any], Mapping[str, Choices]], None]
"""What must hold between fields; raises Invalid by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    `subject` is what the audit calls a row's kind. `schema` is made of `fields.Field`s in the
    order of the columns; `columns` says where each is read from (a field without one is asked for,
    and not kept as such). `key` names the unique field by which a sheet's rows are recognised;
    None: by their number. `unique` names further fields that no two rows share, `together` those of
    which no two rows share all. `create` and
    `change` write what was validated; `place_of` is for the audit. `own_parent` names the reference
    that may point at a row further up in the same sheet. `page` is the endpoint, with its argument,
    of a page of the row's own. `rehearsed`: whether a row can be made shows only by making it, so a
    preview does, and takes it back. `moves_hours`: rooms may be closed by it that somebody has
    reserved, so who would be hit is shown first, and who is hit after a change.
    """

    name: str
    subject: str
    title: Any
    noun: Any
    drawing: str
    schema: type[Schema]
    source: FromClause
    ident: ColumnElement[int]
    columns: Mapping[str, ColumnElement[Any]]
    scope: Callable[[SignedInStaff], ColumnElement[bool]]
    may_edit: Callable[[SignedInStaff], bool]
    search: Sequence[ColumnElement[Any]]
    order: Sequence[ColumnElement[Any]]
    create: Callable[[Session, SignedInStaff, dict[str, Any], datetime], int]
    change: Callable[[Session, SignedInStaff, int, dict[str, Any], datetime], None]
    key: str | None = None
    unique: Sequence[str] = ()
    together: Sequence[str] = ()
    place_of: ColumnElement[int] | None = None
    pictures: type[Model] | None = None
    page: tuple[str, str] | None = None
    note: Any = None
    rules: Sequence[Rule] = ()
    own_parent: str | None = None
    rehearsed: bool = False
    moves_hours: bool = False

    def fields(self) -> dict[str, Field]:
        """The columns in their order."""
        return _fields_of(self.schema)

    def listed(self) -> dict[str, Field]:
        """The columns that the list shows."""
        return {name: one for name, one in self.fields().items() if one.listed}


@cache
def _fields_of(schema: type[Schema]) -> dict[str, Field]:
    """Made once: a schema copies its fields, and a sheet asks for them line by line."""
    return {name: one for name, one in schema().fields.items() if isinstance(one, Field)}
