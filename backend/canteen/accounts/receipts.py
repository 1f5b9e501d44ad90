"""Receipts as they are printed: who gave or got how much cash, for whose account, where."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.canteen.accounts.payers import PAYER, by, with_payer
from backend.canteen.accounts.till import KEEP
from backend.canteen.models import Canteen
from backend.db import table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff

_receipt, _entry, _purse = table_of(Receipt), table_of(Entry), table_of(Purse)
_earlier, _taken_back = _receipt.alias("earlier"), _receipt.alias("taken_back")


def get_receipt(session: Session, me: SignedInStaff, receipt_id: int) -> dict[str, Any]:
    """One receipt; `by`: who gave the cash or gets it; `reverses`: the number of the receipt that
    it takes back. Raises NotFound.
    """
    found = (
        select(
            _receipt.c.id, _receipt.c.number, _receipt.c.fen, _receipt.c.at, _entry.c.kind,
            _entry.c.note, MealAccount.person_id, shown_name().label("name"), *PAYER,
            Canteen.name.label("canteen_name"), Canteen.address, Canteen.phone,
            Staff.name.label("staff_name"), _earlier.c.number.label("reverses"),
            _taken_back.c.number.label("reversed_by"),
        )
        .join(_entry, _entry.c.id == _receipt.c.entry_id)
        .join(_purse, _purse.c.id == _entry.c.purse_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .join(Person, Person.id == MealAccount.person_id)
        .join(Canteen, Canteen.id == _receipt.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(Staff, Staff.id == _receipt.c.staff_id)
        .outerjoin(_earlier, _earlier.c.entry_id == _entry.c.reverses_id)
        .outerjoin(_taken_back, _taken_back.c.entry_id == _entry.c.reversed_by_id)
        .where(_receipt.c.id == receipt_id, me.covers(KEEP, Place.path))
    )  # fmt: skip
    row = session.execute(with_payer(found)).first()
    if row is None:
        raise NotFound()
    return dict(row._mapping) | {"by": by(row)}
