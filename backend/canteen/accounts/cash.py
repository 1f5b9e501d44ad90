"""Cash and grants: top-ups and refunds with a receipt, grants, taking back.

A canteen's row is locked before any purse: receipts are numbered and tills closed one at a time.
Whose account a member of staff reaches is for the desk (backend/desk/meal_accounts.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.canteen.accounts import ledger, relatives
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.errors import NotTakenBack
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse, PurseKind
from backend.canteen.accounts.relatives import Named
from backend.canteen.accounts.till import KEEP, access_canteen
from backend.db import AnyRow, table_of
from backend.errors import KeyReused, NotFound
from backend.people.models import Account
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

_BACK = (EntryKind.TOP_UP, EntryKind.REFUND, EntryKind.GRANT, EntryKind.OPENING)
_entry, _purse, _receipt = table_of(Entry), table_of(Purse), table_of(Receipt)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """Cash for a person's account. `key` makes it once.

    `payer_id`: the account of a relative; `relative_id`: a relative without one who was noted
    before; `relative`: one who is to be noted.
    """

    person_id: int
    canteen_id: int
    fen: int
    key: str
    payer_id: int | None = None
    relative_id: int | None = None
    relative: Named | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Money given to people for meals up to and with `expires_on`. `key` gives it to each once."""

    name: str
    fen: int
    expires_on: date
    key: str
    note: str | None = None


def top_up(
    session: Session, me: SignedInStaff, wish: TopUp, now: datetime, needs: Permission = KEEP
) -> int:
    """Cash comes in; the receipt's id, the same for the same key. Raises NotFound, KeyReused."""
    canteen = access_canteen(session, me, wish.canteen_id, locked=True, needs=needs)
    if wish.payer_id is not None and session.get(Account, wish.payer_id) is None:
        raise NotFound()
    relative_id = relatives.find(session, me, wish.person_id, wish.relative_id, wish.relative, now)
    key = _key(me, "top_up", wish.key)
    given = Credit(
        person_id=wish.person_id, kind=EntryKind.TOP_UP, fen=wish.fen, key=key,
        payer_id=wish.payer_id, relative_id=relative_id, canteen_id=wish.canteen_id, note=wish.note,
    )  # fmt: skip
    entry_id = ledger.credit(session, given, Actor(staff_id=me.staff_id), now)
    return write_receipt(session, me, canteen, entry_id, wish.fen, "top_up", wish.person_id, now)


def refund(
    session: Session, me: SignedInStaff, canteen_id: int, purse_id: int, fen: int, key: str,
    now: datetime, note: str | None = None,
) -> int:  # fmt: skip
    """Unspent money goes back in cash to who paid it in; the receipt's id, once per key.

    Raises NotFound (for a grant, too), MoneySpent, KeyReused.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    purse = _purse_of(session, purse_id)
    if purse.kind == PurseKind.GRANT:
        raise NotFound()
    actor = Actor(staff_id=me.staff_id)
    entry_id = ledger.pay_out(session, purse_id, fen, _key(me, "refund", key), actor, now, note)
    return write_receipt(session, me, canteen, entry_id, -fen, "refund", purse.person_id, now)


def take_back(
    session: Session, me: SignedInStaff, entry_id: int, reason: str, now: datetime
) -> int | None:
    """Reverse what the desk entered; the receipt's id where cash goes the other way.

    The reversal is a line and a receipt of its own: a till that was closed stays as it was counted.
    Raises NotFound, NotTakenBack (a meal's money goes with the meal), AlreadyReversed, MoneySpent.
    """
    paper = session.execute(select(_receipt).where(_receipt.c.entry_id == entry_id)).first()
    canteen = access_canteen(session, me, paper.canteen_id, locked=True) if paper else None
    entry = session.execute(select(_entry).where(_entry.c.id == entry_id)).first()
    if entry is None:
        raise NotFound()
    purse = _purse_of(session, entry.purse_id)
    if entry.kind not in _BACK:
        raise NotTakenBack()
    actor = Actor(staff_id=me.staff_id)
    reversal = ledger.reverse(session, entry_id, actor, now, reason)
    if paper is None or canteen is None:
        about = {"reason": reason}
        _audit(session, me, "take_back", purse.person_id, -entry.fen, about, _workplace(me))
        return None
    return write_receipt(
        session, me, canteen, reversal, -paper.fen, "take_back", purse.person_id, now, reason
    )


def give(
    session: Session, me: SignedInStaff, person_ids: Sequence[int], given: Grant, now: datetime
) -> int:
    """A grant for each of these people, in one piece; how many got it now.

    Raises NotFound, KeyReused.
    """
    reached, once = 0, _key(me, "grant", given.key)
    for person_id in sorted(set(person_ids)):
        key = f"{once}:{person_id}"
        known = session.scalar(select(_entry.c.id).where(_entry.c.key == key))
        ledger.credit(
            session,
            Credit(
                person_id=person_id, kind=EntryKind.GRANT, fen=given.fen, key=key,
                grant=given.name, expires_on=given.expires_on, note=given.note,
            ),
            Actor(staff_id=me.staff_id),
            now,
        )  # fmt: skip
        if known is None:
            reached += 1
            about = {"name": given.name, "until": given.expires_on.isoformat()}
            _audit(session, me, "grant", person_id, given.fen, about, _workplace(me))
    if not reached:
        audit.unchanged(session)
    return reached


def _workplace(me: SignedInStaff) -> int | None:
    return me.roles[0].place_id if me.roles else None


def _key(me: SignedInStaff, action: str, key: str) -> str:
    return f"{action}:{me.staff_id}:{key}"


def _purse_of(session: Session, purse_id: int) -> AnyRow:
    purse = session.execute(
        select(*_purse.c, MealAccount.person_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .where(_purse.c.id == purse_id)
    ).first()
    if purse is None:
        raise NotFound()
    return purse


def write_receipt(
    session: Session, me: SignedInStaff, canteen: AnyRow, entry_id: int, fen: int, action: str,
    person_id: int, now: datetime, reason: str | None = None,
) -> int:  # fmt: skip
    """The entry's receipt, numbered now if it has none yet, and told to the audit."""
    known = session.execute(
        select(_receipt.c.id, _receipt.c.canteen_id).where(_receipt.c.entry_id == entry_id)
    ).first()
    if known is not None:
        if known.canteen_id != canteen.id:
            raise KeyReused()
        audit.unchanged(session)
        return int(known.id)
    ident, number = number_receipt(session, me, canteen, fen, now, entry_id=entry_id)
    about = {"receipt": number} | ({"reason": reason} if reason else {})
    _audit(session, me, action, person_id, fen, about, canteen.place_id)
    return ident


def number_receipt(
    session: Session, me: SignedInStaff, canteen: AnyRow, fen: int, now: datetime, **about: int
) -> tuple[int, int]:
    """(id, number) of the next receipt of a canteen, which is locked; `about`: its one column that
    says what the cash was for.
    """
    last = select(func.max(_receipt.c.number)).where(_receipt.c.canteen_id == canteen.id)
    number = (session.scalar(last) or 0) + 1
    ident = session.scalars(
        insert(_receipt)
        .values(
            canteen_id=canteen.id, number=number, fen=fen, staff_id=me.staff_id, at=now, **about
        )
        .returning(_receipt.c.id)
    ).one()
    return int(ident), number


def _audit(
    session: Session, me: SignedInStaff, action: str, person_id: int, fen: int,
    about: Mapping[str, object], place_id: int | None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, f"meal_account.{action}", "person", person_id,
        after={"amount_fen": fen, **about}, place_id=place_id,
    )  # fmt: skip
