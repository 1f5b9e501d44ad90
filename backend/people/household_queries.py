"""Reads of households: whom I may act for, who asks me, who acts for me."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.db import AnyRow
from backend.people.masking import mask_phone
from backend.people.models import Account, Consent, Identity, IdentityKind, Person
from backend.people.queries import Resident

SELF = "self"


def list_people(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Everybody I may act for today, myself first."""
    today = clock.today(now)
    rows = session.execute(
        select(Person.id, Person.name, Person.birth_date, Person.gender, Consent.relation)
        .outerjoin(
            Consent,
            and_(
                Consent.person_id == Person.id,
                Consent.account_id == me.account_id,
                Consent.given_at.is_not(None),
                Consent.withdrawn_at.is_(None),
                or_(Consent.ends_on.is_(None), Consent.ends_on > today),
            ),
        )
        .where(or_(Person.id == me.person_id, Consent.id.is_not(None)))
        .order_by(Person.id != me.person_id, Consent.id)
    )
    return [
        {
            "person_id": row.id,
            "name": row.name,
            "gender": row.gender,
            "birth_date": _iso(row.birth_date),
            "relation": SELF if row.id == me.person_id else row.relation,
        }
        for row in rows
    ]


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Whom I may act for or have asked; who has not said yes is shown as I named them."""
    today = clock.today(now)
    rows = session.execute(
        select(
            Consent.id, Consent.person_id, Consent.relation, Consent.asked_name,
            Consent.requested_at, Consent.given_at, Consent.ends_on, Consent.witness_staff_id,
            Person.name, Person.birth_date,
        )
        .outerjoin(Person, Person.id == Consent.person_id)
        .where(Consent.account_id == me.account_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "person_id": row.person_id,
            "name": row.name if row.given_at else row.asked_name,
            "birth_date": _iso(row.birth_date),
            "relation": row.relation,
            "state": _state(row.given_at, row.ends_on, today),
            "requested_at": clock.rfc3339(row.requested_at),
            "given_at": clock.rfc3339(row.given_at),
            "ends_on": _iso(row.ends_on),
            "witnessed": row.witness_staff_id is not None,
        }
        for row in rows
    ]


def list_requests(session: Session, me: Resident) -> list[dict[str, Any]]:
    """Who asks whether they may act for me, by a phone that I have proved to be mine."""
    asker = aliased(Person)
    rows = session.execute(
        select(Consent.id, Consent.relation, Consent.requested_at, asker.name, asker.phone)
        .join(Identity, Identity.subject == Consent.asked_phone_hash)
        .join(Account, Account.id == Consent.account_id)
        .join(asker, asker.id == Account.person_id)
        .where(
            Identity.kind == IdentityKind.PHONE,
            Identity.account_id == me.account_id,
            Consent.account_id != me.account_id,
            Consent.given_at.is_(None),
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id)
    )
    return [_other_side(row) | {"requested_at": clock.rfc3339(row.requested_at)} for row in rows]


def list_acting_for_me(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Whose accounts may act for me today; I can end that."""
    actor = aliased(Person)
    rows = session.execute(
        select(Consent.id, Consent.relation, Consent.given_at, actor.name, actor.phone)
        .join(Account, Account.id == Consent.account_id)
        .join(actor, actor.id == Account.person_id)
        .where(
            Consent.person_id == me.person_id,
            Consent.given_at.is_not(None),
            Consent.withdrawn_at.is_(None),
            or_(Consent.ends_on.is_(None), Consent.ends_on > clock.today(now)),
        )
        .order_by(Consent.id)
    )
    return [_other_side(row) | {"given_at": clock.rfc3339(row.given_at)} for row in rows]


def _state(given_at: datetime | None, ends_on: date | None, today: date) -> str:
    """`requested`, `given`, or `ended`: the child is a grown-up now and has to be asked."""
    if given_at is None:
        return "requested"
    return "ended" if ends_on is not None and ends_on <= today else "given"


def _other_side(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "phone": mask_phone(row.phone) if row.phone else None,
        "relation": row.relation,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
