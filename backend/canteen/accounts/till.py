"""Tills: the cash each member of staff took in and gave out since their last close, counted.

A receipt is counted in one close. What comes later goes into the next one: nothing slips into a
till that was closed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from backend.canteen.accounts.desk_models import Receipt, TillClose
from backend.canteen.accounts.errors import DifferenceUnexplained, TillChanged
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.canteen.models import Canteen
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

_receipt, _close, _entry = table_of(Receipt), table_of(TillClose), table_of(Entry)
_closer = aliased(Staff)
MOST_CLOSES = 60
KEEP = Permission.KEEP_ACCOUNTS


def access_canteen(
    session: Session, me: SignedInStaff, canteen_id: int, *, locked: bool = False,
    needs: Permission = KEEP,
) -> AnyRow:  # fmt: skip
    """A canteen whose accounts they keep, or whatever else it `needs`. Raises NotFound."""
    found = (
        select(*table_of(Canteen).c)
        .join(Place, Place.id == Canteen.place_id)
        .where(Canteen.id == canteen_id, me.covers(needs, Place.path))
    )
    if locked:
        found = found.with_for_update(of=Canteen.__table__)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row


def list_canteens(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """The canteens whose cash they may take, by name."""
    rows = session.execute(
        select(Canteen.id, Canteen.name)
        .join(Place, Place.id == Canteen.place_id)
        .where(me.covers(KEEP, Place.path))
        .order_by(Canteen.name, Canteen.id)
    )
    return [dict(row._mapping) for row in rows]


def list_open(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """Cash not counted yet, by canteen and member of staff; `last_id`: up to which receipt."""
    rows = session.execute(
        select(
            _receipt.c.canteen_id, _receipt.c.staff_id, Canteen.name.label("canteen_name"),
            Staff.name.label("staff_name"), func.count().label("receipts"),
            func.sum(_receipt.c.fen).label("expected_fen"),
            func.max(_receipt.c.id).label("last_id"), func.min(_receipt.c.at).label("since"),
        )
        .join(Canteen, Canteen.id == _receipt.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(Staff, Staff.id == _receipt.c.staff_id)
        .where(_receipt.c.close_id.is_(None), me.covers(KEEP, Place.path))
        .group_by(_receipt.c.canteen_id, _receipt.c.staff_id, Canteen.name, Staff.name)
        .order_by(Canteen.name, Staff.name, _receipt.c.staff_id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def close(
    session: Session, me: SignedInStaff, canteen_id: int, staff_id: int, last_id: int,
    counted_fen: int, reason: str | None, now: datetime,
) -> int:  # fmt: skip
    """Count the till of `staff_id`, with all receipts up to `last_id`; the close's id.

    Raises NotFound; TillChanged where that is no longer what is open, for a second click, too;
    DifferenceUnexplained.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    is_open = (
        (_receipt.c.canteen_id == canteen_id)
        & (_receipt.c.staff_id == staff_id)
        & _receipt.c.close_id.is_(None)
    )
    found = session.execute(
        select(func.max(_receipt.c.id).label("last_id"), func.sum(_receipt.c.fen).label("fen"))
        .where(is_open)
    ).one()  # fmt: skip
    if found.last_id != last_id:
        raise TillChanged()
    if counted_fen != found.fen and not reason:
        raise DifferenceUnexplained()
    ident = session.scalars(
        insert(_close)
        .values(
            canteen_id=canteen_id, staff_id=staff_id, closed_by_id=me.staff_id,
            expected_fen=found.fen, counted_fen=counted_fen, reason=reason, at=now,
        )
        .returning(_close.c.id)
    ).one()  # fmt: skip
    session.execute(update(_receipt).where(is_open).values(close_id=ident))
    audit.record(
        session, me.staff_id, "till.close", "canteen", canteen_id,
        after={"staff_id": staff_id, "expected_fen": found.fen, "counted_fen": counted_fen}
        | ({"reason": reason} if reason else {}),
        place_id=canteen.place_id,
    )  # fmt: skip
    return int(ident)


def list_closes(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """The latest closes, the newest first."""
    rows = session.execute(_closes(me).order_by(_close.c.id.desc()).limit(MOST_CLOSES))
    return [dict(row._mapping) for row in rows]


def get_close(session: Session, me: SignedInStaff, close_id: int) -> dict[str, Any]:
    """One close with its receipts, to be printed and signed; those of guests have neither `kind`
    nor `name`. Raises NotFound.
    """
    row = session.execute(_closes(me).where(_close.c.id == close_id)).first()
    if row is None:
        raise NotFound()
    slips = session.execute(
        select(
            _receipt.c.number, _receipt.c.fen, _receipt.c.at, _entry.c.kind,
            shown_name().label("name"),
        )
        .outerjoin(_entry, _entry.c.id == _receipt.c.entry_id)
        .outerjoin(Purse, Purse.id == _entry.c.purse_id)
        .outerjoin(MealAccount, MealAccount.id == Purse.account_id)
        .outerjoin(Person, Person.id == MealAccount.person_id)
        .where(_receipt.c.close_id == close_id)
        .order_by(_receipt.c.number)
    )  # fmt: skip
    return dict(row._mapping) | {"receipts": [dict(one._mapping) for one in slips]}


def _closes(me: SignedInStaff) -> Select[Any]:
    return (
        select(
            *_close.c, Canteen.name.label("canteen_name"), Staff.name.label("staff_name"),
            _closer.name.label("closer_name"),
        )
        .join(Canteen, Canteen.id == _close.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(Staff, Staff.id == _close.c.staff_id)
        .join(_closer, _closer.id == _close.c.closed_by_id)
        .where(me.covers(KEEP, Place.path))
    )  # fmt: skip
