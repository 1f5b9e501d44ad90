"""Money back for part of a meal that is paid: onto the purses it came from, own money first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse
from backend.db import AnyRow

CHUNK = 500
_SPENT = (EntryKind.CHARGE, EntryKind.CREDIT, EntryKind.REVERSAL)


def give_back(
    session: Session, booking_id: int, fen: int, key: str, note: str, actor: Actor, now: datetime
) -> int:
    """Credit up to so many fen of what an order was charged; how much it was.

    Never more than is left of the charge in each purse. `key` makes it once.
    """
    left = fen
    for purse in _spent(session, booking_id):
        part = min(left, purse.spent)
        if part <= 0:
            continue
        left -= part
        given = Credit(
            person_id=purse.person_id, kind=EntryKind.CREDIT, fen=part, key=f"{key}:{purse.id}",
            note=note, booking_id=booking_id, purse_id=purse.id,
        )  # fmt: skip
        ledger.credit(session, given, actor, now)
    return fen - left


def key_of(menu_item_id: int, booking_id: int, now: datetime) -> str:
    """Of what an order gets back for a dish that is replaced at that moment."""
    return f"replaced:{menu_item_id}:{booking_id}:{int(now.timestamp() * 1000)}"


def given(session: Session, booking_ids: Collection[int]) -> dict[int, int]:
    """What orders got back so far for dishes that were replaced, in fen by booking."""
    found: dict[int, int] = {}
    ids = sorted(booking_ids)
    for at in range(0, len(ids), CHUNK):
        rows = session.execute(
            select(Entry.booking_id, func.sum(Entry.fen))
            .where(
                Entry.booking_id.in_(ids[at : at + CHUNK]), Entry.kind == EntryKind.CREDIT,
                Entry.reversed_by_id.is_(None), Entry.key.startswith("replaced:"),
            )
            .group_by(Entry.booking_id)
        )  # fmt: skip
        found |= {row[0]: int(row[1]) for row in rows if row[0] is not None}
    return found


def _spent(session: Session, booking_id: int) -> list[AnyRow]:
    """What each purse has paid for the order so far, in the reverse of the order it is spent in."""
    rows = session.execute(
        select(
            Purse.id, Purse.kind, MealAccount.person_id, (-func.sum(Entry.fen)).label("spent"),
        )
        .join(Entry, Entry.purse_id == Purse.id)
        .join(MealAccount, MealAccount.id == Purse.account_id)
        .where(Entry.booking_id == booking_id, Entry.kind.in_(_SPENT))
        .group_by(Purse.id, MealAccount.person_id)
        .order_by(Purse.id.desc())
    ).all()  # fmt: skip
    kinds = ("cash", "family", "grant")
    return sorted(rows, key=lambda row: kinds.index(row.kind))
