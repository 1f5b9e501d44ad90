"""Holding money for the meals of many at once, as `ledger.hold` does for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from backend.canteen.accounts.errors import BalanceShort
from backend.canteen.accounts.ledger import FREE, IN_TURN
from backend.canteen.accounts.models import Hold, HoldState, MealAccount, Purse
from backend.db import AnyRow, RunAgain, table_of

_account, _purse, _hold = table_of(MealAccount), table_of(Purse), table_of(Hold)
_HOLD = (
    update(_purse)
    .where(_purse.c.id == bindparam("row_id"), bindparam("part") <= FREE)
    .values(held_fen=_purse.c.held_fen + bindparam("part"))
)


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


def hold_each(session: Session, parts: Sequence[tuple[int, Part]], now: datetime) -> None:
    """Hold these parts for meals, by booking; each purse once.

    Asks to be run again where a purse has less than was seen.
    """
    in_order = sorted(parts, key=lambda one: one[1].purse_id)
    asked = [{"row_id": part.purse_id, "part": part.fen} for _booking_id, part in in_order]
    if asked and session.execute(_HOLD, asked).rowcount != len(asked):  # type: ignore[attr-defined]
        raise RunAgain()
    rows = [
        {"booking_id": booking_id, "purse_id": part.purse_id, "fen": part.fen,
         "state": HoldState.OPEN, "made_at": now}
        for booking_id, part in in_order
    ]  # fmt: skip
    if rows:
        session.execute(insert(_hold).returning(_hold.c.id), rows)
