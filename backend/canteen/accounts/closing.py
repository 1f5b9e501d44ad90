"""A canteen closes: everybody gets back what they paid in and have not spent, in one piece."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend.booking.service import Actor
from backend.canteen.accounts import cash, ledger
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.errors import BalancesChanged
from backend.canteen.accounts.models import Entry, MealAccount, Purse, PurseKind
from backend.canteen.accounts.till import KEEP, access_canteen
from backend.canteen.models import Canteen
from backend.db import table_of
from backend.people.models import Account, Person
from backend.places.models import Place
from backend.staff.access import SignedInStaff

_purse, _entry, _receipt = table_of(Purse), table_of(Entry), table_of(Receipt)
_payer = aliased(Person)
_FREE = _purse.c.balance_fen - _purse.c.held_fen
NOTE = "食堂停办，余额全部退还"


def list_left(session: Session, canteen_id: int) -> list[dict[str, Any]]:
    """Whose money was last paid in at the canteen and is still there, by name; what is held stays.

    Grants are nobody's to get back.
    """
    rows = session.execute(
        select(
            _purse.c.id, _purse.c.held_fen, _FREE.label("free_fen"), _purse.c.payer_id,
            MealAccount.person_id, Person.name, _payer.name.label("payer_name"),
        )
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .join(Person, Person.id == MealAccount.person_id)
        .outerjoin(Account, Account.id == _purse.c.payer_id)
        .outerjoin(_payer, _payer.id == Account.person_id)
        .where(
            _purse.c.canteen_id == canteen_id, _purse.c.kind != PurseKind.GRANT,
            _purse.c.balance_fen > 0,
        )
        .order_by(Person.name, Person.id, _purse.c.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def refund_everyone(
    session: Session, me: SignedInStaff, canteen_id: int, expected_fen: int, now: datetime
) -> tuple[int, int]:
    """Pay out all that is free, each with a receipt; the numbers of the first and the last.

    `expected_fen`: the sum that was shown. Raises NotFound; BalancesChanged where it is another
    one by now, and where nothing is left, as after a second click.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    left = [one for one in list_left(session, canteen_id) if one["free_fen"]]
    if not left or sum(one["free_fen"] for one in left) != expected_fen:
        raise BalancesChanged()
    last = select(func.max(_receipt.c.number)).where(_receipt.c.canteen_id == canteen_id)
    before = session.scalar(last) or 0
    for one in left:
        newest = select(func.max(_entry.c.id)).where(_entry.c.purse_id == one["id"])
        entry_id = ledger.pay_out(
            session, one["id"], one["free_fen"], f"closing:{one['id']}:{session.scalar(newest)}",
            Actor(staff_id=me.staff_id), now, NOTE,
        )  # fmt: skip
        cash.write_receipt(
            session, me, canteen, entry_id, -one["free_fen"], "refund", one["person_id"], now
        )
    return before + 1, before + len(left)


def list_paid(
    session: Session, me: SignedInStaff, canteen_id: int, first: int, last: int
) -> Sequence[dict[str, Any]]:
    """The receipts with these numbers, to be paid out against a signature."""
    rows = session.execute(
        select(
            _receipt.c.number, _receipt.c.fen, _receipt.c.at, Person.name,
            _payer.name.label("payer_name"), _purse.c.payer_id,
        )
        .join(_entry, _entry.c.id == _receipt.c.entry_id)
        .join(_purse, _purse.c.id == _entry.c.purse_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .join(Person, Person.id == MealAccount.person_id)
        .join(Canteen, Canteen.id == _receipt.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .outerjoin(Account, Account.id == _purse.c.payer_id)
        .outerjoin(_payer, _payer.id == Account.person_id)
        .where(
            _receipt.c.canteen_id == canteen_id, _receipt.c.number.between(first, last),
            _entry.c.kind == "refund", me.covers(KEEP, Place.path),
        )
        .order_by(_receipt.c.number)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]
