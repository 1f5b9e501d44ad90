"""Somebody leaves: sign-ins end, the account is closed, open work goes to a named colleague."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.staff import accounts, audit, sessions
from backend.staff.access import SignedInStaff
from backend.staff.errors import HasLeft, NotYourself, SuccessorNeeded
from backend.staff.models import Staff, StaffRole


def leave(
    session: Session, me: SignedInStaff, staff_id: int, successor_id: int, now: datetime
) -> None:
    """Close the account from now on; the successor holds its roles beside their own.

    The roles stay on the closed account as well, so that its history can be read where it was
    made. What a service hands over besides is its own verb (`hand_over_classes`), called next.
    Raises NotFound, NotYourself, HasLeft, SuccessorNeeded.
    """
    found = accounts.reach(session, me, staff_id, whole=True)
    if staff_id == me.staff_id:
        raise NotYourself()
    if found.account.left_at is not None:
        raise HasLeft()
    _check_successor(session, staff_id, successor_id)
    accounts.reach(session, me, successor_id)
    given = _roles_follow(session, found, successor_id)
    found.account.left_at = now
    session.flush()
    sessions.revoke_all(session, staff_id, now)
    audit.record(
        session, me.staff_id, "staff.leave", "staff", staff_id, before={"left": False},
        after={"left": True, "successor_id": successor_id, "roles": given},
        place_id=found.place_id,
    )  # fmt: skip


def _check_successor(session: Session, staff_id: int, successor_id: int) -> None:
    at_work = session.execute(
        select(Staff.id).where(Staff.id == successor_id, Staff.left_at.is_(None))
    ).first()
    if at_work is None or successor_id == staff_id:
        raise SuccessorNeeded()


def _roles_follow(
    session: Session, found: accounts.Reached, successor_id: int
) -> list[dict[str, Any]]:
    held = {
        (row.role, row.place_id)
        for row in session.execute(
            select(StaffRole.role, StaffRole.place_id).where(StaffRole.staff_id == successor_id)
        )
    }
    missing = [role for role in found.roles if (role.role, role.place_id) not in held]
    for role in missing:
        session.add(StaffRole(staff_id=successor_id, role=role.role, place_id=role.place_id))
    session.flush()
    return [{"role": role.role, "place_id": role.place_id} for role in missing]
