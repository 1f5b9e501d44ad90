"""Own money that comes onto many accounts at once, as `ledger.credit` writes it for one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import bulk
from backend.booking.service import Actor
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, MealAccount, Purse, PurseKind
from backend.db import table_of

_account, _purse, _entry = table_of(MealAccount), table_of(Purse), table_of(Entry)
_CHUNK = 500
"""People whose accounts are looked up in one statement."""


def credit_each(session: Session, given: Sequence[Credit], actor: Actor, now: datetime) -> None:
    """An entry for each, nobody twice, under keys that nobody has used.

    Raises ValueError for nothing or less, and for what is not somebody's own money.
    """
    if any(one.fen <= 0 or one.purse is not PurseKind.CASH for one in given):
        raise ValueError("own money that comes in is more than nothing")
    in_turn = sorted(given, key=lambda one: one.person_id)
    for start in range(0, len(in_turn), _CHUNK):
        _credit(session, in_turn[start : start + _CHUNK], actor, now)


def _credit(session: Session, given: Sequence[Credit], actor: Actor, now: datetime) -> None:
    purse_ids = _purses(session, _accounts(session, [one.person_id for one in given], now))
    standing = dict(
        session.execute(
            select(_purse.c.id, _purse.c.balance_fen)
            .where(_purse.c.id.in_(purse_ids.values()))
            .order_by(_purse.c.id)
            .with_for_update()
        ).all()
    )
    of_purse = [(purse_ids[one.person_id], one) for one in given]
    balances = [(ident, standing[ident] + one.fen, one.canteen_id) for ident, one in of_purse]
    bulk.update_each(session, _purse, ["id"], ["balance_fen", "canteen_id"], balances)
    entries = [(ident, one.kind, one.fen, one.key, one.note) for ident, one in of_purse]
    by = {"account_id": actor.account_id, "staff_id": actor.staff_id, "at": now}
    bulk.insert_each(session, _entry, ["purse_id", "kind", "fen", "key", "note"], entries, by)


def _accounts(session: Session, person_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Each person's account, opened where there is none yet, and locked."""
    values = [{"person_id": one, "opened_at": now} for one in person_ids]
    session.execute(upsert(_account).values(values).on_conflict_do_nothing())
    rows = session.execute(
        select(_account.c.person_id, _account.c.id)
        .where(_account.c.person_id.in_(person_ids))
        .order_by(_account.c.person_id)
        .with_for_update()
    )
    return {row.person_id: row.id for row in rows}


def _purses(session: Session, accounts: Mapping[int, int]) -> dict[int, int]:
    """The purse of each person's own money, by person."""
    own = (
        select(_purse.c.account_id, func.min(_purse.c.id).label("id"))
        .where(_purse.c.account_id.in_(accounts.values()), _purse.c.kind == PurseKind.CASH)
        .group_by(_purse.c.account_id)
    )
    known = {row.account_id for row in session.execute(own)}
    missing = [(account_id,) for account_id in accounts.values() if account_id not in known]
    bulk.insert_each(session, _purse, ["account_id"], missing, {"kind": PurseKind.CASH})
    found = {row.account_id: row.id for row in session.execute(own)}
    return {person_id: found[account_id] for person_id, account_id in accounts.items()}
