"""What is on a meal account, and its statement: opening balance, lines, closing balance.

Residents see one number: what can be spent on a meal today, balance less holds.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.canteen.accounts.desk_models import Receipt, Relative
from backend.canteen.accounts.models import Entry, MealAccount, Purse, PurseKind
from backend.canteen.accounts.payers import PAYER, with_payer
from backend.db import table_of
from backend.people.models import Account, Person
from backend.people.own_data import RELATION
from backend.staff.models import Staff

_account, _purse = table_of(MealAccount), table_of(Purse)
_entry, _receipt = table_of(Entry), table_of(Receipt)
_TURN = case({kind.value: at for at, kind in enumerate(PurseKind)}, value=_purse.c.kind)


def get_account(session: Session, person_id: int, today: date) -> dict[str, Any]:
    """`available_fen`, the one number, `held_fen`, and the purses that have something on them."""
    found = (
        select(
            _purse.c.id, _purse.c.kind, _purse.c.name, _purse.c.expires_on, _purse.c.balance_fen,
            _purse.c.held_fen, *PAYER,
        )
        .join(_account, _account.c.id == _purse.c.account_id)
        .where(_account.c.person_id == person_id, _purse.c.balance_fen > 0)
        .order_by(_TURN, _purse.c.expires_on.is_(None), _purse.c.expires_on, _purse.c.id)
    )  # fmt: skip
    rows = session.execute(with_payer(found))
    purses = [
        dict(row._mapping)
        | {
            "free_fen": row.balance_fen - row.held_fen,
            "over": row.expires_on is not None and row.expires_on < today,
        }
        for row in rows
    ]
    return {
        "available_fen": sum(one["free_fen"] for one in purses if not one["over"]),
        "held_fen": sum(one["held_fen"] for one in purses),
        "purses": purses,
    }


def get_statement(session: Session, person_id: int, first: date) -> dict[str, Any]:
    """The month of `first`: balances before and after it, sums in and out, the newest line first.

    `opening_fen + in_fen - out_fen = closing_fen`; what is held for meals is on the balance still.
    """
    since, until = month_of(first)
    opening = session.scalar(
        _of(person_id, select(func.coalesce(func.sum(_entry.c.fen), 0))).where(_entry.c.at < since)
    )
    found = (
        _of(
            person_id,
            select(
                _entry.c.id, _entry.c.at, _entry.c.kind, _entry.c.fen, _entry.c.note,
                _entry.c.reverses_id, _entry.c.booking_id, _entry.c.reversed_by_id,
                _purse.c.kind.label("purse"),
                _purse.c.name.label("grant"), *PAYER,
                Staff.name.label("staff_name"), Bookable.title, Bookable.starts_at,
                _receipt.c.id.label("receipt_id"), _receipt.c.number.label("receipt"),
            ),
        )
        .outerjoin(Staff, Staff.id == _entry.c.staff_id)
        .outerjoin(Booking, Booking.id == _entry.c.booking_id)
        .outerjoin(Bookable, Bookable.id == Booking.bookable_id)
        .outerjoin(_receipt, _receipt.c.entry_id == _entry.c.id)
        .where(and_(_entry.c.at >= since, _entry.c.at < until))
        .order_by(_entry.c.at, _entry.c.id)
    )  # fmt: skip
    rows = session.execute(with_payer(found))
    balance, lines = int(opening or 0), []
    for row in rows:
        balance += row.fen
        lines.append(dict(row._mapping) | {"balance_fen": balance})
    return {
        "first": first.replace(day=1),
        "opening_fen": int(opening or 0),
        "in_fen": sum(one["fen"] for one in lines if one["fen"] > 0),
        "out_fen": -sum(one["fen"] for one in lines if one["fen"] < 0),
        "closing_fen": balance,
        "lines": lines[::-1],
    }


def month_of(day: date) -> tuple[datetime, datetime]:
    """When the month of that day begins and ends."""
    first = day.replace(day=1)
    return clock.at_minute(first), clock.at_minute(next_month(first))


def next_month(first: date) -> date:
    """The first of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def list_payers(
    session: Session, person_id: int, acting: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Who of the family may pay in: those who act for the person now (`acting`: their ids), those
    who did before, and relatives without an account; `a` or `r` with their id, and their name.
    """
    accounts = session.execute(
        select(Account.id, Person.name)
        .join(Person, Person.id == Account.person_id)
        .where(
            Account.closed_at.is_(None),
            or_(
                Person.id.in_([one["person_id"] for one in acting]),
                Account.id.in_(
                    select(_purse.c.payer_id)
                    .join(_account, _account.c.id == _purse.c.account_id)
                    .where(_account.c.person_id == person_id)
                ),
            ),
        )
        .order_by(Person.name, Account.id)
    )
    relatives = session.execute(
        select(Relative.id, Relative.name, Relative.relation)
        .join(_account, _account.c.id == Relative.account_id)
        .where(_account.c.person_id == person_id, Relative.phone_hash.is_not(None))
        .order_by(Relative.name, Relative.id)
    )
    return [
        *((f"a{row.id}", row.name) for row in accounts),
        *((f"r{row.id}", f"{row.name}（{RELATION[row.relation]}）") for row in relatives),
    ]


def _of(person_id: int, columns: Any) -> Any:
    """The selection, from entries of the person's account."""
    return (
        columns.select_from(_entry)
        .join(_purse, _purse.c.id == _entry.c.purse_id)
        .join(_account, _account.c.id == _purse.c.account_id)
        .where(_account.c.person_id == person_id)
    )
