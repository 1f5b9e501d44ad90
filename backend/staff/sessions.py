"""Console sign-ins: an opaque cookie, kept as its SHA-256, with idle and absolute expiry."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from backend import config
from backend.db import AnyRow, UtcDateTime
from backend.errors import NotFound, SignInExpired, SignInNeeded
from backend.places.models import Place
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole, StaffSession

SEEN_EVERY = timedelta(minutes=2)
"""How often `seen_at` moves while someone works: not with every page."""


# Made once: every page of the console asks it, and making it takes longer than sending it.
_find = (
    select(
        Staff.id, Staff.name, Staff.username, Staff.language, Staff.must_change_password,
        Staff.left_at, StaffSession.seen_at, StaffSession.expires_at, StaffSession.revoked_at,
        StaffRole.role, Place.id.label("place_id"), Place.path, Place.name.label("place_name"),
    )
    .join_from(StaffSession, Staff, Staff.id == StaffSession.staff_id)
    .outerjoin(StaffRole, StaffRole.staff_id == Staff.id)
    .outerjoin(Place, Place.id == StaffRole.place_id)
    .where(StaffSession.token_hash == bindparam("hashed"))
    .order_by(Place.path, StaffRole.role)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Whose cookie it is; `stale`: note that they were seen."""

    me: SignedInStaff
    stale: bool


def token_hash(token: str) -> str:
    """What the database keeps of a cookie."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


def start(session: Session, staff_id: int, device: str | None, now: datetime) -> str:
    """A new sign-in; the token, shown once."""
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(StaffSession).values(
            token_hash=token_hash(token),
            staff_id=staff_id,
            device=(device or "")[:120] or None,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=config.current().staff_session_hours),
        )
    )
    return token


def find(session: Session, token: str | None, now: datetime) -> Found:
    """Who is signed in, with roles: one read. Raises SignInNeeded, SignInExpired."""
    if not token:
        raise SignInNeeded()
    hashed = token_hash(token)
    rows = session.execute(_find, {"hashed": hashed}).all()
    if not rows:
        raise SignInNeeded()
    first = rows[0]
    ended = first.expires_at <= now or first.seen_at <= idle_since(now)
    if ended or first.revoked_at is not None or first.left_at is not None:
        raise SignInExpired()
    me = SignedInStaff(
        staff_id=first.id, name=first.name, roles=_scopes(rows), username=first.username,
        language=first.language, must_change_password=first.must_change_password,
        session_hash=hashed,
    )  # fmt: skip
    return Found(me, stale=first.seen_at + SEEN_EVERY <= now)


def is_signed_in(sign_in: FromClause, staff: FromClause, now: Any) -> ColumnElement[bool]:
    """Whether rows of the two tables are a sign-in that `find` would let pass, as a filter.

    Its statement is handed `idle_since`, what `idle_since` says.
    """
    return and_(
        sign_in.c.revoked_at.is_(None), sign_in.c.expires_at > now, staff.c.left_at.is_(None),
        sign_in.c.seen_at > bindparam("idle_since", type_=UtcDateTime),
    )  # fmt: skip


def idle_since(now: datetime) -> datetime:
    """Whoever was seen no later than this has been away for too long."""
    return now - timedelta(minutes=config.current().staff_idle_minutes)


def acting(session: Session, staff_id: int) -> SignedInStaff | None:
    """Somebody with the roles they have now, for what stands in their name; None if they left."""
    rows = session.execute(
        select(
            Staff.id, Staff.name, Staff.username, Staff.language, StaffRole.role,
            Place.id.label("place_id"), Place.path, Place.name.label("place_name"),
        )
        .outerjoin(StaffRole, StaffRole.staff_id == Staff.id)
        .outerjoin(Place, Place.id == StaffRole.place_id)
        .where(Staff.id == staff_id, Staff.left_at.is_(None))
    ).all()  # fmt: skip
    if not rows:
        return None
    first = rows[0]
    return SignedInStaff(first.id, first.name, _scopes(rows), first.username, first.language)


def _scopes(rows: Sequence[AnyRow]) -> tuple[Scope, ...]:
    return tuple(
        Scope(Role(row.role), row.place_id, row.path, row.place_name) for row in rows if row.role
    )


def seen(session: Session, hashed: str, now: datetime) -> None:
    """They are at work: the idle clock starts anew."""
    session.execute(
        update(StaffSession).where(StaffSession.token_hash == hashed).values(seen_at=now)
    )


def revoke(session: Session, staff_id: int, hashed: str, now: datetime) -> None:
    """End one of their sign-ins; doing it twice changes nothing. Raises NotFound."""
    found = session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == hashed, StaffSession.staff_id == staff_id)
        .values(revoked_at=now)
    )
    if not found.rowcount:  # type: ignore[attr-defined]
        raise NotFound()


def revoke_all(session: Session, staff_id: int, now: datetime, *, keep: str | None = None) -> None:
    """End all their sign-ins, but for the one whose hash is `keep`."""
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.revoked_at.is_(None),
            StaffSession.token_hash != (keep or ""),
        )
        .values(revoked_at=now)
    )


def list_live(session: Session, staff_id: int, now: datetime) -> list[dict[str, Any]]:
    """Sign-ins that still open the door, the last one used first."""
    rows = session.execute(
        select(
            StaffSession.token_hash, StaffSession.device, StaffSession.created_at,
            StaffSession.seen_at, StaffSession.expires_at,
        )
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
            StaffSession.seen_at > idle_since(now),
        )
        .order_by(StaffSession.seen_at.desc())
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]
