"""The verbs of the ledger: money in, held for a meal, charged, given back, taken back.

Called inside a transaction that a door has opened. Purses are locked last, in the order of their
ids; a balance never falls below what is held, and the database sees to that, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.canteen.accounts.errors import AlreadyReversed, BalanceShort, MoneySpent
from backend.canteen.accounts.models import (
    Entry,
    EntryKind,
    Hold,
    HoldState,
    MealAccount,
    Purse,
    PurseKind,
)
from backend.db import AnyRow, table_of
from backend.errors import KeyReused, NotFound

_account, _purse = table_of(MealAccount), table_of(Purse)
_entry, _hold = table_of(Entry), table_of(Hold)
FREE: ColumnElement[int] = _purse.c.balance_fen - _purse.c.held_fen
IN_TURN = (
    case({kind.value: at for at, kind in enumerate(PurseKind)}, value=_purse.c.kind),
    _purse.c.expires_on.is_(None), _purse.c.expires_on, _purse.c.id,
)  # fmt: skip
"""Grants first, the one that expires soonest; then what relatives paid in; own money last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money that comes onto a person's account. `key` makes it once.

    `payer_id` or `relative_id`: the relative who pays, with or without an account; `grant` and
    `expires_on`: a grant's name, and the last day of meals it may be spent on; `canteen_id`: at
    whose desk it was paid in; `booking_id`: the meal it is given back for, and
    `purse_id` the very purse that paid.
    """

    person_id: int
    kind: EntryKind
    fen: int
    key: str
    payer_id: int | None = None
    relative_id: int | None = None
    grant: str | None = None
    expires_on: date | None = None
    canteen_id: int | None = None
    note: str | None = None
    booking_id: int | None = None
    purse_id: int | None = None

    @property
    def purse(self) -> PurseKind:
        """The kind of purse it goes to."""
        if self.grant is not None:
            return PurseKind.GRANT
        own = self.payer_id is None and self.relative_id is None
        return PurseKind.CASH if own else PurseKind.FAMILY


def credit(session: Session, given: Credit, actor: Actor, now: datetime) -> int:
    """Money comes in; the entry's id, the same for the same key.

    Raises ValueError for nothing or less, KeyReused where the key stands for something else.
    """
    if given.fen <= 0:
        raise ValueError("money that comes in is more than nothing")
    purse_id = _purse_for(session, given, now)
    if (earlier := _by_key(session, given.key)) is not None:
        if (earlier.purse_id, earlier.kind, earlier.fen) != (purse_id, given.kind, given.fen):
            raise KeyReused()
        return int(earlier.id)
    _add(session, purse_id, given.fen)
    if given.canteen_id is not None:
        paid_at = update(_purse).where(_purse.c.id == purse_id)
        session.execute(paid_at.values(canteen_id=given.canteen_id))
    return _write(
        session, purse_id, given.kind, given.fen, given.key, actor, now,
        booking_id=given.booking_id, note=given.note,
    )  # fmt: skip


def hold(
    session: Session, person_id: int, booking_id: int, fen: int, day: date, now: datetime
) -> None:
    """Hold what a meal of that day costs, purse by purse in turn. Raises BalanceShort."""
    purses = _lock_purses(session, person_id, day)
    left = fen
    for purse in purses:
        part = min(left, purse.free)
        if part <= 0:
            continue
        left -= part
        session.execute(
            update(_purse).where(_purse.c.id == purse.id).values(held_fen=_purse.c.held_fen + part)
        )
        session.execute(
            insert(_hold).values(
                booking_id=booking_id, purse_id=purse.id, fen=part, state=HoldState.OPEN,
                made_at=now,
            )
        )  # fmt: skip
    if left > 0:
        raise BalanceShort(left)


def release(session: Session, booking_ids: Sequence[int], now: datetime) -> int:
    """What is held for these meals is free again; how much it was."""
    return _end(session, booking_ids, HoldState.RELEASED, now)


def charge(session: Session, booking_ids: Sequence[int], now: datetime) -> int:
    """What is held for these meals is spent, each hold by one entry; how much it was.

    A second run finds nothing left to charge.
    """
    open_ones = _open(booking_ids)
    _lock(session, select(_hold.c.purse_id).where(open_ones))
    columns = ["purse_id", "kind", "fen", "key", "booking_id", "at"]
    session.execute(
        insert(_entry).from_select(
            columns,
            select(
                _hold.c.purse_id, literal(EntryKind.CHARGE.value), -_hold.c.fen,
                literal("hold:") + func.cast(_hold.c.id, _entry.c.key.type), _hold.c.booking_id,
                literal(now, _entry.c.at.type),
            ).where(open_ones),
        )
    )  # fmt: skip
    return _end(session, booking_ids, HoldState.CHARGED, now)


def reverse(
    session: Session, entry_id: int, actor: Actor, now: datetime, note: str | None = None
) -> int:
    """Take an entry back, once; the id of the entry that does.

    Raises NotFound, AlreadyReversed (a reversal itself is not taken back), MoneySpent.
    """
    purse_id = session.scalar(select(_entry.c.purse_id).where(_entry.c.id == entry_id))
    if purse_id is None:
        raise NotFound()
    _lock(session, select(literal(purse_id)))
    entry = session.execute(select(_entry).where(_entry.c.id == entry_id)).one()
    if entry.reversed_by_id is not None or entry.reverses_id is not None:
        raise AlreadyReversed()
    _add(session, purse_id, -entry.fen)
    reversal = _write(
        session, purse_id, EntryKind.REVERSAL, -entry.fen, f"reversal:{entry_id}", actor, now,
        booking_id=entry.booking_id, reverses_id=entry_id, note=note,
    )  # fmt: skip
    session.execute(update(_entry).where(_entry.c.id == entry_id).values(reversed_by_id=reversal))
    return reversal


def pay_out(
    session: Session, purse_id: int, fen: int, key: str, actor: Actor, now: datetime,
    note: str | None = None,
) -> int:  # fmt: skip
    """Give unspent money back to who paid it in; the entry's id, the same for the same key.

    Raises MoneySpent, KeyReused; ValueError for a grant, which nobody paid in, and for nothing.
    """
    purse = _lock(session, select(literal(purse_id)))[0]
    if purse.kind == PurseKind.GRANT or fen <= 0:
        raise ValueError("only money that somebody paid in is paid out")
    if (earlier := _by_key(session, key)) is not None:
        if (earlier.purse_id, earlier.fen) != (purse_id, -fen):
            raise KeyReused()
        return int(earlier.id)
    _add(session, purse_id, -fen)
    return _write(session, purse_id, EntryKind.REFUND, -fen, key, actor, now, note=note)


def expire(session: Session, today: date, now: datetime) -> int:
    """What is left of grants whose last day is over goes; how many purses that were.

    What is still held for a meal stays until it is charged or given back.
    """
    over = (_purse.c.kind == PurseKind.GRANT) & (_purse.c.expires_on < today) & (FREE > 0)
    # What comes back to a grant that ran out goes in its turn: one key for each time.
    last = select(func.max(_entry.c.id)).where(_entry.c.purse_id == _purse.c.id).scalar_subquery()
    found = session.execute(
        select(_purse.c.id, FREE.label("free"), last.label("last"))
        .where(over)
        .order_by(_purse.c.id)
        .with_for_update()
    ).all()
    for purse in found:
        _add(session, purse.id, -purse.free)
        key = f"expiry:{purse.id}:{purse.last}"
        _write(session, purse.id, EntryKind.EXPIRY, -purse.free, key, Actor(), now)
    return len(found)


def account_of(session: Session, person_id: int, now: datetime) -> int:
    """The person's account, opened where there is none yet."""
    values = {"person_id": person_id, "opened_at": now}
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(_account).values(values).on_conflict_do_nothing())
    return int(
        session.scalars(select(_account.c.id).where(_account.c.person_id == person_id)).one()
    )


