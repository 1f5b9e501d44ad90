"""Spreadsheets into a table: every row is looked at first, then all are written or none."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import orjson
from flask_babel import gettext as _
from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from backend import spreadsheets
from backend.errors import Invalid, Refusal
from backend.spreadsheets import Column, Line
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.errors import ChangedMeanwhile
from backend.tables.fields import Ref
from backend.tables.reading import choices_of, rows_for_export, shown
from backend.tables.table import Choices, Option, Table
from backend.tables.writing import (
    Values,
    check_may_edit,
    load,
    write_change,
    write_new,
)
from backend.venues import changing_hours
from backend.venues.changing_hours import Looked

NEW, CHANGED, UNCHANGED, BAD = "new", "changed", "unchanged", "bad"


@dataclass(slots=True)
class Planned:
    """What would become of one line of the sheet."""

    number: int
    kind: str
    name: str
    ident: int | None = None
    values: Values = field(default_factory=dict)
    changes: list[dict[str, str]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def number_heading() -> str:
    """The heading of the column that names a row which has no code of its own."""
    return str(_("编号"))


def columns(table: Table) -> list[Column]:
    """The columns of the table's sheets."""
    headings = [
        Column(str(one.label) + ("*" if one.required else ""), one.width)
        for one in table.fields().values()
    ]
    return headings if table.key else [Column(number_heading(), 8), *headings]


def export(session: Session, me: SignedInStaff, table: Table, text: str | None = None) -> bytes:
    """What the list shows, as XLSX that can be changed and sent back."""
    rows = rows_for_export(session, me, table, text)
    return spreadsheets.write(str(table.title), columns(table), rows)


def template(table: Table) -> bytes:
    """An empty sheet with the headings."""
    return spreadsheets.write(str(table.title), columns(table), [])


def read(table: Table, packed: bytes) -> list[Line]:
    """The lines of an uploaded sheet. Raises Invalid."""
    fields = table.fields()
    headings = [str(one.label) for one in fields.values()]
    needed = [str(one.label) for one in fields.values() if one.required]
    lines = spreadsheets.read(packed, [*headings, number_heading()], needed)
    return [
        Line(line.number, {heading: _plain(cell) for heading, cell in line.cells.items()})
        for line in lines
    ]


