"""Household verbs that somebody has to hear of: the verb, and the row that tells the other side."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.people import household
from backend.people.models import Account, Person
from backend.people.queries import Resident
from backend.reminders import outbox
from backend.reminders.models import Kind


def ask(session: Session, me: Resident, name: str, phone: str, relation: str, now: datetime) -> int:
    """`household.ask`; whoever has that phone and an account is told. The consent's id."""
    parties = household.ask(session, me, name, phone, relation, now)
    if parties.person_account_id is not None:
        _tell(session, parties.person_account_id, "asked", me.account_id, now)
    return parties.consent_id


def accept(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.accept`; who asked is told."""
    parties = household.accept(session, me, consent_id, now)
    _tell(session, parties.account_id, "accepted", me.account_id, now)


def refuse(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.refuse`; who asked is told nothing: a refusal must cost no courage."""
    household.refuse(session, me, consent_id, now)


def withdraw(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.withdraw`; the person is told if the account gave up, and the other way round."""
    parties = household.withdraw(session, me, consent_id, now)
    other = parties.person_account_id if parties.account_id == me.account_id else parties.account_id
    if other is not None and parties.person_id is not None:
        _tell(session, other, "withdrawn", me.account_id, now)


def _tell(session: Session, account_id: int, what: str, by_account_id: int, now: datetime) -> None:
    """`facts`: what happened, and the name of who did it."""
    person_id = session.execute(
        select(Account.person_id).where(Account.id == account_id)
    ).scalar_one()
    name = session.execute(
        select(Person.name)
        .join(Account, Account.person_id == Person.id)
        .where(Account.id == by_account_id)
    ).scalar_one()
    outbox.tell(
        session, Kind.CONSENT, person_id=person_id, account_id=account_id, now=now,
        facts={"what": what, "who": name},
    )  # fmt: skip
