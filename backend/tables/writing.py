"""Writes to any table: validated by its schema, audited, and never over another's change."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy import ColumnElement, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import Model, RunAgain, table_of
from backend.errors import Invalid, NotAllowed
from backend.staff import audit, meanwhile
from backend.staff.access import SignedInStaff
from backend.staff.meanwhile import Original
from backend.tables.fields import Ref
from backend.tables.reading import choices_of, get_row, shown
from backend.tables.table import Choices, Table

T = TypeVar("T")
Values = dict[str, Any]


def check_may_edit(me: SignedInStaff, table: Table) -> None:
    """Raises NotAllowed."""
    if not table.may_edit(me):
        raise NotAllowed()


def load(
    session: Session, table: Table, choices: Mapping[str, Choices], given: Values,
    row: RowMapping | None = None,
) -> Values:  # fmt: skip
    """Values fit for the table from what was typed. Raises Invalid by field.

    Of a `row` that exists only what may still be changed is looked at, and a reference to what
    the editor cannot see stays as it is.
    """
    fields = table.fields()
    fixed = set() if row is None else _fixed(table, choices, row)
    wrong: dict[str, Any] = {}
    try:
        values = table.schema(exclude=fixed).load(
            {name: value for name, value in given.items() if name in fields and name not in fixed}
        )
    except ValidationError as error:
        wrong = {name: _sentences(said) for name, said in error.messages_dict.items()}
        values = dict(error.valid_data or {})
    for name, field in fields.items():
        if isinstance(field, Ref) and values.get(name) is not None and name not in wrong:
            found = choices[name].find(values[name])
            if found is None:
                sentence = _("没有“%(key)s”，或者它不在您的管理范围内。", key=values[name])
                wrong[name] = [sentence]
            values[name] = found
    if not wrong:
        ident = 0 if row is None else row["_id"]
        wrong = _broken_rules(table, values, choices) or _taken(session, table, values, ident)
    if wrong:
        raise Invalid(wrong)
    return dict(values)


def _sentences(said: Any) -> list[str]:
    """A lazy sentence is no list, nor a text to marshmallow."""
    return [str(one) for one in said] if isinstance(said, list) else [str(said)]


def _broken_rules(table: Table, values: Values, choices: Mapping[str, Choices]) -> dict[str, Any]:
    for rule in table.rules:
        try:
            rule(values, choices)
        except Invalid as broken:
            return broken.errors
    return {}


def _fixed(table: Table, choices: Mapping[str, Choices], row: RowMapping) -> set[str]:
    def out_of_sight(name: str) -> bool:
        return row.get(name) is not None and not choices[name].key_of(row[name])

    return {
        name
        for name, field in table.fields().items()
        if field.only_new or (isinstance(field, Ref) and out_of_sight(name))
    }


def _taken(session: Session, table: Table, values: Values, ident: int) -> dict[str, Any]:
    """The key is unique everywhere, also beyond what the editor can see."""
    for name in filter(None, (table.key, *table.unique)):
        column: ColumnElement[Any] = table.columns[name]
        if values.get(name) is None:
            continue
        same = select(table.ident).where(column == values[name], table.ident != ident)
        if session.execute(same).first() is not None:
            if isinstance(table.fields()[name], Ref):
                return {name: [_("已经有别的记录选了它。")]}
            return {name: [_("“%(key)s”已经有了。", key=values[name])]}
    return _taken_together(session, table, values, ident)


def _taken_together(session: Session, table: Table, values: Values, ident: int) -> dict[str, Any]:
    if not table.together or any(values.get(name) is None for name in table.together):
        return {}
    same = [table.columns[name] == values[name] for name in table.together]
    found = select(table.ident).where(*same, table.ident != ident)
    if session.execute(found).first() is None:
        return {}
    last = table.together[-1]
    key = table.fields()[last].show(values[last])
    return {last: [_("“%(key)s”已经有了。", key=key)]}


def create_row(
    session: Session, me: SignedInStaff, table: Table, given: Values, now: datetime
) -> int:
    """A new row; its id. Raises NotAllowed, Invalid."""
    check_may_edit(me, table)
    choices = choices_of(session, me, table)
    values = load(session, table, choices, given)
    return write_new(session, me, table, choices, values, now)


def write_new(
    session: Session, me: SignedInStaff, table: Table, choices: Mapping[str, Choices],
    values: Values, now: datetime,
) -> int:  # fmt: skip
    """Write validated values as a new row, with its audit; its id."""
    ident = _unless_raced(lambda: table.create(session, me, values, now))
    after = get_row(session, me, table, ident)
    audit.record(
        session, me.staff_id, "table.create", table.subject, ident,
        after=shown(table, after, choices), place_id=after.get("_place_id"),
    )  # fmt: skip
    return ident


def change_row(
    session: Session, me: SignedInStaff, table: Table, ident: int, given: Values,
    original: Original | None, now: datetime,
) -> None:  # fmt: skip
    """Change a row that stands as the editor saw it (`original`).

    Raises NotAllowed, NotFound, Invalid, ChangedMeanwhile.
    """
    check_may_edit(me, table)
    choices = choices_of(session, me, table)
    row = get_row(session, me, table, ident, locked=True)
    stands = shown(table, row, choices)
    labels = {name: field.label for name, field in table.fields().items()}
    meanwhile.check(session, original, stands, labels, [(table.subject, ident)])
    values = load(session, table, choices, given, row)
    write_change(session, me, table, choices, ident, values, now)


def write_change(
    session: Session, me: SignedInStaff, table: Table, choices: Mapping[str, Choices],
    ident: int, values: Values, now: datetime,
) -> None:  # fmt: skip
    """Write validated values over a row, with the audit of what changed."""
    row = get_row(session, me, table, ident, locked=True)
    before = shown(table, row, choices)
    changed = {
        name: value for name, value in values.items()
        if name in table.columns and row.get(name) != value
    }  # fmt: skip
    if not changed:
        audit.unchanged(session)
        return
    _unless_raced(lambda: table.change(session, me, ident, changed, now))
    session.flush()
    after = shown(table, {**row, **changed}, choices)
    audit.record(
        session, me.staff_id, "table.change", table.subject, ident,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed}, place_id=row.get("_place_id"),
    )  # fmt: skip


def _unless_raced(write: Callable[[], T]) -> T:
    try:
        return write()
    except IntegrityError as error:
        raise RunAgain() from error  # somebody took the key meanwhile: the next try sees it


def insert_into(model: type[Model]) -> Any:
    """`create` of a table whose fields are the model's columns."""

    def create(session: Session, _me: SignedInStaff, values: Values, _now: datetime) -> int:
        statement = insert(table_of(model)).values(values).returning(table_of(model).c.id)
        return int(session.execute(statement).scalar_one())

    return create


def update_of(model: type[Model]) -> Any:
    """`change` of a table whose fields are the model's columns."""

    def change(
        session: Session, _me: SignedInStaff, ident: int, values: Values, _now: datetime
    ) -> None:
        table = table_of(model)
        session.execute(update(table).where(table.c.id == ident).values(values))

    return change
