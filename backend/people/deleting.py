"""Deleting an account: what is personal goes, what was counted stays without a name.

Right to deletion: Personal Information Protection Law of the PRC, article 47. Packages that keep
rows about people register what becomes of theirs; people knows none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.people.models import (
    AccessToken,
    Account,
    Claim,
    Consent,
    Identity,
    IdentityKind,
    Person,
    Relation,
)
from backend.people.queries import Resident


@dataclass(frozen=True, slots=True)
class Deletion:
    """The account that ends, with its openids; and the people whose facts go.

    `person_ids`: the owner, children whom nobody else acts for, and what was merged into them.
    """

    account_id: int
    person_ids: Sequence[int]
    consent_ids: Sequence[int]
    openids: Sequence[str]
    now: datetime


Forget = Callable[[Session, Deletion], None]
"""Let go of what a package keeps about these people, or of what makes it personal."""

_forgetters: list[Forget] = []
_other = aliased(Consent)


def forgets(forget: Forget) -> Forget:
    """Register `forget`, to be called in the transaction of every deletion."""
    _forgetters.append(forget)
    return forget


def forgets_first(forget: Forget) -> Forget:
    """Register `forget` to be called before the others: what others take over does not end."""
    _forgetters.insert(0, forget)
    return forget


def delete_account(session: Session, me: Resident, now: datetime) -> None:
    """End the account and blank its owner's facts; nobody can sign in as them any more."""
    people = _people(session, me, now)
    session.execute(
        select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update()
    )
    phones = _phones(session, me.account_id, people)
    concerned = or_(
        Consent.account_id == me.account_id,
        Consent.person_id.in_(people),
        Consent.asked_phone_hash.in_(phones),
    )
    done = Deletion(
        me.account_id, people,
        session.scalars(select(Consent.id).where(concerned)).all(),
        session.scalars(
            select(Identity.subject).where(
                Identity.account_id == me.account_id, Identity.kind == IdentityKind.WECHAT
            )
        ).all(),
        now,
    )  # fmt: skip
    for forget in _forgetters:
        forget(session, done)
    _end_consents(session, done)
    _end_account(session, done)
    _blank(session, done)


def _people(session: Session, me: Resident, now: datetime) -> list[int]:
    """Myself, children I alone declared and act for, and entries that were merged into us."""
    somebody_else = exists().where(
        _other.person_id == Consent.person_id,
        _other.account_id != me.account_id,
        _other.withdrawn_at.is_(None),
    )
    wards = session.scalars(
        select(Consent.person_id)
        .join(Person, Person.id == Consent.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            Consent.account_id == me.account_id,
            Consent.given_by_account_id == me.account_id,
            Consent.relation == Relation.CHILD,
            Consent.withdrawn_at.is_(None),
            Consent.ends_on > clock.today(now),
            Account.id.is_(None),
            ~somebody_else,
        )
    )
    ours = [me.person_id, *(ward for ward in wards if ward is not None)]
    merged = session.scalars(select(Person.id).where(Person.merged_into_id.in_(ours)))
    return [*ours, *merged]


def _phones(session: Session, account_id: int, people: Sequence[int]) -> set[str]:
    """The hashes of the numbers by which somebody may have asked for them."""
    proven = select(Identity.subject).where(
        Identity.account_id == account_id, Identity.kind == IdentityKind.PHONE
    )
    stated = select(Person.phone_hash).where(
        Person.id.in_(people), Person.phone_hash.is_not(None)
    )  # fmt: skip
    return {str(one) for query in (proven, stated) for one in session.scalars(query)}


def _end_consents(session: Session, done: Deletion) -> None:
    session.execute(
        update(Consent)
        .where(Consent.id.in_(done.consent_ids))
        .values(
            withdrawn_at=func.coalesce(Consent.withdrawn_at, done.now),
            asked_name=None,
            asked_phone_hash=None,
        )
        .execution_options(synchronize_session=False)
    )


def _end_account(session: Session, done: Deletion) -> None:
    mine = done.account_id
    session.execute(delete(Identity).where(Identity.account_id == mine))
    session.execute(
        delete(Claim).where(or_(Claim.account_id == mine, Claim.person_id.in_(done.person_ids)))
    )
    session.execute(
        update(AccessToken)
        .where(AccessToken.account_id == mine, AccessToken.revoked_at.is_(None))
        .values(revoked_at=done.now)
    )
    session.execute(
        update(Account).where(Account.id == mine).values(closed_at=done.now, calendar_token=None)
    )


def _blank(session: Session, done: Deletion) -> None:
    session.execute(
        update(Person)
        .where(Person.id.in_(done.person_ids))
        .values(
            name="", birth_date=None, gender=None, home_place_id=None, address=None, phone=None,
            phone_hash=None, last_four_hash=None, id_number=None, note=None, deleted_at=done.now,
        )
    )  # fmt: skip
