"""Household verbs that somebody has to hear of: the verb, and the row that tells the other side."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.people import household
from backend.people.household import Parties
from backend.people.models import Account, Consent, Person
from backend.people.queries import Resident
from backend.reminders import outbox, wording
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message

PAGE = "household/pages/household"


def ask(session: Session, me: Resident, name: str, phone: str, relation: str, now: datetime) -> int:
    """`household.ask`; whoever has that phone and an account is told. The consent's id."""
    parties = household.ask(session, me, name, phone, relation, now)
    if parties.person_account_id is not None:
        _tell(session, parties.person_account_id, "asked", me, parties, now)
    return parties.consent_id


def accept(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.accept`; who asked is told."""
    parties = household.accept(session, me, consent_id, now)
    if parties.changed:
        _tell(session, parties.account_id, "accepted", me, parties, now)


def refuse(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.refuse`; who asked is told nothing: a refusal must cost no courage."""
    household.refuse(session, me, consent_id, now)


def withdraw(session: Session, me: Resident, consent_id: int, now: datetime) -> None:
    """`household.withdraw`; the person is told if the account gave up, and the other way round."""
    parties = household.withdraw(session, me, consent_id, now)
    other = parties.person_account_id if parties.account_id == me.account_id else parties.account_id
    if other is not None and parties.person_id is not None and parties.changed:
        _tell(session, other, "withdrawn", me, parties, now)


def _tell(
    session: Session, account_id: int, what: str, by: Resident, parties: Parties, now: datetime
) -> None:
    """`facts`: what happened to which consent, and the name of who did it."""
    person_id = session.execute(
        select(Account.person_id).where(Account.id == account_id)
    ).scalar_one()
    name = session.execute(select(Person.name).where(Person.id == by.person_id)).scalar_one()
    outbox.tell(
        session, Kind.CONSENT, person_id=person_id, account_id=account_id, now=now,
        facts={"what": what, "who": name, "consent_id": parties.consent_id},
    )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The consents that these reminders speak of, by reminder id."""
    wanted = {due.id: due.facts["consent_id"] for due in dues if due.kind == Kind.CONSENT}
    rows = session.execute(
        select(Consent.id, Consent.given_at, Consent.withdrawn_at).where(
            Consent.id.in_(wanted.values())
        )
    )
    found = {row.id: row for row in rows} if wanted else {}
    return {due_id: found[consent] for due_id, consent in wanted.items() if consent in found}


def word(due: Due, consent: Any, now: datetime) -> Message | None:
    """A question that is answered, or a consent withdrawn since, is not told any more."""
    what, who = due.facts["what"], due.facts["who"] or _("一位居民")
    ended = consent.withdrawn_at is not None
    if what == "asked" and not ended and consent.given_at is None:
        title = _("有家人想为您代办")
        body = _("%(who)s想为您报名和签到，请到“家人代办”里选择同意或拒绝。", who=who)
    elif what == "accepted" and not ended:
        title = _("家人已同意您代办")
        body = _("%(who)s已同意您代为报名和签到，现在就可以替家人报名了。", who=who)
    elif what == "withdrawn":
        title = _("家人代办已解除")
        body = _("您和%(who)s之间的代办关系已解除，已报名的课程不受影响。", who=who)
    else:
        return None
    return Message(title=title, body=body, page=PAGE)


wording.register("consent", read, word)
