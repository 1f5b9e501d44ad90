"""Sign-in codes by text message: how many are sent, how long one is good, how often it is tried."""

import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import RunAgain, table_of
from backend.people import crypto
from backend.people.errors import SmsCodeJustSent, TooManySmsCodes
from backend.people.models import SmsCode

LIFE = timedelta(minutes=5)
PAUSE = timedelta(seconds=60)
"""The least time between two codes to one phone."""

LIMITS = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
"""So many codes may go to one phone within so long."""

TRIES = 5
"""A million codes, so guessing one within its tries succeeds once in two hundred thousand."""

_codes = table_of(SmsCode)


@dataclass(frozen=True, slots=True)
class Issued:
    """A code to be sent now; nothing else knows it in clear."""

    id: int
    code: str


def issue(session: Session, phone: str, now: datetime) -> Issued:
    """A new code for the phone; an earlier one ends. Raises SmsCodeJustSent, TooManySmsCodes.

    Whether anybody has that phone is not looked at.
    """
    hashed = crypto.phone_hash(phone)
    _check_limits(session, hashed, now)
    # Only one that may end: a code sent at this very moment stays, and refuses the row below.
    _end(session, (_codes.c.phone_hash == hashed) & (_codes.c.sent_at <= now - PAUSE), now)
    code = f"{secrets.randbelow(10**6):06}"
    try:
        code_id = session.execute(
            insert(_codes)
            .values(
                phone_hash=hashed, code_hash=_code_hash(hashed, code), sent_at=now,
                expires_at=now + LIFE,
            )
            .returning(_codes.c.id)
        ).scalar_one()  # fmt: skip
    except IntegrityError as error:
        raise RunAgain() from error  # two asked at once: the next try sees the other's code
    return Issued(code_id, code)


def drop(session: Session, code_id: int, now: datetime, *, counts: bool) -> None:
    """The code could not be sent. With `counts` it may have arrived, and counts as sent."""
    if counts:
        _end(session, _codes.c.id == code_id, now)
    else:
        session.execute(delete(_codes).where(_codes.c.id == code_id))


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether the code was right; if not, how many tries it has left."""

    right: bool
    left: int = 0


def use(session: Session, phone: str, code: str, now: datetime) -> Tried:
    """Try a code: a right one ends, a wrong one is counted. Commit whatever comes of it."""
    hashed = crypto.phone_hash(phone)
    row = session.execute(
        update(_codes)
        .where(
            _codes.c.phone_hash == hashed,
            _codes.c.ended_at.is_(None),
            _codes.c.expires_at > now,
            _codes.c.tries < TRIES,
        )
        .values(tries=_codes.c.tries + 1)
        .returning(_codes.c.id, _codes.c.code_hash, _codes.c.tries)
    ).first()
    if row is None:
        return Tried(right=False)
    if not hmac.compare_digest(row.code_hash, _code_hash(hashed, code)):
        return Tried(right=False, left=TRIES - row.tries)
    _end(session, _codes.c.id == row.id, now)
    return Tried(right=True)


def _check_limits(session: Session, hashed: str, now: datetime) -> None:
    longest = max(span for span, _ in LIMITS)
    sent = session.scalars(
        select(_codes.c.sent_at)
        .where(_codes.c.phone_hash == hashed, _codes.c.sent_at > now - longest)
        .order_by(_codes.c.sent_at.desc())
    ).all()
    if sent and sent[0] > now - PAUSE:
        raise SmsCodeJustSent(retry_after=_seconds(sent[0] + PAUSE - now))
    for span, most in reversed(LIMITS):
        within = [at for at in sent if at > now - span]
        if len(within) >= most:
            raise TooManySmsCodes(retry_after=_seconds(within[most - 1] + span - now))


def _end(session: Session, which: object, now: datetime) -> None:
    session.execute(
        update(_codes).where(which, _codes.c.ended_at.is_(None)).values(ended_at=now)  # type: ignore[arg-type]
    )


def _code_hash(phone_hash: str, code: str) -> str:
    return crypto.lookup_hash("sms-code", f"{phone_hash}:{code}")


def _seconds(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds()))
