"""Opening balances from a spreadsheet: every row is looked at first, each person gets it once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import spreadsheets
from backend.booking.service import Actor
from backend.canteen.accounts import crediting_each
from backend.canteen.accounts.errors import BalancesChanged
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.accounts.till import KEEP, access_canteen
from backend.db import AnyRow, table_of
from backend.desk.reach import reaches
from backend.errors import Invalid
from backend.money import fen_of
from backend.people import crypto
from backend.people.models import Person
from backend.spreadsheets import Column, Line
from backend.staff import audit
from backend.staff.access import SignedInStaff

NAME, PHONE, BORN, YUAN = "姓名", "手机", "出生日期", "余额（元）"
_CHUNK = 400
_entry = table_of(Entry)


@dataclass(slots=True)
class Planned:
    """What would become of one row: an amount for a person, or what is wrong with it."""

    number: int
    name: str
    fen: int | None
    person_id: int | None = None
    error: str | None = None
    done: bool = False


def template() -> bytes:
    """An empty sheet to fill in."""
    columns = [Column(f"{NAME}*"), Column(PHONE), Column(BORN), Column(f"{YUAN}*")]
    return spreadsheets.write(str(_("期初余额")), columns, [])


def read(packed: bytes) -> list[Line]:
    """The rows of an uploaded sheet, every cell as text. Raises Invalid."""
    lines = spreadsheets.read(packed, [NAME, PHONE, BORN, YUAN], [NAME, YUAN])
    return [
        Line(one.number, {head: _text(cell) for head, cell in one.cells.items()}) for one in lines
    ]


def plan(
    session: Session, me: SignedInStaff, canteen_id: int, lines: Sequence[Line]
) -> list[Planned]:
    """Who each row is about, by phone, else by birth date, else by name alone. Raises NotFound."""
    access_canteen(session, me, canteen_id)
    people = _people(session, me, lines)
    planned = [_one(line, people) for line in lines]
    keys = {_key(canteen_id, one.person_id): one for one in planned if one.person_id}
    listed, seen = list(keys), set[int]()
    for start in range(0, len(listed), _CHUNK):
        known = select(_entry.c.key).where(_entry.c.key.in_(listed[start : start + _CHUNK]))
        for key in session.scalars(known):
            keys[key].done = True
    for one in planned:
        if one.person_id in seen:
            one.error = str(_("表里有两行是这位居民。"))
        if one.person_id is not None:
            seen.add(one.person_id)
    return planned


def fingerprint(planned: Sequence[Planned]) -> str:
    """What was shown, to be sure that the same is written."""
    told = repr([(one.number, one.person_id, one.fen, one.error, one.done) for one in planned])
    return hashlib.sha256(told.encode()).hexdigest()


def apply(
    session: Session, me: SignedInStaff, canteen_id: int, lines: Sequence[Line], previewed: str,
    now: datetime,
) -> int:  # fmt: skip
    """Write what was previewed, all of it; how many accounts got their balance.

    Raises NotFound; BalancesChanged where it would be something else by now, as after a second
    click; Invalid where a row is wrong.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    planned = plan(session, me, canteen_id, lines)
    if fingerprint(planned) != previewed:
        raise BalancesChanged()
    if any(one.error for one in planned):
        raise Invalid({"file": [str(_("有的行填写得不对，改好后重新上传。"))]})
    new = [one for one in planned if not one.done]
    crediting_each.credit_each(
        session,
        [
            Credit(
                person_id=one.person_id, kind=EntryKind.OPENING, fen=one.fen,
                key=_key(canteen_id, one.person_id), canteen_id=canteen_id, note="原餐卡余额转入",
            )
            for one in new if one.person_id is not None and one.fen is not None
        ],
        Actor(staff_id=me.staff_id),
        now,
    )  # fmt: skip
    audit.record(
        session, me.staff_id, "meal_account.opening", "canteen", canteen_id,
        after={"people": len(new), "amount_fen": sum(one.fen or 0 for one in new)},
        place_id=canteen.place_id,
    )  # fmt: skip
    return len(new)


def _key(canteen_id: int, person_id: int | None) -> str:
    return f"opening:{canteen_id}:{person_id}"


def _people(
    session: Session, me: SignedInStaff, lines: Sequence[Line]
) -> dict[str, list[AnyRow]]:  # fmt: skip
    """Everybody in reach whom a row may be about, by name."""
    found: dict[str, list[AnyRow]] = {}
    for start in range(0, len(lines), _CHUNK):
        names = {line.cells.get(NAME, "") for line in lines[start : start + _CHUNK]}
        for row in session.execute(
            select(Person.id, Person.name, Person.birth_date, Person.phone_hash).where(
                Person.name.in_(names - found.keys()), Person.merged_into_id.is_(None),
                Person.deleted_at.is_(None), reaches(me, KEEP),
            )
        ):  # fmt: skip
            found.setdefault(row.name, []).append(row)
    return found


def _one(line: Line, people: Mapping[str, Sequence[AnyRow]]) -> Planned:
    name, phone = line.cells.get(NAME, ""), line.cells.get(PHONE, "")
    fen = fen_of(line.cells.get(YUAN, ""))
    planned = Planned(line.number, name, fen)
    fitting = people.get(name, [])
    if phone:
        hashed = crypto.phone_hash(phone.removesuffix(".0"))
        fitting = [one for one in fitting if one.phone_hash == hashed]
    if born := line.cells.get(BORN, "")[:10]:
        fitting = [one for one in fitting if str(one.birth_date) == born.replace("/", "-")]
    if not fen:
        planned.error = str(_("请填写大于 0 的金额（元），最多两位小数。"))
    elif not fitting:
        planned.error = str(_("没有找到这位居民，请核对姓名、手机和出生日期，或先登记。"))
    elif len(fitting) > 1:
        planned.error = str(_("有 %(n)s 位居民都叫这个名字，请填手机或出生日期。", n=len(fitting)))
    else:
        planned.person_id = int(fitting[0].id)
    return planned


def _text(value: Any) -> str:
    """What a cell says, numbers and days as people type them."""
    if isinstance(value, datetime):
        value = value.date()
    return (
        value.isoformat()
        if isinstance(value, date)
        else str("" if value is None else value).strip()
    )
