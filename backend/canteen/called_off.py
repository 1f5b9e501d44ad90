"""Who is told that meals are called off: each account once, whomever it has ordered for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.db import AnyRow, table_of
from backend.people.models import Account
from backend.people.queries import may_act_for
from backend.reminders import outbox
from backend.reminders.models import Kind

_booking = table_of(Booking)
_Reader = tuple[int | None, int | None]


def tell(session: Session, ended: Sequence[AnyRow], reason: str, now: datetime) -> None:
    """One message about all orders of an account, and of a person whom nobody ordered for.

    Whom an account may not act for any more has one of their own.
    """
    owners = _owners(session, ended, now)
    orders: dict[_Reader, list[AnyRow]] = {}
    for one in sorted(ended, key=lambda one: (owners.get(one.id) != one.person_id, one.starts_at)):
        together = one.id in owners
        reader = (one.account_id, None) if together else (one.account_id, one.person_id)
        orders.setdefault(reader, []).append(one)
    also = {
        first.id: [one.id for one in others] for first, *others in orders.values() if others
    }  # fmt: skip
    firsts = [first for first, *_others in orders.values()]
    outbox.tell_all(session, Kind.CANCELLED, firsts, now, {"reason": reason}, also)


def _owners(session: Session, ended: Sequence[AnyRow], now: datetime) -> Mapping[int, int]:
    """Whose account it is, of the orders that an account has made for people it may act for; only
    where it has ordered for several.
    """
    people: dict[int, set[int]] = {}
    for one in ended:
        if one.account_id is not None:
            people.setdefault(one.account_id, set()).add(one.person_id)
    several = sorted(account_id for account_id, whom in people.items() if len(whom) > 1)
    if not several:
        return {}
    may = may_act_for(_booking.c.person_id, Account.id, Account.person_id, clock.today(now))
    rows = session.execute(
        select(_booking.c.id, Account.person_id)
        .join(Account, Account.id == _booking.c.account_id)
        .where(
            _booking.c.bookable_id.in_({one.bookable_id for one in ended}),
            Account.id.in_(several), Account.closed_at.is_(None), may,
        )
    )  # fmt: skip
    return {row.id: row.person_id for row in rows}
