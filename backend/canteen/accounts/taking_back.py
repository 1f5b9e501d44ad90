"""What meals were charged, and what was credited for them, taken back for all of them at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session

from backend.canteen.accounts.models import Entry, EntryKind, Purse
from backend.db import table_of

_entry, _purse = table_of(Entry), table_of(Purse)
_reversal = _entry.alias("reversal")
_UNDONE = (EntryKind.CHARGE, EntryKind.CREDIT)


def take_back(
    session: Session, booking_ids: Sequence[int], now: datetime, *, staff_id: int | None = None,
    note: str | None = None,
) -> None:  # fmt: skip
    """Every charge and credit of these meals is reversed, each line once, as `ledger.reverse` does.

    Credits go back to the purse that was charged, and are never more than the charge: together
    they leave no purse with less than before. `staff_id` and `note`: who did it by hand, and why.
    """
    standing = (
        _entry.c.booking_id.in_(booking_ids)
        & _entry.c.kind.in_(_UNDONE)
        & _entry.c.reversed_by_id.is_(None)
    )
    session.execute(
        select(_purse.c.id)
        .where(_purse.c.id.in_(select(_entry.c.purse_id).where(standing)))
        .order_by(_purse.c.id)
        .with_for_update()
    )
    sums = (
        select(_entry.c.purse_id, func.sum(_entry.c.fen).label("fen"))
        .where(standing)
        .group_by(_entry.c.purse_id)
        .subquery()
    )
    of_purse = select(sums.c.fen).where(sums.c.purse_id == _purse.c.id).scalar_subquery()
    session.execute(
        update(_purse)
        .where(_purse.c.id.in_(select(sums.c.purse_id)))
        .values(balance_fen=_purse.c.balance_fen - of_purse)
    )
    columns = ["purse_id", "kind", "fen", "key", "booking_id", "reverses_id", "at", "staff_id",
               "note"]  # fmt: skip
    session.execute(
        insert(_entry).from_select(
            columns,
            select(
                _entry.c.purse_id, literal(EntryKind.REVERSAL.value), -_entry.c.fen,
                literal("reversal:") + func.cast(_entry.c.id, _entry.c.key.type),
                _entry.c.booking_id, _entry.c.id, literal(now, _entry.c.at.type),
                literal(staff_id, _entry.c.staff_id.type), literal(note, _entry.c.note.type),
            )
            .where(standing)
            .order_by(_entry.c.fen, _entry.c.id),
        )
    )  # fmt: skip
    by = select(_reversal.c.id).where(_reversal.c.reverses_id == _entry.c.id).scalar_subquery()
    session.execute(update(_entry).where(standing).values(reversed_by_id=by))
