"""What whoever carries meals has shown papers for, kept by dispatchers."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend.canteen.delivery.models import CourierSkill, Skill
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff, holders
from backend.staff.models import Role, Staff, StaffRole

DISPATCH = Permission.DISPATCH_MEALS
_skill = table_of(CourierSkill)
_CARRIERS = holders(Permission.CARRY_MEALS)


def list_couriers(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """Who may carry in reach, with what they have shown and until when it is valid.

    Couriers first, then other staff, each by name.
    """
    by_trade = Staff.id.in_(_in_reach(me, (Role.COURIER,)))
    rows = session.execute(
        select(Staff.id, Staff.name)
        .where(Staff.id.in_(_in_reach(me, _CARRIERS)), Staff.left_at.is_(None))
        .order_by(by_trade.desc(), Staff.name, Staff.id)
    ).all()
    skills: dict[int, dict[str, date | None]] = {}
    ids = [row.id for row in rows]
    for held in session.execute(select(_skill).where(_skill.c.staff_id.in_(ids))):
        skills.setdefault(held.staff_id, {})[held.skill] = held.valid_until
    return [{"id": row.id, "name": row.name, "skills": skills.get(row.id, {})} for row in rows]


def keep(
    session: Session, me: SignedInStaff, staff_id: int, skill: Skill, valid_until: date | None
) -> None:
    """Somebody has shown their papers, valid up to a day; None: without an end. Raises NotFound."""
    place_id = _found(session, me, staff_id)
    session.execute(
        insert(_skill)
        .values(staff_id=staff_id, skill=skill, valid_until=valid_until)
        .on_conflict_do_update(
            index_elements=[_skill.c.staff_id, _skill.c.skill], set_={"valid_until": valid_until}
        )
    )
    until = valid_until and valid_until.isoformat()
    audit.record(
        session, me.staff_id, "courier.skill", "staff", staff_id, place_id=place_id,
        after={"skill": skill, "valid_until": until},
    )  # fmt: skip


def take_away(session: Session, me: SignedInStaff, staff_id: int, skill: Skill) -> None:
    """The papers hold no longer, or never did. Raises NotFound."""
    place_id = _found(session, me, staff_id)
    session.execute(delete(_skill).where(_skill.c.staff_id == staff_id, _skill.c.skill == skill))
    audit.record(
        session, me.staff_id, "courier.skill", "staff", staff_id, place_id=place_id,
        before={"skill": skill},
    )  # fmt: skip


def _in_reach(me: SignedInStaff, roles: Collection[Role]) -> Select[int]:
    return (
        select(StaffRole.staff_id)
        .join(Place, Place.id == StaffRole.place_id)
        .where(StaffRole.role.in_(roles), me.covers(DISPATCH, Place.path))
    )


def _found(session: Session, me: SignedInStaff, staff_id: int) -> int:
    row: AnyRow | None = session.execute(
        select(StaffRole.place_id)
        .join(Place, Place.id == StaffRole.place_id)
        .where(
            StaffRole.staff_id == staff_id, StaffRole.role.in_(_CARRIERS),
            me.covers(DISPATCH, Place.path),
        )
        .order_by(StaffRole.id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return int(row.place_id)
