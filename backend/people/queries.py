"""Reads about residents: who is signed in, and for whom they may act."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import FromClause

from backend.db import Prepared, table_of
from backend.errors import NotFound, SignInExpired, SignInNeeded
from backend.people.models import AccessToken, Account, Consent, Person


@dataclass(frozen=True, slots=True)
class Resident:
    """The one who is signed in."""

    account_id: int
    person_id: int


_token = table_of(AccessToken)
_account = table_of(Account)
_consent = table_of(Consent)
_person = table_of(Person)

_BY_TOKEN = Prepared(
    select(
        _token.c.account_id, _token.c.expires_at, _token.c.revoked_at,
        _account.c.person_id, _account.c.closed_at,
    )
    .join_from(_token, _account, _account.c.id == _token.c.account_id)
    .where(_token.c.token_hash == bindparam("token_hash", type_=String))
)  # fmt: skip


def by_token(session: Session, token_hash: str, now: datetime) -> Resident:
    """Whose token this is: one indexed read. Raises SignInNeeded, SignInExpired."""
    row = _BY_TOKEN.first(session, {"token_hash": token_hash})
    if row is None:
        raise SignInNeeded()
    if row.revoked_at is not None or row.closed_at is not None or row.expires_at <= now:
        raise SignInExpired()
    return Resident(row.account_id, row.person_id)


def is_signed_in(token: FromClause, account: FromClause, now: Any) -> ColumnElement[bool]:
    """Whether rows of the two tables are a sign-in that `by_token` would let pass."""
    return and_(
        token.c.revoked_at.is_(None), account.c.closed_at.is_(None), token.c.expires_at > now
    )


def may_act_for(
    person_id: ColumnElement[int] | Any, account_id: Any, self_id: Any, today: Any
) -> ColumnElement[bool]:
    """Whether the account's own person is meant, or one whose live consent it has."""
    consented = exists().where(
        _consent.c.account_id == account_id,
        _consent.c.person_id == person_id,
        _consent.c.given_at.is_not(None),
        _consent.c.withdrawn_at.is_(None),
        or_(_consent.c.ends_on.is_(None), _consent.c.ends_on > today),
    )
    return or_(person_id == self_id, consented)


def acts_for(resident: Resident, person_id: Any, today: date) -> ColumnElement[bool]:
    """`may_act_for` with values at hand."""
    return may_act_for(person_id, resident.account_id, resident.person_id, today)


def acted_for(resident: Resident, today: date) -> Select[tuple[int]]:
    """The ids of everybody the account may act for, its own person among them."""
    live = and_(
        _consent.c.account_id == resident.account_id,
        _consent.c.given_at.is_not(None),
        _consent.c.withdrawn_at.is_(None),
        or_(_consent.c.ends_on.is_(None), _consent.c.ends_on > today),
    )
    everybody = union(
        select(literal(resident.person_id)), select(_consent.c.person_id).where(live)
    ).subquery()
    return select(everybody.c[0])


def household_of(person_id: ColumnElement[int], today: Any) -> Select[tuple[int]]:
    """The ids of the person and of everybody whom the same accounts act for."""
    live = and_(
        _consent.c.given_at.is_not(None),
        _consent.c.withdrawn_at.is_(None),
        or_(_consent.c.ends_on.is_(None), _consent.c.ends_on > today),
    )
    accounts = union(
        select(_account.c.id).where(_account.c.person_id == person_id),
        select(_consent.c.account_id).where(_consent.c.person_id == person_id, live),
    )
    everybody = union(
        select(_person.c.id).where(_person.c.id == person_id),
        select(_account.c.person_id).where(_account.c.id.in_(accounts)),
        select(_consent.c.person_id).where(_consent.c.account_id.in_(accounts), live),
    ).subquery()
    return select(everybody.c[0])


def check_acts_for(session: Session, me: Resident, person_id: int, today: date) -> None:
    """Raise NotFound unless it is oneself or somebody whose live consent the account has."""
    found = session.execute(
        select(_person.c.id).where(
            _person.c.id == person_id,
            _person.c.merged_into_id.is_(None),
            acts_for(me, _person.c.id, today),
        )
    ).first()
    if found is None:
        raise NotFound()
