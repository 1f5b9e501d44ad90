"""Households: whom an account may act for, by whose consent, and how that ends.

A guardian's own declaration is enough for a minor; a grown-up is asked and answers in their own
app, or before staff. Either side may withdraw at any time.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.errors import NotFound
from backend.people import crypto
from backend.people.errors import AlreadyInHousehold, HouseholdFull, NotAMinor, OwnPhone
from backend.people.models import Account, Consent, Identity, IdentityKind, Person, Relation
from backend.people.queries import Resident

OF_AGE = 18
"""Years; Civil Code of the PRC, article 17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A minor as the guardian declares them."""

    name: str
    birth_date: date
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of a consent; `person_*` are None while nobody is known to be meant.

    `changed`: the call did something, it had not been done before.
    """

    consent_id: int
    account_id: int
    person_account_id: int | None
    person_id: int | None
    changed: bool = True


def comes_of_age(birth_date: date) -> date:
    """The eighteenth birthday; who was born on 29 February has it on 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + OF_AGE)
    except ValueError:
        return date(birth_date.year + OF_AGE, 3, 1)


def add_child(session: Session, me: Resident, child: Child, now: datetime) -> Parties:
    """A minor joins the household; the guardian's declaration is the consent, until of age.

    Raises NotAMinor, HouseholdFull, and AlreadyInHousehold for the same name and birth date.
    """
    ends_on = comes_of_age(child.birth_date)
    if ends_on <= clock.today(now):
        raise NotAMinor()
    _lock(session, me.account_id)
    _check_child_is_new(session, me, child)
    _check_limit(session, me.account_id, now)
    guardian = session.get_one(Person, me.person_id)
    person = Person(
        name=child.name, birth_date=child.birth_date, gender=child.gender,
        home_place_id=guardian.home_place_id, created_at=now,
    )  # fmt: skip
    session.add(person)
    session.flush()
    consent = Consent(
        account_id=me.account_id, person_id=person.id, relation=Relation.CHILD, requested_at=now,
        given_at=now, given_by_account_id=me.account_id, ends_on=ends_on,
    )  # fmt: skip
    session.add(consent)
    session.flush()
    return Parties(consent.id, me.account_id, None, person.id)


def ask(
    session: Session, me: Resident, name: str, phone: str, relation: str, now: datetime
) -> Parties:
    """Ask a grown-up, by their phone, whether this account may act for them.

    The caller must not show more than the id: what else is known depends on whether the phone is.
    Asking again while the first question is open changes nothing. Raises HouseholdFull, OwnPhone.
    """
    hashed = crypto.phone_hash(phone)
    owner = _account_with_phone(session, hashed)
    if owner is not None and owner.id == me.account_id:
        raise OwnPhone()
    _lock(session, me.account_id)
    open_already = session.scalars(
        select(Consent).where(
            Consent.account_id == me.account_id,
            Consent.asked_phone_hash == hashed,
            Consent.given_at.is_(None),
            Consent.withdrawn_at.is_(None),
        )
    ).first()
    if open_already is not None:
        return Parties(open_already.id, me.account_id, None, None)
    _check_limit(session, me.account_id, now)
    consent = Consent(
        account_id=me.account_id, relation=relation, asked_name=name, asked_phone_hash=hashed,
        requested_at=now,
    )  # fmt: skip
    session.add(consent)
    session.flush()
    if owner is None:
        return Parties(consent.id, me.account_id, None, None)
    return Parties(consent.id, me.account_id, owner.id, owner.person_id)


def accept(session: Session, me: Resident, consent_id: int, now: datetime) -> Parties:
    """Let the asking account act for me. Accepting twice changes nothing. Raises NotFound."""
    asked = _asked_of(session, me, consent_id)
    is_new = asked.given_at is None
    if is_new:
        give(session, asked, me.person_id, now, account_id=me.account_id)
    return Parties(asked.id, asked.account_id, me.account_id, me.person_id, is_new)


def refuse(session: Session, me: Resident, consent_id: int, now: datetime) -> Parties:
    """Say no; the question is closed. Raises NotFound."""
    asked = _asked_of(session, me, consent_id)
    if asked.given_at is not None:
        raise NotFound()
    asked.withdrawn_at = now
    session.flush()
    return Parties(asked.id, asked.account_id, me.account_id, me.person_id)


def witness(
    session: Session, account_id: int, person_id: int, relation: str, staff_id: int, now: datetime
) -> int:
    """The person consents before staff; the consent's id. A question that is open is answered.

    Raises HouseholdFull, AlreadyInHousehold.
    """
    _lock(session, account_id)
    person = session.get_one(Person, person_id)
    asked = None
    if person.phone_hash is not None:
        asked = session.scalars(
            select(Consent).where(
                Consent.account_id == account_id,
                Consent.asked_phone_hash == person.phone_hash,
                Consent.given_at.is_(None),
                Consent.withdrawn_at.is_(None),
            )
        ).first()
    if asked is None:
        if _live_consent(session, account_id, person_id) is not None:
            raise AlreadyInHousehold()
        _check_limit(session, account_id, now)
        asked = Consent(account_id=account_id, relation=relation, requested_at=now)
        asked.ends_on = _guardian_until(relation, person.birth_date, now)
    give(session, asked, person_id, now, staff_id=staff_id)
    return asked.id


def give(
    session: Session,
    asked: Consent,
    person_id: int,
    now: datetime,
    *,
    account_id: int | None = None,
    staff_id: int | None = None,
) -> None:
    """Answer yes for `person_id`; an older consent of the same two gives way to this one."""
    session.execute(
        update(Consent)
        .where(
            Consent.account_id == asked.account_id,
            Consent.person_id == person_id,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    asked.person_id = person_id
    asked.given_at = now
    asked.given_by_account_id = account_id
    asked.witness_staff_id = staff_id
    session.add(asked)
    session.flush()


def withdraw(session: Session, me: Resident, consent_id: int, now: datetime) -> Parties:
    """End it, from either side. Bookings stay; the account can do nothing about them any more.

    Withdrawing twice changes nothing. Raises NotFound.
    """
    consent = session.get(Consent, consent_id)
    if consent is None or (
        consent.account_id != me.account_id and consent.person_id != me.person_id
    ):
        raise NotFound()
    is_new = consent.withdrawn_at is None
    consent.withdrawn_at = consent.withdrawn_at or now
    session.flush()
    owner = session.scalars(
        select(Account.id).where(Account.person_id == consent.person_id)
    ).first()
    return Parties(consent.id, consent.account_id, owner, consent.person_id, is_new)


def _guardian_until(relation: str, birth_date: date | None, now: datetime) -> date | None:
    """The end of a guardian's consent; a grown-up's own has none."""
    if relation != Relation.CHILD or birth_date is None:
        return None
    ends_on = comes_of_age(birth_date)
    return ends_on if ends_on > clock.today(now) else None


def _asked_of(session: Session, me: Resident, consent_id: int) -> Consent:
    """The question that was put to one of my verified phones. Raises NotFound."""
    consent = session.scalars(
        select(Consent)
        .join(Identity, Identity.subject == Consent.asked_phone_hash)
        .where(
            Consent.id == consent_id,
            Consent.account_id != me.account_id,
            Consent.withdrawn_at.is_(None),
            Identity.kind == IdentityKind.PHONE,
            Identity.account_id == me.account_id,
        )
        .with_for_update(of=Consent)
    ).first()
    if consent is None or consent.person_id not in (None, me.person_id):
        raise NotFound()
    return consent


def _account_with_phone(session: Session, hashed: str) -> Account | None:
    return session.scalars(
        select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.kind == IdentityKind.PHONE, Identity.subject == hashed)
    ).first()


def _lock(session: Session, account_id: int) -> None:
    """Limits are counted under the account's row lock, or two posts would both fit."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def _live_consent(session: Session, account_id: int, person_id: int) -> int | None:
    return session.scalars(
        select(Consent.id).where(
            Consent.account_id == account_id,
            Consent.person_id == person_id,
            Consent.withdrawn_at.is_(None),
        )
    ).first()


def _check_limit(session: Session, account_id: int, now: datetime) -> None:
    """Given and asked together; those whose time has run out do not count."""
    count = session.execute(
        select(func.count()).where(
            Consent.account_id == account_id,
            Consent.withdrawn_at.is_(None),
            or_(Consent.ends_on.is_(None), Consent.ends_on > clock.today(now)),
        )
    ).scalar_one()
    limit = config.current().household_limit
    if count >= limit:
        raise HouseholdFull(limit=limit)


def _check_child_is_new(session: Session, me: Resident, child: Child) -> None:
    known = select(Person.id).where(
        Person.id == Consent.person_id,
        Person.name == child.name,
        Person.birth_date == child.birth_date,
    )
    found = session.scalars(
        select(Consent.id).where(
            Consent.account_id == me.account_id,
            Consent.withdrawn_at.is_(None),
            exists(known.correlate(Consent)),
        )
    ).first()
    if found is not None:
        raise AlreadyInHousehold()
