"""Sign-in as WeChat does it: a code becomes an openid, an openid an account and a token."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import config
from backend.db import RunAgain
from backend.errors import CodeRefused, WeChatBusy
from backend.people import crypto, merging
from backend.people.models import AccessToken, Account, Identity, IdentityKind, Person
from backend.wechat.client import WeChatClient
from backend.wechat.errors import CodeInvalid, UserBlocked, WeChatError


def openid_of(wechat: WeChatClient, code: str) -> str:
    """Who stands behind a login code. Raises CodeRefused, WeChatBusy."""
    try:
        return wechat.code_to_session(code).openid
    except (CodeInvalid, UserBlocked) as error:
        raise CodeRefused() from error
    except WeChatError as error:
        raise WeChatBusy() from error


def phone_of(wechat: WeChatClient, code: str) -> str:
    """The verified phone behind a phone code. Raises CodeRefused, WeChatBusy."""
    try:
        return wechat.phone_number(code)
    except CodeInvalid as error:
        raise CodeRefused() from error
    except WeChatError as error:
        raise WeChatBusy() from error


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new token, shown once; `is_new`: the account was made just now."""

    token: str
    expires_at: datetime
    account_id: int
    person_id: int
    is_new: bool


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


def sign_in(session: Session, openid: str, now: datetime) -> SignedIn:
    """The account of `openid`, made at the first sign-in, and a token for it."""
    account = session.scalars(
        select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.kind == IdentityKind.WECHAT, Identity.subject == openid)
    ).first()
    is_new = account is None
    if account is None:
        try:
            account = open_account(session, IdentityKind.WECHAT, openid, now)
        except IntegrityError as error:
            # A double tap on "sign in": the next try sees the account of the first.
            raise RunAgain() from error
    return issue_token(session, account, now, is_new=is_new)


def open_account(session: Session, kind: IdentityKind, subject: str, now: datetime) -> Account:
    """An account for somebody nobody has met; the name comes later."""
    person = Person(name="", created_at=now)
    session.add(person)
    session.flush()
    account = Account(person_id=person.id, created_at=now)
    session.add(account)
    session.flush()
    session.add(Identity(account_id=account.id, kind=kind, subject=subject, created_at=now))
    session.flush()
    return account


def issue_token(session: Session, account: Account, now: datetime, *, is_new: bool) -> SignedIn:
    """256 random bits, valid for `TOKEN_DAYS`."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=config.current().token_days)
    session.add(
        AccessToken(
            token_hash=token_hash(token),
            account_id=account.id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    return SignedIn(token, expires_at, account.id, account.person_id, is_new)


def sign_out(session: Session, hash_: str, now: datetime) -> None:
    """Revoke one token; doing it twice changes nothing."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.token_hash == hash_, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def bind_phone(session: Session, account_id: int, phone: str, now: datetime) -> int:
    """Make a phone that WeChat has verified the account's; the person id the account has now.

    Somebody staff registered under this phone, without an account, becomes this account's person:
    the 72-year-old whom the desk knows signs in for the first time and finds her classes.
    """
    hashed = crypto.phone_hash(phone)
    account = session.get_one(Account, account_id)
    _prove_phone(session, account_id, hashed, now)
    person = session.get_one(Person, account.person_id)
    registered = _registered_without_account(session, hashed, person)
    if registered is not None and _may_be_one(person, registered):
        merging.merge(session, person.id, registered.id, now)
        person = registered
    person.phone = phone
    person.phone_hash = hashed
    person.last_four_hash = crypto.last_four_hash(phone)
    session.flush()
    return person.id


def _prove_phone(session: Session, account_id: int, hashed: str, now: datetime) -> None:
    """A phone proves one account at a time, the newest; an account has one phone."""
    taken = session.scalars(
        select(Identity).where(Identity.kind == IdentityKind.PHONE, Identity.subject == hashed)
    ).first()
    session.execute(
        delete(Identity).where(
            Identity.kind == IdentityKind.PHONE,
            Identity.account_id == account_id,
            Identity.subject != hashed,
        )
    )
    if taken is None:
        session.add(
            Identity(account_id=account_id, kind=IdentityKind.PHONE, subject=hashed, created_at=now)
        )
    elif taken.account_id != account_id:
        before = session.get_one(Account, taken.account_id)
        session.execute(  # the number is not that person's any more: nobody shall call it for them
            update(Person)
            .where(Person.id == before.person_id, Person.phone_hash == hashed)
            .values(phone=None, phone_hash=None, last_four_hash=None)
        )
        taken.account_id = account_id
    session.flush()


def _may_be_one(person: Person, registered: Person) -> bool:
    """A newcomer is whom the desk knows; somebody with a name only if the facts agree."""
    if not person.name:
        return True
    births = {person.birth_date, registered.birth_date} - {None}
    return person.name == registered.name and len(births) <= 1


def _registered_without_account(session: Session, hashed: str, person: Person) -> Person | None:
    """The one person with that phone whom nobody signs in as; two such are for staff to merge."""
    found = session.scalars(
        select(Person)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            Person.phone_hash == hashed,
            Person.id != person.id,
            Person.merged_into_id.is_(None),
            Account.id.is_(None),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
