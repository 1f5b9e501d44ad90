"""Meal accounts at the desk: what staff do with the accounts of residents they reach."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.accounts import cash
from backend.canteen.accounts.cash import Grant, TopUp
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.canteen.accounts.till import KEEP
from backend.db import table_of
from backend.desk.reach import access_person
from backend.errors import NotFound
from backend.staff.access import Permission, SignedInStaff

_entry, _purse = table_of(Entry), table_of(Purse)


def top_up(session: Session, me: SignedInStaff, wish: TopUp, now: datetime) -> int:
    """As `cash.top_up`, for a resident in reach. Raises NotFound."""
    access_person(session, me, KEEP, wish.person_id)
    return cash.top_up(session, me, wish, now)


def refund(
    session: Session, me: SignedInStaff, canteen_id: int, purse_id: int, fen: int, key: str,
    now: datetime, note: str | None = None,
) -> int:  # fmt: skip
    """As `cash.refund`, to a resident in reach. Raises NotFound."""
    _access_purse(session, me, purse_id)
    return cash.refund(session, me, canteen_id, purse_id, fen, key, now, note)


def take_back(
    session: Session, me: SignedInStaff, entry_id: int, reason: str, now: datetime
) -> int | None:
    """As `cash.take_back`, for a resident in reach. Raises NotFound."""
    purse_id = session.scalar(select(_entry.c.purse_id).where(_entry.c.id == entry_id))
    _access_purse(session, me, purse_id)
    return cash.take_back(session, me, entry_id, reason, now)


def give(
    session: Session, me: SignedInStaff, person_ids: Sequence[int], given: Grant, now: datetime
) -> int:
    """As `cash.give`, to residents in reach. Raises NotFound."""
    for person_id in person_ids:
        access_person(session, me, KEEP, person_id)
    return cash.give(session, me, person_ids, given, now)


def _access_purse(session: Session, me: SignedInStaff, purse_id: int | None) -> None:
    """Whoever deleted their account may still come for the money."""
    person_id = session.scalar(
        select(MealAccount.person_id)
        .join(Purse, Purse.account_id == MealAccount.id)
        .where(_purse.c.id == purse_id)
    )
    if person_id is None:
        raise NotFound()
    access_person(session, me, Permission.SEE_PEOPLE, person_id)
