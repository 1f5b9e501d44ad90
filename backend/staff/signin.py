"""Signing in to the console: five wrong tries lock the account for a quarter of an hour.

A try is counted before the password is looked at, so that parallel guesses get no extra ones; the
slow hash is checked between two short transactions. The answer never tells whether the account
exists, is locked or has left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from backend.errors import Invalid
from backend.staff import audit, passwords, sessions
from backend.staff.access import SignedInStaff
from backend.staff.errors import SignInRefused
from backend.staff.models import Staff

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt; `staff_id` is None where there is nothing to check the password against."""

    staff_id: int | None
    hashed: str
    is_last: bool = False


def begin(session: Session, username: str, now: datetime) -> Try:
    """Count the attempt and give the hash to check. Locks with the fifth until it succeeds."""
    was_locked = Staff.locked_until.is_not(None)
    count = case((was_locked, 1), else_=Staff.failed_sign_ins + 1)
    row = session.execute(
        update(Staff)
        .where(
            Staff.username == username.strip().lower(),
            Staff.left_at.is_(None),
            (Staff.locked_until.is_(None)) | (Staff.locked_until <= now),
        )
        .values(
            failed_sign_ins=count,
            locked_until=case((count >= TRIES, now + LOCKED_FOR), else_=None),
        )
        .returning(Staff.id, Staff.password_hash, Staff.failed_sign_ins)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return Try(None, passwords.nobodys_hash())
    return Try(row.id, row.password_hash, is_last=row.failed_sign_ins >= TRIES)


def is_right(attempt: Try, password: str) -> bool:
    """Whether the password fits; as slow for an account that does not exist."""
    fits = passwords.fits(password, attempt.hashed)
    return fits and attempt.staff_id is not None


def finish(session: Session, attempt: Try, password: str, device: str | None, now: datetime) -> str:
    """The password was right: forget the failures and give the token of a new sign-in."""
    assert attempt.staff_id is not None
    values: dict[str, object] = {"failed_sign_ins": 0, "locked_until": None}
    if passwords.is_outdated(attempt.hashed):
        values["password_hash"] = passwords.hash_password(password)
    session.execute(update(Staff).where(Staff.id == attempt.staff_id).values(**values))
    token = sessions.start(session, attempt.staff_id, device, now)
    audit.record(
        session,
        attempt.staff_id,
        "staff.sign_in",
        "staff",
        attempt.staff_id,
        after={"device": device},
    )
    return token


def fail(session: Session, attempt: Try, now: datetime) -> None:
    """The password was wrong; that an account is locked by it stands in the audit."""
    if attempt.staff_id is not None and attempt.is_last:
        until = (now + LOCKED_FOR).isoformat()
        audit.record(
            session, attempt.staff_id, "staff.locked_out", "staff", attempt.staff_id,
            after={"locked_until": until},
        )  # fmt: skip


def refuse() -> None:
    """Raises SignInRefused."""
    raise SignInRefused()


def sign_out(session: Session, me: SignedInStaff, now: datetime) -> None:
    """End the sign-in at hand."""
    sessions.revoke(session, me.staff_id, me.session_hash, now)
    audit.record(session, me.staff_id, "staff.sign_out", "staff", me.staff_id)


def change_password(
    session: Session, me: SignedInStaff, current: str, new: str, now: datetime
) -> None:
    """Their own password; other sign-ins end with the old one. Raises Invalid by field."""
    hashed = session.execute(
        select(Staff.password_hash).where(Staff.id == me.staff_id)
    ).scalar_one()
    if not passwords.fits(current, hashed):
        raise Invalid({"current": [_("当前密码不正确。")]})
    if new == current:
        raise Invalid({"password": [_("新密码不能与当前密码相同。")]})
    passwords.check_new(new, me.username)
    session.execute(
        update(Staff)
        .where(Staff.id == me.staff_id)
        .values(password_hash=passwords.hash_password(new), must_change_password=False)
    )
    sessions.revoke_all(session, me.staff_id, now, keep=me.session_hash)
    audit.record(session, me.staff_id, "staff.change_password", "staff", me.staff_id)


def revoke_own(session: Session, me: SignedInStaff, session_hash: str, now: datetime) -> None:
    """End one of one's own sign-ins. Raises NotFound."""
    sessions.revoke(session, me.staff_id, session_hash, now)
    audit.record(session, me.staff_id, "staff.end_sign_in", "staff", me.staff_id)