def _purse_for(session: Session, given: Credit, now: datetime) -> int:
    if given.purse_id is not None:
        return int(_lock(session, select(literal(given.purse_id)))[0].id)
    account_id = account_of(session, given.person_id, now)
    values = {
        "account_id": account_id, "kind": given.purse, "payer_id": given.payer_id,
        "relative_id": given.relative_id, "name": given.grant, "expires_on": given.expires_on,
    }  # fmt: skip
    same = [_purse.c[name].is_not_distinct_from(value) for name, value in values.items()]
    # Whoever opens the same purse at this moment waits here, and then finds it.
    session.execute(select(_account.c.id).where(_account.c.id == account_id).with_for_update())
    found = session.scalar(select(func.min(_purse.c.id)).where(*same))
    if found is None:
        found = session.scalars(insert(_purse).values(values).returning(_purse.c.id)).one()
    return int(_lock(session, select(literal(found)))[0].id)


def _lock(session: Session, purse_ids: object) -> Sequence[AnyRow]:
    return session.execute(
        select(_purse, FREE.label("free"))
        .where(_purse.c.id.in_(purse_ids))  # type: ignore[arg-type]
        .order_by(_purse.c.id)
        .with_for_update()
    ).all()


def _lock_purses(session: Session, person_id: int, day: date) -> Sequence[AnyRow]:
    """The purses that can pay for a meal of that day, locked, in the order they are spent."""
    mine = select(_purse.c.id).join(_account, _account.c.id == _purse.c.account_id)
    _lock(session, mine.where(_account.c.person_id == person_id))
    lasts = or_(_purse.c.expires_on.is_(None), _purse.c.expires_on >= day)
    return session.execute(
        select(_purse.c.id, FREE.label("free"))
        .join(_account, _account.c.id == _purse.c.account_id)
        .where(_account.c.person_id == person_id, lasts, FREE > 0)
        .order_by(*IN_TURN)
    ).all()


