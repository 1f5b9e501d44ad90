"""Consents at the desk: witnessed by staff when the person is there, withdrawn on their word."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.desk.errors import NoAccount, OwnConsent
from backend.desk.reach import access_person, place_of
from backend.errors import NotFound
from backend.people import crypto, household
from backend.people.models import Account, Consent, Identity, IdentityKind, Person
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff


def witness(
    session: Session, me: SignedInStaff, person_id: int, phone: str, relation: str, now: datetime
) -> int:
    """The person says before staff that the one with this phone may act for them; the consent's id.

    Raises NotFound, NoAccount, OwnConsent, and what `household.witness` refuses.
    """
    person = access_person(session, me, Permission.CHANGE_PEOPLE, person_id)
    account = session.scalars(
        select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(
            Identity.kind == IdentityKind.PHONE,
            Identity.subject == crypto.phone_hash(phone),
            Account.closed_at.is_(None),
        )
    ).first()
    if account is None:
        raise NoAccount()
    return _witness(session, me, person, account, relation, now)


def witness_asked(
    session: Session, me: SignedInStaff, person_id: int, consent_id: int, now: datetime
) -> int:
    """The person says yes, before staff, to a request that is open. Raises NotFound."""
    person = access_person(session, me, Permission.CHANGE_PEOPLE, person_id)
    asked = session.scalars(
        select(Consent).where(
            Consent.id == consent_id, Consent.given_at.is_(None), Consent.withdrawn_at.is_(None)
        )
    ).first()
    about_them = asked is not None and (
        asked.person_id == person_id
        or (person.phone_hash is not None and asked.asked_phone_hash == person.phone_hash)
    )
    if asked is None or not about_them:
        raise NotFound()
    account = session.get_one(Account, asked.account_id)
    return _witness(session, me, person, account, asked.relation, now)


def _witness(
    session: Session, me: SignedInStaff, person: Person, account: Account, relation: str,
    now: datetime,
) -> int:  # fmt: skip
    if account.person_id == person.id:
        raise OwnConsent()
    consent_id = household.witness(session, account.id, person.id, relation, me.staff_id, now)
    _tell(session, account, "accepted", person, consent_id, now)
    audit.record(
        session, me.staff_id, "consent.witness", "person", person.id,
        after={"consent_id": consent_id, "account_id": account.id, "relation": relation},
        place_id=place_of(session, me, person),
    )  # fmt: skip
    return consent_id


def withdraw(
    session: Session, me: SignedInStaff, person_id: int, consent_id: int, now: datetime
) -> None:
    """End a consent (or refuse a request) on the person's word, or that of who acts for them.

    Withdrawing twice changes nothing. Raises NotFound.
    """
    person = access_person(session, me, Permission.CHANGE_PEOPLE, person_id)
    consent = session.scalars(select(Consent).where(Consent.id == consent_id)).first()
    if consent is None:
        raise NotFound()
    account = session.get_one(Account, consent.account_id)
    if not _concerns(consent, account, person):
        raise NotFound()
    if consent.withdrawn_at is not None:
        audit.unchanged(session)
        return
    session.execute(update(Consent).where(Consent.id == consent_id).values(withdrawn_at=now))
    if consent.given_at is not None and account.person_id != person_id:
        _tell(session, account, "withdrawn", person, consent_id, now)
    audit.record(
        session, me.staff_id, "consent.withdraw", "person", person_id,
        before={"consent_id": consent_id, "account_id": account.id, "relation": consent.relation},
        place_id=place_of(session, me, person),
    )  # fmt: skip


def _concerns(consent: Consent, account: Account, person: Person) -> bool:
    by_phone = person.phone_hash is not None and consent.asked_phone_hash == person.phone_hash
    return (
        consent.person_id == person.id
        or account.person_id == person.id
        or (consent.person_id is None and by_phone)
    )


def _tell(
    session: Session, account: Account, what: str, person: Person, consent_id: int, now: datetime
) -> None:
    """The one who acts hears of it, in the same words as when it is done in the app."""
    outbox.tell(
        session, Kind.CONSENT, person_id=account.person_id, account_id=account.id, now=now,
        facts={"what": what, "who": person.name, "consent_id": consent_id},
    )  # fmt: skip
