"""Staff accounts: made, renamed, given and taken roles, reset, by a manager of their places.

A manager reaches an account if one of its roles lies within their own places, may give and take
roles there and nowhere else, and has the whole account in hand only if all its roles lie there.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import RunAgain
from backend.errors import Invalid, NotFound
from backend.places.models import Place, PlaceKind
from backend.staff import audit, passwords, sessions
from backend.staff.access import LEVELS, Permission, SignedInStaff
from backend.staff.errors import (
    HasLeft,
    LastRole,
    NotYourself,
    RoleMisplaced,
    RoleTooWide,
    UsernameTaken,
)
from backend.staff.models import Role, Staff, StaffRole

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


@dataclass(frozen=True, slots=True)
class Created:
    """A new account and the password to tell its owner, shown once."""

    staff_id: int
    password: str


@dataclass(frozen=True, slots=True)
class Reached:
    """An account within a manager's reach; `place_id` is one of its places, for the audit."""

    account: Staff
    roles: tuple[StaffRole, ...]
    place_id: int


def create(
    session: Session, by: SignedInStaff | None, username: str, name: str,
    role: Role, place_id: int, now: datetime,
) -> Created:  # fmt: skip
    """An account with a first role, that must choose its own password at the first sign-in.

    `by` is None for the operator at a prompt; the audit then names the account itself. Raises
    Invalid, UsernameTaken, RoleMisplaced, RoleTooWide.
    """
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Invalid({"username": [_("用户名请用 3-32 位小写字母、数字、点或横线，以字母开头。")]})
    check_role(session, by, role, place_id)
    if session.execute(select(Staff.id).where(Staff.username == username)).first():
        raise UsernameTaken()
    password = passwords.one_time()
    account = Staff(
        username=username, name=name, password_hash=passwords.hash_password(password),
        created_at=now,
    )  # fmt: skip
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:
        raise RunAgain() from error  # two managers at once: the next try finds the name taken
    session.add(StaffRole(staff_id=account.id, role=role, place_id=place_id))
    session.flush()
    audit.record(
        session, by.staff_id if by else account.id, "staff.create", "staff", account.id,
        after={"username": username, "name": name, "role": role, "place_id": place_id},
        place_id=place_id,
    )  # fmt: skip
    return Created(account.id, password)


def check_role(session: Session, by: SignedInStaff | None, role: Role, place_id: int) -> None:
    """Raise RoleMisplaced or RoleTooWide unless `by` may give the role at that place."""
    place = session.execute(select(Place.kind, Place.path).where(Place.id == place_id)).first()
    if place is None or (by is not None and not by.may(Permission.MANAGE_STAFF, place.path)):
        raise RoleTooWide()
    if PlaceKind(place.kind) not in LEVELS[role]:
        raise RoleMisplaced()


def reach(session: Session, me: SignedInStaff, staff_id: int, *, whole: bool = False) -> Reached:
    """The account, locked, if the manager reaches it; `whole`: all of it. Raises NotFound."""
    account = session.scalars(select(Staff).where(Staff.id == staff_id).with_for_update()).first()
    held = session.execute(
        select(StaffRole, Place.path)
        .join(Place, Place.id == StaffRole.place_id)
        .where(StaffRole.staff_id == staff_id)
        .order_by(Place.path, StaffRole.role)
    ).all()
    mine = [role for role, path in held if me.may(Permission.MANAGE_STAFF, path)]
    if account is None or not mine or (whole and len(mine) < len(held)):
        raise NotFound()
    return Reached(account, tuple(role for role, _path in held), mine[0].place_id)


def rename(session: Session, me: SignedInStaff, staff_id: int, name: str) -> None:
    """Correct the name. Raises NotFound."""
    found = reach(session, me, staff_id, whole=True)
    before, found.account.name = found.account.name, name
    session.flush()
    audit.record(
        session, me.staff_id, "staff.rename", "staff", staff_id, {"name": before}, {"name": name},
        place_id=found.place_id,
    )  # fmt: skip


def grant(session: Session, me: SignedInStaff, staff_id: int, role: Role, place_id: int) -> None:
    """One more role; one they hold already changes nothing.

    Raises NotFound, HasLeft, RoleMisplaced, RoleTooWide.
    """
    found = reach(session, me, staff_id)
    if found.account.left_at is not None:
        raise HasLeft()
    check_role(session, me, role, place_id)
    if any(held.role == role and held.place_id == place_id for held in found.roles):
        audit.unchanged(session)
        return
    session.add(StaffRole(staff_id=staff_id, role=role, place_id=place_id))
    session.flush()
    audit.record(
        session, me.staff_id, "staff.grant", "staff", staff_id,
        after={"role": role, "place_id": place_id}, place_id=place_id,
    )  # fmt: skip


def withdraw(session: Session, me: SignedInStaff, staff_id: int, role_id: int) -> None:
    """Take a role within the manager's own places. Raises NotFound, NotYourself, LastRole."""
    found = reach(session, me, staff_id)
    role = next((held for held in found.roles if held.id == role_id), None)
    path = role and session.scalar(select(Place.path).where(Place.id == role.place_id))
    if role is None or not path or not me.may(Permission.MANAGE_STAFF, path):
        raise NotFound()
    if staff_id == me.staff_id:
        raise NotYourself()
    if len(found.roles) == 1:
        raise LastRole()
    session.execute(delete(StaffRole).where(StaffRole.id == role_id))
    audit.record(
        session, me.staff_id, "staff.withdraw", "staff", staff_id,
        before={"role": role.role, "place_id": role.place_id}, place_id=role.place_id,
    )  # fmt: skip


def reset_password(session: Session, me: SignedInStaff, staff_id: int, now: datetime) -> str:
    """A one-time password for somebody who forgot theirs; unlocks, ends all their sign-ins.

    Raises NotFound, NotYourself, HasLeft.
    """
    found = reach(session, me, staff_id, whole=True)
    if staff_id == me.staff_id:
        raise NotYourself()
    if found.account.left_at is not None:
        raise HasLeft()
    password = passwords.one_time()
    found.account.password_hash = passwords.hash_password(password)
    found.account.must_change_password = True
    found.account.failed_sign_ins, found.account.locked_until = 0, None
    session.flush()
    sessions.revoke_all(session, staff_id, now)
    audit.record(
        session, me.staff_id, "staff.reset_password", "staff", staff_id, place_id=found.place_id
    )
    return password


def end_sign_ins(session: Session, me: SignedInStaff, staff_id: int, now: datetime) -> None:
    """End all their sign-ins: a tablet was lost. Raises NotFound."""
    found = reach(session, me, staff_id, whole=True)
    sessions.revoke_all(session, staff_id, now, keep=me.session_hash)
    audit.record(
        session, me.staff_id, "staff.end_sign_ins", "staff", staff_id, place_id=found.place_id
    )


def set_language(session: Session, me: SignedInStaff, language: str) -> None:
    """In which language the console speaks to them."""
    session.execute(update(Staff).where(Staff.id == me.staff_id).values(language=language))
    audit.record(
        session, me.staff_id, "staff.language", "staff", me.staff_id,
        {"language": me.language}, {"language": language},
    )  # fmt: skip
