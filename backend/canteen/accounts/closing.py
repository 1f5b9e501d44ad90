"""A canteen closes: everybody gets back what they paid in and have not spent.

First a list is drawn up and looked at, in which each is paid in cash or by the bank; once it is
begun it is paid step by step. Whatever stops a step undoes that step alone, and the next one goes
on behind what is paid.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.canteen.accounts import cash, ledger
from backend.canteen.accounts.closing_models import MealClosing, MealClosingLine, Way
from backend.canteen.accounts.errors import BalancesChanged, ClosingBegun
from backend.canteen.accounts.models import MealAccount, Purse, PurseKind
from backend.canteen.accounts.till import access_canteen
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.staff import audit
from backend.staff.access import SignedInStaff

STEP = 50
"""Purses that are paid out together: about half a second."""

_closing, _line, _purse = table_of(MealClosing), table_of(MealClosingLine), table_of(Purse)
_NOTES = {Way.CASH: "食堂停办，余额退还", Way.TRANSFER: "食堂停办，余额由银行转账退还"}


def draw_up(session: Session, me: SignedInStaff, canteen_id: int, now: datetime) -> int:
    """List what is free in purses last paid in at the canteen; grants are nobody's to get back.

    A list that is not begun yet is drawn up anew; who was to be paid by the bank still is.
    Returns its id. Raises NotFound; ClosingBegun; BalancesChanged where nothing is left to list.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    earlier = _unfinished(session, canteen_id)
    if earlier is not None and earlier.begun_at is not None:
        raise ClosingBegun()
    left = _left(session, canteen_id)
    if not left:
        raise BalancesChanged()
    by_bank = _drop(session, earlier.id) if earlier is not None else set()
    ident = int(
        session.scalars(
            insert(_closing)
            .values(canteen_id=canteen_id, listed_at=now, listed_by_id=me.staff_id)
            .returning(_closing.c.id)
        ).one()
    )
    session.execute(
        insert(_line),
        [
            {
                "closing_id": ident, "purse_id": one.id, "fen": one.free,
                "way": Way.TRANSFER if one.id in by_bank else Way.CASH,
            }
            for one in left
        ],
    )  # fmt: skip
    told = {"people": len(left), "amount_fen": sum(one.free for one in left)}
    _audit(session, me, "list", canteen, told)
    return ident


def choose_way(
    session: Session, me: SignedInStaff, canteen_id: int, line_ids: Sequence[int] | None, way: str
) -> int:
    """Pay these lines of the list (None: all of them) in cash or by the bank; how many changed.

    Raises NotFound; ClosingBegun.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    found = _unfinished(session, canteen_id)
    if found is None:
        raise NotFound()
    if found.begun_at is not None:
        raise ClosingBegun()
    meant = (_line.c.closing_id == found.id) & (_line.c.way != way)
    if line_ids is not None:
        meant &= _line.c.id.in_(line_ids)
    changed = session.execute(
        update(_line).where(meant).values(way=way).returning(_line.c.id)
    ).all()  # fmt: skip
    _audit(session, me, "way", canteen, {"way": way, "people": len(changed)})
    return len(changed)


def begin(
    session: Session, me: SignedInStaff, canteen_id: int, expected_fen: int, now: datetime
) -> None:
    """From now on the list is paid. `expected_fen`: the sum that was shown; once only.

    Raises NotFound; BalancesChanged where the list is another one by now, or what it tells.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    found = _unfinished(session, canteen_id)
    if found is None:
        raise NotFound()
    if found.begun_at is not None:
        audit.unchanged(session)
        return
    listed = {row.purse_id: row.fen for row in _lines(session, found.id)}
    stands = {row.id: row.free for row in _left(session, canteen_id)}
    if listed != stands or sum(listed.values()) != expected_fen:
        raise BalancesChanged()
    session.execute(
        update(_closing)
        .where(_closing.c.id == found.id)
        .values(begun_at=now, begun_by_id=me.staff_id)
    )
    _audit(session, me, "begin", canteen, {"people": len(listed), "amount_fen": expected_fen})


def pay_next(
    session: Session, me: SignedInStaff, canteen_id: int, now: datetime, most: int = STEP
) -> int:
    """Pay out the next lines of a list that is begun; how many are left.

    What has become less meanwhile is paid as far as it is free; never more than was listed.
    Cash has a receipt each and counts in the till of whoever takes the step. Where nothing is
    begun, or all is done, nothing happens. Raises NotFound for a canteen out of reach.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    found = _unfinished(session, canteen_id)
    if found is None or found.begun_at is None:
        audit.unchanged(session)
        return 0
    waiting = _line.c.closing_id == found.id, _line.c.done_at.is_(None)
    turn = select(_line).where(*waiting).order_by(_line.c.id).limit(most)
    lines = session.execute(turn).all()
    for line in lines:
        entry_id = _pay(session, me, canteen, line, now)
        done = update(_line).where(_line.c.id == line.id)
        session.execute(done.values(done_at=now, entry_id=entry_id))
    left = session.scalars(select(func.count()).where(*waiting)).one()
    if not left:
        session.execute(update(_closing).where(_closing.c.id == found.id).values(done_at=now))
    _audit(session, me, "pay", canteen, {"people": len(lines), "left": left})
    return left


def _pay(
    session: Session, me: SignedInStaff, canteen: AnyRow, line: AnyRow, now: datetime
) -> int | None:
    purse = session.execute(
        select(ledger.FREE.label("free"), MealAccount.person_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .where(_purse.c.id == line.purse_id)
        .with_for_update(of=_purse)
    ).one()
    fen = min(line.fen, purse.free)
    if fen <= 0:
        return None
    way, actor = Way(line.way), Actor(staff_id=me.staff_id)
    key = f"closing:{line.closing_id}:{line.purse_id}"
    entry_id = ledger.pay_out(session, line.purse_id, fen, key, actor, now, _NOTES[way])
    if way is Way.CASH:
        cash.write_receipt(session, me, canteen, entry_id, -fen, "refund", purse.person_id, now)
    else:
        audit.record(
            session, me.staff_id, "meal_account.transfer", "person", purse.person_id,
            after={"amount_fen": -fen}, place_id=canteen.place_id,
        )  # fmt: skip
    return entry_id


def _unfinished(session: Session, canteen_id: int) -> AnyRow | None:
    return session.execute(
        select(_closing).where(_closing.c.canteen_id == canteen_id, _closing.c.done_at.is_(None))
    ).first()


def _left(session: Session, canteen_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(_purse.c.id, ledger.FREE.label("free")).where(
            _purse.c.canteen_id == canteen_id, _purse.c.kind != PurseKind.GRANT, ledger.FREE > 0
        )
    ).all()


def _lines(session: Session, closing_id: int) -> Sequence[AnyRow]:
    return session.execute(select(_line).where(_line.c.closing_id == closing_id)).all()


def _drop(session: Session, closing_id: int) -> set[int]:
    """A list that nobody began goes; the purses that were to be paid by the bank."""
    by_bank = {one.purse_id for one in _lines(session, closing_id) if one.way == Way.TRANSFER}
    session.execute(delete(_line).where(_line.c.closing_id == closing_id))
    session.execute(delete(_closing).where(_closing.c.id == closing_id))
    return by_bank


def _audit(
    session: Session, me: SignedInStaff, action: str, canteen: AnyRow, about: dict[str, object]
) -> None:
    audit.record(
        session, me.staff_id, f"meal_closing.{action}", "canteen", canteen.id, after=about,
        place_id=canteen.place_id,
    )  # fmt: skip
