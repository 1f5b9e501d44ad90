"""What a canteen that closes owes and has paid: lists, how far they are, and who gets what."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from backend.canteen.accounts import ledger
from backend.canteen.accounts.closing_models import MealClosing, MealClosingLine, Way
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.models import Entry, MealAccount, Purse, PurseKind
from backend.canteen.accounts.payers import PAYER, by, with_payer
from backend.canteen.accounts.till import KEEP
from backend.canteen.models import Canteen
from backend.db import table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import SignedInStaff

PAGE = 50
_closing, _line, _purse = table_of(MealClosing), table_of(MealClosingLine), table_of(Purse)
_entry, _receipt = table_of(Entry), table_of(Receipt)


def left_at(session: Session, canteen_id: int) -> dict[str, int]:
    """What is there now of money last paid in at the canteen: purses, fen free and fen held."""
    row = session.execute(
        select(
            func.coalesce(func.sum(case((ledger.FREE > 0, 1), else_=0)), 0).label("purses"),
            func.coalesce(func.sum(ledger.FREE), 0).label("free_fen"),
            func.coalesce(func.sum(_purse.c.held_fen), 0).label("held_fen"),
        ).where(_purse.c.canteen_id == canteen_id, _purse.c.kind != PurseKind.GRANT)
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}


def list_closings(session: Session, me: SignedInStaff, canteen_id: int) -> list[dict[str, Any]]:
    """All lists of the canteen with their sums, the newest first."""
    found = _summed(me).where(_closing.c.canteen_id == canteen_id).order_by(_closing.c.id.desc())
    return [dict(row._mapping) for row in session.execute(found)]


def list_unfinished(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """Lists in reach that are begun and not paid to the end."""
    found = _summed(me).where(_closing.c.begun_at.is_not(None), _closing.c.done_at.is_(None))
    return [dict(row._mapping) for row in session.execute(found.order_by(_closing.c.id))]


def get_closing(session: Session, me: SignedInStaff, closing_id: int) -> dict[str, Any]:
    """One list with its sums. Raises NotFound."""
    row = session.execute(_summed(me).where(_closing.c.id == closing_id)).first()
    if row is None:
        raise NotFound()
    return dict(row._mapping)


def list_lines(
    session: Session, closing_id: int, page: int | None = None, way: Way | None = None
) -> Sequence[dict[str, Any]]:
    """Who gets how much and how, by name; one page of it from 1 on, or all of it.

    `paid_fen` and `number` (of the receipt) are there once it is paid; a line that is done without
    them had nothing free any more.
    """
    found = (
        select(
            _line.c.id, _line.c.fen, _line.c.way, _line.c.done_at, _purse.c.held_fen,
            shown_name().label("name"), *PAYER, (-_entry.c.fen).label("paid_fen"),
            _receipt.c.number, MealAccount.person_id,
        )
        .join(_purse, _purse.c.id == _line.c.purse_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .join(Person, Person.id == MealAccount.person_id)
        .outerjoin(_entry, _entry.c.id == _line.c.entry_id)
        .outerjoin(_receipt, _receipt.c.entry_id == _line.c.entry_id)
        .where(_line.c.closing_id == closing_id)
        .order_by(Person.name, Person.id, _line.c.id)
    )  # fmt: skip
    if way is not None:
        found = found.where(_line.c.way == way)
    if page is not None:
        found = found.limit(PAGE).offset((page - 1) * PAGE)
    rows = session.execute(with_payer(found))
    return [dict(row._mapping) | {"by": by(row)} for row in rows]


def _summed(me: SignedInStaff) -> Select[Any]:
    """Lists in reach: how many lines and fen, of these in cash, and what of both is done."""

    def total(value: Any, *where: Any) -> Any:
        held = case((where[0], value), else_=0) if where else value
        return func.coalesce(func.sum(held), 0)

    cash, done = _line.c.way == Way.CASH, _line.c.done_at.is_not(None)
    return (
        select(
            *_closing.c, Canteen.name.label("canteen_name"),
            total(1).label("lines"), total(_line.c.fen).label("fen"),
            total(1, cash).label("cash_lines"), total(_line.c.fen, cash).label("cash_fen"),
            total(1, done).label("done"), total(-_entry.c.fen).label("paid_fen"),
            total(-_entry.c.fen, cash).label("paid_cash_fen"),
        )
        .join(Canteen, Canteen.id == _closing.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(_line, _line.c.closing_id == _closing.c.id)
        .outerjoin(_entry, _entry.c.id == _line.c.entry_id)
        .where(me.covers(KEEP, Place.path))
        .group_by(*_closing.c, Canteen.name)
    )  # fmt: skip
