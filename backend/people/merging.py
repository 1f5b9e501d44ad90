"""Two entries for one human become one: everything that points at one points at the other.

Packages that keep rows about people register how those follow; people knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.people.models import AccessToken, Account, Consent, Identity, Person


@dataclass(frozen=True, slots=True)
class Merge:
    """`from_id` goes, `into_id` stays. The accounts are given where both entries had one."""

    from_id: int
    into_id: int
    now: datetime
    from_account_id: int | None = None
    into_account_id: int | None = None


Follow = Callable[[Session, Merge], None]
"""Move a package's rows from one person (and account) to the other."""

_followers: list[Follow] = []

_live = Consent.withdrawn_at.is_(None)
_FILLED = (
    "name", "birth_date", "gender", "home_place_id", "address", "phone", "phone_hash",
    "last_four_hash", "id_number", "note",
)  # fmt: skip


def follows(follow: Follow) -> Follow:
    """Register `follow`, to be called in the transaction of every merge."""
    _followers.append(follow)
    return follow


def merge(session: Session, from_id: int, into_id: int, now: datetime) -> None:
    """Make `into_id` the one entry: bookings, consents and the account follow, gaps are filled.

    The other row stays, pointing at the one to use. Where both have accounts, the account of
    `from_id` is closed and its ways of signing in move over. Raises ValueError for one person
    twice, or one that was merged before.
    """
    locked = session.scalars(
        select(Person).where(Person.id.in_((from_id, into_id))).order_by(Person.id)
        .with_for_update()
    ).all()  # fmt: skip
    people = {person.id: person for person in locked}
    if len(people) != 2 or any(person.merged_into_id for person in locked):
        raise ValueError("a merge needs two entries that stand for themselves")
    gone, kept = people[from_id], people[into_id]
    for name in _FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
    gone.merged_into_id = into_id
    gone.phone = gone.phone_hash = gone.last_four_hash = None
    session.flush()
    done = Merge(from_id, into_id, now, *_accounts_follow(session, from_id, into_id, now))
    _consents_follow(session, done)
    for follow in _followers:
        follow(session, done)
    session.execute(
        update(Person).where(Person.merged_into_id == from_id).values(merged_into_id=into_id)
    )


def _accounts_follow(
    session: Session, from_id: int, into_id: int, now: datetime
) -> tuple[int | None, int | None]:
    """The one account moves; of two, the second takes over all ways of signing in."""
    gone = session.scalars(select(Account).where(Account.person_id == from_id)).first()
    kept = session.scalars(select(Account).where(Account.person_id == into_id)).first()
    if gone is None:
        return None, None
    if kept is None:
        gone.person_id = into_id
        session.flush()
        return None, None
    for table in (Identity, AccessToken):
        session.execute(update(table).where(table.account_id == gone.id).values(account_id=kept.id))
    gone.closed_at = gone.closed_at or now
    link, gone.calendar_token = gone.calendar_token, None
    session.flush()
    kept.calendar_token = kept.calendar_token or link
    session.flush()
    return gone.id, kept.id


def _consents_follow(session: Session, done: Merge) -> None:
    """One live consent per account and person: of two, the one that was given stays."""
    both = (done.from_id, done.into_id)
    own = select(Account.id).where(Account.person_id.in_(both))
    session.execute(  # nobody needs a consent for oneself
        update(Consent)
        .where(_live, Consent.account_id.in_(own), Consent.person_id.in_(both))
        .values(withdrawn_at=done.now)
    )
    _withdraw_doubles(session, done.now, Consent.person_id.in_(both), "account_id")
    accounts = (done.from_account_id, done.into_account_id)
    if done.from_account_id is not None:
        _withdraw_doubles(session, done.now, Consent.account_id.in_(accounts), "person_id")
    session.execute(
        update(Consent).where(Consent.person_id == done.from_id).values(person_id=done.into_id)
    )
    if done.from_account_id is not None:
        session.execute(
            update(Consent)
            .where(Consent.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
        )


def _withdraw_doubles(session: Session, now: datetime, among: Any, by: str) -> None:
    live = session.scalars(
        select(Consent).where(_live, among).order_by(Consent.given_at.is_(None), Consent.id)
    ).all()
    seen: set[int] = set()
    for consent in live:
        other = getattr(consent, by)
        if other is not None and other in seen:
            consent.withdrawn_at = now
        seen.add(other)
    session.flush()
