"""Staff accounts: made, changed, reset and ended by a manager of the places they work at."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import RunAgain
from backend.errors import Invalid
from backend.places.models import Place, PlaceKind
from backend.staff import audit, passwords
from backend.staff.access import LEVELS, SignedInStaff
from backend.staff.errors import RoleMisplaced, UsernameTaken
from backend.staff.models import Role, Staff, StaffRole

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


@dataclass(frozen=True, slots=True)
class Created:
    """A new account and the password to tell its owner, shown once."""

    staff_id: int
    password: str


def create(
    session: Session, by: SignedInStaff | None, username: str, name: str,
    roles: list[tuple[Role, int]], now: datetime,
) -> Created:  # fmt: skip
    """An account that must choose its own password at the first sign-in.

    `by` is None for the operator at a prompt, who has no audit row of their own: the new account's
    carries it. Raises Invalid, UsernameTaken, RoleMisplaced.
    """
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Invalid({"username": [_("用户名请用 3-32 位小写字母、数字、点或横线，以字母开头。")]})
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
        raise RunAgain() from error
    for role, place_id in roles:
        check_level(session, role, place_id)
        session.add(StaffRole(staff_id=account.id, role=role, place_id=place_id))
    session.flush()
    audit.record(
        session, by.staff_id if by else account.id, "created", "staff", account.id,
        after={"username": username, "name": name, "roles": [f"{r}@{p}" for r, p in roles]},
        place_id=roles[0][1] if roles else None,
    )  # fmt: skip
    return Created(account.id, password)


def check_level(session: Session, role: Role, place_id: int) -> None:
    """Raise RoleMisplaced unless the role can be given at a place of that level."""
    kind = session.execute(select(Place.kind).where(Place.id == place_id)).scalar_one_or_none()
    if kind is None or PlaceKind(kind) not in LEVELS[role]:
        raise RoleMisplaced()


def set_language(session: Session, me: SignedInStaff, language: str) -> None:
    """In which language the console speaks to them."""
    session.execute(update(Staff).where(Staff.id == me.staff_id).values(language=language))
    audit.record(
        session, me.staff_id, "language_changed", "staff", me.staff_id,
        {"language": me.language}, {"language": language},
    )  # fmt: skip