def _add(session: Session, purse_id: int, fen: int) -> None:
    """Raises MoneySpent where less than that is free."""
    done = session.execute(
        update(_purse)
        .where(_purse.c.id == purse_id, FREE + fen >= 0)
        .values(balance_fen=_purse.c.balance_fen + fen)
        .returning(_purse.c.id)
    ).first()
    if done is None:
        raise MoneySpent(session.scalars(select(FREE).where(_purse.c.id == purse_id)).one())


def _write(
    session: Session, purse_id: int, kind: EntryKind, fen: int, key: str, actor: Actor,
    now: datetime, *, booking_id: int | None = None, reverses_id: int | None = None,
    note: str | None = None,
) -> int:  # fmt: skip
    return int(
        session.scalars(
            insert(_entry)
            .values(
                purse_id=purse_id, kind=kind, fen=fen, key=key, booking_id=booking_id,
                account_id=actor.account_id, staff_id=actor.staff_id, reverses_id=reverses_id,
                note=note, at=now,
            )
            .returning(_entry.c.id)
        ).one()
    )  # fmt: skip


def _by_key(session: Session, key: str) -> AnyRow | None:
    return session.execute(select(_entry).where(_entry.c.key == key)).first()


def _open(booking_ids: Iterable[int]) -> ColumnElement[bool]:
    return _hold.c.booking_id.in_(booking_ids) & (_hold.c.state == HoldState.OPEN)


def _end(session: Session, booking_ids: Sequence[int], state: HoldState, now: datetime) -> int:
    """The open holds end, and purses hold that much less; spent money leaves their balance, too."""
    open_ones = _open(booking_ids)
    _lock(session, select(_hold.c.purse_id).where(open_ones))
    sums = (
        select(_hold.c.purse_id, func.sum(_hold.c.fen).label("fen"))
        .where(open_ones)
        .group_by(_hold.c.purse_id)
        .subquery()
    )
    total = session.scalars(select(func.coalesce(func.sum(sums.c.fen), 0))).one()
    of_purse = select(sums.c.fen).where(sums.c.purse_id == _purse.c.id).scalar_subquery()
    less = {"held_fen": _purse.c.held_fen - of_purse}
    if state is HoldState.CHARGED:
        less["balance_fen"] = _purse.c.balance_fen - of_purse
    session.execute(update(_purse).where(_purse.c.id.in_(select(sums.c.purse_id))).values(less))
    session.execute(update(_hold).where(open_ones).values(state=state, ended_at=now))
    return int(total)