def _plain(cell: Any) -> Any:
    """A cell as it is carried from the preview to its confirmation: text, numbers, nothing."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, str | int | float | None):
        return cell
    return str(cell)


def plan(
    session: Session, me: SignedInStaff, table: Table, lines: Sequence[Line], now: datetime
) -> list[Planned]:
    """Every line as new, changed, unchanged or bad; whatever a rehearsal writes is taken back.

    Raises NotAllowed.
    """
    check_may_edit(me, table)
    rehearsal = session.begin_nested()
    try:
        return _plan(session, me, table, lines, now)
    finally:
        rehearsal.rollback()


def _plan(
    session: Session, me: SignedInStaff, table: Table, lines: Sequence[Line], now: datetime
) -> list[Planned]:
    choices = choices_of(session, me, table)
    rows = _rows_by_key(session, me, table)
    seen: dict[str, int] = {}
    planned = []
    for line in lines:
        one = _plan_line(session, me, table, choices, rows, line)
        key = _key(table, line)
        if key and key in seen:
            one.kind, one.errors = BAD, one.errors | {
                _key_heading(table): _("与第 %(number)s 行重复。", number=seen[key])
            }  # fmt: skip
        elif key:
            seen[key] = line.number
        if table.own_parent and one.kind == NEW:
            choices[table.own_parent].add(_as_option(-line.number, key, one.values))
        if table.rehearsed and one.kind == NEW:
            _rehearse(session, me, table, one, now)
        planned.append(one)
    return planned


def _rehearse(
    session: Session, me: SignedInStaff, table: Table, one: Planned, now: datetime
) -> None:
    try:
        with session.begin_nested():
            table.create(session, me, one.values, now)
    except Invalid as invalid:
        _bad(one, _by_heading(table, invalid))
    except Refusal as refusal:
        _bad(one, {str(table.noun): str(refusal)})


def _as_option(ident: int, key: str, values: Values) -> Option:
    """A row as something rows below it may point at; a negative id stands for a line."""
    return Option(ident, key, values["name"], values.get("kind"))


def _rows_by_key(session: Session, me: SignedInStaff, table: Table) -> dict[str, RowMapping]:
    named = [column.label(name) for name, column in table.columns.items()]
    rows = session.execute(
        select(table.ident.label("_id"), *named).select_from(table.source).where(table.scope(me))
    ).mappings()
    return {str(row[table.key] if table.key else row["_id"]): row for row in rows}


def _key_heading(table: Table) -> str:
    return str(table.fields()[table.key].label) if table.key else number_heading()


def _key(table: Table, line: Line) -> str:
    value = line.cells.get(_key_heading(table))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _plan_line(
    session: Session, me: SignedInStaff, table: Table, choices: dict[str, Choices],
    rows: Mapping[str, RowMapping], line: Line,
) -> Planned:  # fmt: skip
    fields = table.fields()
    key = _key(table, line)
    row = rows.get(key)
    given = {
        name: value for name, one in fields.items()
        if (value := line.cells.get(str(one.label))) not in (None, "")
    }  # fmt: skip
    named = given.get("name") or given.get("title") or next(iter(given.values()), "")
    planned = Planned(line.number, NEW, str(named) if key in ("", named) else f"{key} {named}")
    if not table.key and key and row is None:
        return _bad(planned, {number_heading(): _("没有这个编号，新增时请留空。")})
    if row is not None:
        # A column the sheet does not have keeps its value.
        given = {
            name: value for name, value in shown(table, row, choices).items()
            if value and str(fields[name].label) not in line.cells
        } | given  # fmt: skip
    try:
        planned.values = load(session, table, choices, given, row)
    except Invalid as invalid:
        return _bad(planned, _by_heading(table, invalid))
    if row is None:
        return planned
    planned.ident = int(row["_id"])
    planned.changes = _changes(table, choices, row, planned.values)
    planned.kind = CHANGED if planned.changes else UNCHANGED
    return planned


def _changes(
    table: Table, choices: dict[str, Choices], row: RowMapping, values: Values
) -> list[dict[str, str]]:
    found = []
    for name, one in table.fields().items():
        if name not in values or name not in table.columns or row.get(name) == values[name]:
            continue
        if isinstance(one, Ref):
            was, now = (choices[name].key_of(at) for at in (row.get(name), values[name]))
        else:
            was, now = one.show(row.get(name)), one.show(values[name])
        found.append({"label": str(one.label), "was": was, "now": now})
    return found


def _bad(planned: Planned, errors: dict[str, str]) -> Planned:
    planned.kind, planned.errors = BAD, errors
    return planned


def _by_heading(table: Table, invalid: Invalid) -> dict[str, str]:
    fields = table.fields()
    return {
        str(fields[name].label) if name in fields else name: " ".join(map(str, sentences))
        for name, sentences in invalid.errors.items()
    } or {str(table.noun): str(invalid)}


def fingerprint(planned: Sequence[Planned]) -> str:
    """What was previewed, so that nothing else is written."""
    told = [(one.number, one.kind, one.ident, one.changes) for one in planned]
    return hashlib.blake2b(orjson.dumps(told), digest_size=12).hexdigest()


def outside(
    session: Session, me: SignedInStaff, table: Table, planned: Sequence[Planned], now: datetime
) -> Looked:
    """Whose reservations the lines would leave outside the opening hours; nothing is written."""
    if not table.moves_hours or count(planned)[BAD]:
        return Looked()
    rehearsal = session.begin_nested()
    try:
        with changing_hours.looking(session, me, now) as found:
            _write(session, me, table, planned, now)
    finally:
        rehearsal.rollback()
    return found


def count(planned: Sequence[Planned]) -> dict[str, int]:
    """How many lines of each kind."""
    kinds = [one.kind for one in planned]
    return {kind: kinds.count(kind) for kind in (NEW, CHANGED, UNCHANGED, BAD)}


def apply(
    session: Session, me: SignedInStaff, table: Table, lines: Sequence[Line], previewed: str,
    now: datetime,
) -> dict[str, int]:  # fmt: skip
    """Write all lines, as previewed, or none; how many of each kind.

    Raises Invalid where a line is bad, ChangedMeanwhile where it is not what was previewed.
    """
    planned = plan(session, me, table, lines, now)
    if fingerprint(planned) != previewed:
        raise ChangedMeanwhile(_("预览之后数据有了变化，请重新核对后再确认。"))
    counts = count(planned)
    if counts[BAD]:
        raise Invalid(sentence=_("还有 %(count)s 行有错，全部改好后才能导入。", count=counts[BAD]))
    audit.unchanged(session)
    _write(session, me, table, planned, now)
    return counts


def _write(
    session: Session, me: SignedInStaff, table: Table, planned: Sequence[Planned], now: datetime
) -> None:
    choices = choices_of(session, me, table)
    made: dict[int, int] = {}
    for one in planned:
        if table.own_parent and (parent := one.values.get(table.own_parent)) is not None:
            one.values[table.own_parent] = made.get(parent, parent)
        if one.kind == NEW:
            ident = write_new(session, me, table, choices, one.values, now)
            made[-one.number] = ident
            if table.own_parent:
                choices[table.own_parent].add(_as_option(ident, one.name, one.values))
        elif one.kind == CHANGED and one.ident is not None:
            write_change(session, me, table, choices, one.ident, one.values, now)
