"""“Are you …?”: whoever proves a phone under which somebody is in the books already is asked.

The desk registered the 72-year-old with her phone; when she signs in for the first time she says
that it is she, and finds her classes. Nobody becomes somebody else without saying so.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.people import merging
from backend.people.errors import ClaimGone
from backend.people.masking import mask_name
from backend.people.merging import Merge, follows
from backend.people.models import Account, Claim, Identity, IdentityKind, Person
from backend.people.queries import Resident
from backend.people.tokens import token_hash

LIFE = timedelta(minutes=30)
"""Long enough to fetch one's glasses."""


@dataclass(frozen=True, slots=True)
class MaybeYou:
    """The masked name of who it might be, and what to answer with; shown once."""

    name: str
    claim: str


def ask(session: Session, account: Account, now: datetime) -> MaybeYou | None:
    """The question to put to this account now, if there is one; a no before was the answer."""
    known = _in_the_books(session, account)
    me = session.get_one(Person, account.person_id)
    if known is None or not (may_be_one(me, known) or _has_account(session, known)):
        return None
    earlier = session.scalars(
        select(Claim).where(Claim.account_id == account.id, Claim.person_id == known.id)
    ).all()
    if any(claim.answered_at for claim in earlier):
        return None
    token = secrets.token_urlsafe(32)
    claim = earlier[0] if earlier else Claim(account_id=account.id, person_id=known.id)
    claim.token_hash, claim.asked_at, claim.expires_at = token_hash(token), now, now + LIFE
    session.add(claim)
    session.flush()
    return MaybeYou(mask_name(known.name), token)


def answer(session: Session, me: Resident, token: str, *, is_me: bool, now: datetime) -> int:
    """Answer; the person id the account has now. With a yes the account becomes that person.

    Answering the same twice changes nothing. Raises NotFound for a question put to somebody else,
    ClaimGone.
    """
    claim = session.scalars(
        select(Claim)
        .where(Claim.token_hash == token_hash(token), Claim.account_id == me.account_id)
        .with_for_update()
    ).first()
    if claim is None:
        raise NotFound()
    if claim.answered_at is not None and claim.is_me == is_me:
        return me.person_id
    known = _in_the_books(session, session.get_one(Account, me.account_id))
    settled = known is None or known.id != claim.person_id
    if claim.answered_at is not None or claim.expires_at <= now or settled:
        raise ClaimGone()
    assert known is not None
    claim.answered_at, claim.is_me = now, is_me
    session.flush()
    if is_me:
        merging.merge(session, me.person_id, known.id, now)
        return known.id
    if _has_account(session, known):  # the number is not that person's any more
        known.phone = known.phone_hash = known.last_four_hash = None
        session.flush()
    return me.person_id


def may_be_one(one: Person, other: Person) -> bool:
    """Whether the facts allow it: nothing stated on one side contradicts the other."""
    names = {one.name, other.name} - {""}
    births = {one.birth_date, other.birth_date} - {None}
    return len(names) <= 1 and len(births) <= 1


@follows
def claims_follow(session: Session, done: Merge) -> None:
    """What was asked and answered belongs to the entry that stays."""
    session.execute(
        update(Claim).where(Claim.person_id == done.from_id).values(person_id=done.into_id)
    )
    if done.from_account_id is not None:
        session.execute(
            update(Claim)
            .where(Claim.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
        )


def _in_the_books(session: Session, account: Account) -> Person | None:
    """The one person with the account's proven phone as whom nobody can sign in.

    Two such are for staff to merge.
    """
    can_sign_in = exists().where(
        Account.person_id == Person.id, Identity.account_id == Account.id
    )  # fmt: skip
    found = session.scalars(
        select(Person)
        .join(Identity, Identity.subject == Person.phone_hash)
        .where(
            Identity.kind == IdentityKind.PHONE,
            Identity.account_id == account.id,
            Person.id != account.person_id,
            Person.name != "",
            Person.merged_into_id.is_(None),
            ~can_sign_in.correlate(Person),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _has_account(session: Session, person: Person) -> bool:
    found = session.scalars(select(Account.id).where(Account.person_id == person.id))
    return found.first() is not None
