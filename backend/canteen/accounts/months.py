"""The accounts of a month, person by person and in all: what was there, came, went, is left."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from backend import spreadsheets
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse
from backend.canteen.accounts.statements import month_of
from backend.canteen.accounts.till import KEEP
from backend.canteen.accounts.wording import ENTRIES
from backend.db import table_of
from backend.money import decimal
from backend.people.models import Person
from backend.places.models import Place
from backend.spreadsheets import Column
from backend.staff.access import SignedInStaff

_entry, _purse = table_of(Entry), table_of(Purse)
KINDS = tuple(EntryKind)


@dataclass(frozen=True, slots=True)
class Month:
    """Rows by person, and their sums; each ties out: opening + all kinds = closing."""

    first: date
    people: list[dict[str, Any]]
    total: dict[str, int]


def read(session: Session, me: SignedInStaff, first: date) -> Month:
    """The month of `first` for everybody whose home is in reach or not on file."""
    since, until = month_of(first)
    inside = (_entry.c.at >= since) & (_entry.c.at < until)

    def sum_of(where: Any, name: str) -> Any:
        return func.coalesce(func.sum(case((where, _entry.c.fen), else_=0)), 0).label(name)

    rows = session.execute(
        select(
            Person.id, Person.name, sum_of(_entry.c.at < since, "opening_fen"),
            *(sum_of(inside & (_entry.c.kind == kind), kind.value) for kind in KINDS),
            sum_of(_entry.c.at < until, "closing_fen"),
        )
        .select_from(_entry)
        .join(_purse, _purse.c.id == _entry.c.purse_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .join(Person, Person.id == MealAccount.person_id)
        .outerjoin(Place, Place.id == Person.home_place_id)
        .where(
            _entry.c.at < until,
            or_(Person.home_place_id.is_(None), me.covers(KEEP, Place.path)),
        )
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
    )  # fmt: skip
    people = [dict(row._mapping) for row in rows]
    names = ("opening_fen", *(kind.value for kind in KINDS), "closing_fen")
    total = {name: sum(one[name] for one in people) for name in names}
    return Month(first.replace(day=1), people, total)


def write(month: Month) -> bytes:
    """The same as a spreadsheet, in yuan, with the sums in its last row."""
    columns = [
        Column(str(_("姓名"))), Column(str(_("月初（元）"))),
        *(Column(str(ENTRIES[kind])) for kind in KINDS), Column(str(_("月末（元）"))),
    ]  # fmt: skip
    names = ("opening_fen", *(kind.value for kind in KINDS), "closing_fen")
    rows = [
        [one.get("name") or str(_("已注销用户")), *(decimal(one[name]) for name in names)]
        for one in (*month.people, {"name": str(_("合计"))} | month.total)
    ]
    return spreadsheets.write(f"{month.first:%Y-%m}", columns, rows)
