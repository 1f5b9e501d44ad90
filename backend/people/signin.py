"""Sign-in: a proven openid or phone becomes an account and a token; two proofs meet in one."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import config
from backend.db import RunAgain
from backend.errors import CodeRefused, WeChatBusy
from backend.people import claims, crypto, merging
from backend.people.claims import MaybeYou
from backend.people.models import AccessToken, Account, Identity, IdentityKind, Person
from backend.people.tokens import token_hash
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
    maybe_you: MaybeYou | None = None


@dataclass(frozen=True, slots=True)
class PhoneBound:
    """The person the account has now, and who it might be besides."""

    person_id: int
    maybe_you: MaybeYou | None


def sign_in(session: Session, openid: str, now: datetime) -> SignedIn:
    """The account of `openid`, made at the first sign-in, and a token for it."""
    account = _account_of(session, IdentityKind.WECHAT, openid)
    is_new = account is None
    account = account or open_account(session, IdentityKind.WECHAT, openid, now)
    return issue_token(session, account, now, is_new=is_new)


def sign_in_by_phone(session: Session, phone: str, now: datetime) -> SignedIn:
    """The account of a phone that was proved just now, made at the first sign-in, and a token."""
    hashed = crypto.phone_hash(phone)
    account = _account_of(session, IdentityKind.PHONE, hashed)
    is_new = account is None
    if account is None:
        account = open_account(session, IdentityKind.PHONE, hashed, now)
        _write_phone(session.get_one(Person, account.person_id), phone)
        session.flush()
    return issue_token(session, account, now, is_new=is_new)


def _account_of(session: Session, kind: IdentityKind, subject: str) -> Account | None:
    return session.scalars(
        select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.kind == kind, Identity.subject == subject)
    ).first()


def open_account(session: Session, kind: IdentityKind, subject: str, now: datetime) -> Account:
    """An account for somebody nobody has met; the name comes later."""
    person = Person(name="", created_at=now)
    session.add(person)
    session.flush()
    account = Account(person_id=person.id, created_at=now)
    session.add(account)
    session.flush()
    _add_identity(session, account.id, kind, subject, now)
    return account


def _add_identity(
    session: Session, account_id: int, kind: IdentityKind, subject: str, now: datetime
) -> None:
    session.add(Identity(account_id=account_id, kind=kind, subject=subject, created_at=now))
    try:
        session.flush()
    except IntegrityError as error:
        # A double tap on "sign in": the next try sees the account of the first.
        raise RunAgain() from error


def issue_token(session: Session, account: Account, now: datetime, *, is_new: bool) -> SignedIn:
    """256 random bits, valid for `TOKEN_DAYS`; and the question to ask, if there is one."""
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
    maybe = claims.ask(session, account, now)
    return SignedIn(token, expires_at, account.id, account.person_id, is_new, maybe)


def sign_out(session: Session, hash_: str, now: datetime) -> None:
    """Revoke one token; doing it twice changes nothing."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.token_hash == hash_, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def bind_phone(session: Session, account_id: int, phone: str, now: datetime) -> PhoneBound:
    """Make a phone that WeChat has verified the account's.

    An account that this phone alone has made (by text message) becomes one with it, unless the
    facts speak against it.
    """
    hashed = crypto.phone_hash(phone)
    account = session.get_one(Account, _prove_phone(session, account_id, hashed, now))
    _write_phone(session.get_one(Person, account.person_id), phone)
    session.flush()
    return PhoneBound(account.person_id, claims.ask(session, account, now))


def _prove_phone(session: Session, account_id: int, hashed: str, now: datetime) -> int:
    """A phone proves one account at a time, the newest; an account has one phone. Its id now."""
    session.execute(
        delete(Identity).where(
            Identity.kind == IdentityKind.PHONE,
            Identity.account_id == account_id,
            Identity.subject != hashed,
        )
    )
    before = _account_of(session, IdentityKind.PHONE, hashed)
    if before is None:
        _add_identity(session, account_id, IdentityKind.PHONE, hashed, now)
    elif before.id != account_id:
        mine = session.get_one(Account, account_id)
        others = session.get_one(Person, before.person_id)
        if not _has_wechat(session, before.id):
            if claims.may_be_one(session.get_one(Person, mine.person_id), others):
                return _join(session, mine, before, now)
        elif others.phone_hash == hashed:
            # The number is not that person's any more: nobody shall call it for them.
            others.phone = others.phone_hash = others.last_four_hash = None
        session.execute(
            update(Identity)
            .where(Identity.kind == IdentityKind.PHONE, Identity.subject == hashed)
            .values(account_id=account_id)
        )
    return account_id


def _join(session: Session, one: Account, other: Account, now: datetime) -> int:
    """Make two accounts one; the one with a name stays, else the older. Its id."""
    named = {
        account.id: session.get_one(Person, account.person_id).name != ""
        for account in (one, other)
    }
    kept, gone = sorted((one, other), key=lambda account: (not named[account.id], account.id))
    merging.merge(session, gone.person_id, kept.person_id, now)
    return kept.id


def _has_wechat(session: Session, account_id: int) -> bool:
    found = session.scalars(
        select(Identity.id).where(
            Identity.account_id == account_id, Identity.kind == IdentityKind.WECHAT
        )
    )
    return found.first() is not None


def _write_phone(person: Person, phone: str) -> None:
    person.phone = phone
    person.phone_hash = crypto.phone_hash(phone)
    person.last_four_hash = crypto.last_four_hash(phone)
