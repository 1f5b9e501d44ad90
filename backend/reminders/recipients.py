"""Who receives a reminder: who booked, while they may act for the person; else the person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.people.models import Account, Identity, IdentityKind, Person
from backend.people.queries import may_act_for
from backend.reminders.models import Reminder


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account and its owner's name, or, without an account, the person concerned.

    `own`: the reminder is about the one who receives it.
    """

    account_id: int | None
    name: str
    own: bool
    language: str = "zh"
    openid: str | None = None


_booker, _own = aliased(Account), aliased(Account)
_account = aliased(Account)
_concerned, _reader = aliased(Person), aliased(Person)


def recipients(session: Session, ids: Collection[int], now: datetime) -> dict[int, Recipient]:
    """The recipient of each reminder, in one read."""
    may_still = may_act_for(
        Reminder.person_id, _booker.id, _booker.person_id, clock.today(now)
    )  # fmt: skip
    rows = session.execute(
        select(
            Reminder.id, Reminder.person_id, _concerned.name.label("concerned"),
            _account.id.label("account_id"), _account.person_id.label("reader_id"),
            _account.language, _reader.name.label("reader"), Identity.subject.label("openid"),
        )
        .join(_concerned, _concerned.id == Reminder.person_id)
        .outerjoin(
            _booker,
            and_(_booker.id == Reminder.account_id, _booker.closed_at.is_(None), may_still),
        )
        .outerjoin(_own, and_(_own.person_id == Reminder.person_id, _own.closed_at.is_(None)))
        .outerjoin(_account, _account.id == func.coalesce(_booker.id, _own.id))
        .outerjoin(_reader, _reader.id == _account.person_id)
        .outerjoin(
            Identity,
            and_(Identity.account_id == _account.id, Identity.kind == IdentityKind.WECHAT),
        )
        .where(Reminder.id.in_(ids))
        .order_by(Identity.id)
    )  # fmt: skip
    return {
        row.id: Recipient(None, row.concerned, own=True)
        if row.account_id is None
        else Recipient(
            row.account_id, row.reader, row.reader_id == row.person_id, row.language, row.openid
        )
        for row in rows
    }
