"""Reads about staff: who works within my places, one of them, the places I can give roles at."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.errors import NotFound
from backend.places.models import Place, PlaceKind
from backend.staff.access import LEVELS, Permission, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole, StaffSession

_above = aliased(Place)
MOST_LISTED = 300


def _mine(me: SignedInStaff) -> Any:
    """Accounts with a role within the manager's places."""
    return exists().where(
        StaffRole.staff_id == Staff.id,
        Place.id == StaffRole.place_id,
        me.covers(Permission.MANAGE_STAFF, Place.path),
    )


def list_staff(
    session: Session, me: SignedInStaff, now: datetime, text: str = "", *, left: bool = False
) -> list[dict[str, Any]]:
    """Everybody at work within my places (or who has `left`), by name, with all their roles."""
    query = select(
        Staff.id, Staff.name, Staff.username, Staff.left_at, Staff.locked_until,
        Staff.must_change_password, _last_seen().label("seen_at"),
    ).where(_mine(me), Staff.left_at.is_not(None) if left else Staff.left_at.is_(None))  # fmt: skip
    if text:
        query = query.where(
            or_(Staff.name.contains(text, autoescape=True),
                Staff.username.contains(text.lower(), autoescape=True))
        )  # fmt: skip
    rows = session.execute(query.order_by(Staff.name, Staff.id).limit(MOST_LISTED)).all()
    roles = _roles(session, [row.id for row in rows])
    return [
        dict(row._mapping)
        | {
            "locked": row.locked_until is not None and row.locked_until > now,
            "roles": roles.get(row.id, []),
        }
        for row in rows
    ]


def get_staff(session: Session, me: SignedInStaff, staff_id: int, now: datetime) -> dict[str, Any]:
    """One account within reach; `whole` says whether all of it is. Raises NotFound."""
    row = session.execute(
        select(
            Staff.id, Staff.name, Staff.username, Staff.left_at, Staff.locked_until,
            Staff.must_change_password, Staff.created_at,
        ).where(Staff.id == staff_id, _mine(me))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    roles = _roles(session, [staff_id])[staff_id]
    for role in roles:
        role["mine"] = me.may(Permission.MANAGE_STAFF, role["path"])
    return dict(row._mapping) | {
        "locked": row.locked_until is not None and row.locked_until > now,
        "roles": roles,
        "whole": all(role["mine"] for role in roles),
        "is_me": staff_id == me.staff_id,
    }


def list_places(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Where I can give roles, as (id, name), the street in front of its communities."""
    kinds = {kind for role in Role for kind in LEVELS[role]}
    rows = session.execute(
        select(Place.id, Place.kind, Place.name, _above.name.label("above"))
        .outerjoin(_above, _above.id == Place.parent_id)
        .where(Place.kind.in_(kinds), me.covers(Permission.MANAGE_STAFF, Place.path))
        .order_by(Place.path)
    )
    return [
        (row.id, f"{row.above} · {row.name}" if row.kind == PlaceKind.COMMUNITY else row.name)
        for row in rows
    ]


def list_successors(
    session: Session, me: SignedInStaff, staff_id: int, now: datetime
) -> list[tuple[int, str]]:
    """Who could take somebody's work over, as (id, name)."""
    return [
        (one["id"], f"{one['name']}（{one['username']}）")
        for one in list_staff(session, me, now)
        if one["id"] != staff_id
    ]


def _last_seen() -> Any:
    return (
        select(func.max(StaffSession.seen_at))
        .where(StaffSession.staff_id == Staff.id)
        .scalar_subquery()
    )


def _roles(session: Session, staff_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = session.execute(
        select(
            StaffRole.id, StaffRole.staff_id, StaffRole.role, StaffRole.place_id,
            Place.name.label("place_name"), Place.path,
        )
        .join(Place, Place.id == StaffRole.place_id)
        .where(StaffRole.staff_id.in_(staff_ids))
        .order_by(Place.path, StaffRole.role)
    )  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.staff_id, []).append(dict(row._mapping))
    return found


def list_communities(
    session: Session, me: SignedInStaff, permission: Permission
) -> list[dict[str, Any]]:
    """The communities a permission reaches, in the order of the tree."""
    rows = session.execute(
        select(Place.id, Place.name, Place.path)
        .where(Place.kind == PlaceKind.COMMUNITY, me.covers(permission, Place.path))
        .order_by(Place.path)
    )
    return [dict(row._mapping) for row in rows]
