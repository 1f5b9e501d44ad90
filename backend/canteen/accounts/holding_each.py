"""Which purses pay for the meals of many at once, as `ledger.hold` finds it for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.accounts.errors import BalanceShort
from backend.canteen.accounts.ledger import FREE, IN_TURN
from backend.canteen.accounts.models import MealAccount, Purse
from backend.db import AnyRow, table_of

_account, _purse = table_of(MealAccount), table_of(Purse)


@dataclass(frozen=True, slots=True)
class Part:
    """What one purse gives for a meal, in fen."""

    purse_id: int
    fen: int


def purses_of(session: Session, person_ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """What people have, each person's purses in the order they are spent; not locked."""
    found: dict[int, list[AnyRow]] = {}
    for row in session.execute(
        select(_account.c.person_id, _purse.c.id, _purse.c.expires_on, FREE.label("free"))
        .join(_purse, _purse.c.account_id == _account.c.id)
        .where(_account.c.person_id.in_(person_ids), FREE > 0)
        .order_by(*IN_TURN)
    ):
        found.setdefault(row.person_id, []).append(row)
    return found


def parts_of(purses: Sequence[AnyRow], fen: int, day: date) -> list[Part]:
    """What a meal of that day takes from which purse. Raises BalanceShort."""
    parts, left = [], fen
    for purse in purses:
        if left and (purse.expires_on is None or purse.expires_on >= day):
            parts.append(Part(purse.id, min(left, purse.free)))
            left -= parts[-1].fen
    if left:
        raise BalanceShort(left)
    return parts
