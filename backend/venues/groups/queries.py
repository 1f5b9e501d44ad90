"""Reads of groups for their members: which are mine, one with everybody in it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident, acted_for
from backend.places.models import Place
from backend.venues.groups.access import my_groups
from backend.venues.groups.models import Group, GroupMember

_OWN = (
    Group.id, Group.name, Group.about, Group.valid_until, Group.ended_at,
    Place.name.label("place_name"), GroupMember.person_id, GroupMember.leads,
)  # fmt: skip


def state_of(row: AnyRow, today: date) -> str:
    """`registered`, `expired` once its last day is over, or `ended`."""
    if row.ended_at is not None:
        return "ended"
    if row.valid_until is not None and row.valid_until < today:
        return "expired"
    return "registered"


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """The groups that I, or people I may act for, are members of, those that have ended left out.

    Each with the one of us who is, myself first, and whether one of us leads it.
    """
    today = clock.today(now)
    rows = session.execute(
        select(*_OWN)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(Place, Place.id == Group.place_id)
        .where(
            GroupMember.person_id.in_(acted_for(me, today)),
            GroupMember.removed_at.is_(None),
            Group.ended_at.is_(None),
        )
        .order_by(Group.name, Group.id, GroupMember.person_id != me.person_id, GroupMember.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(row.id, _shown(row, today))
        one["leads"] = one["leads"] or row.leads
    return list(found.values())


def _shown(row: AnyRow, today: date) -> dict[str, Any]:
    shown = {name: value for name, value in row._mapping.items() if name != "ended_at"}
    last = row.valid_until
    return shown | {"state": state_of(row, today), "valid_until": last and last.isoformat()}


def get_mine(session: Session, me: Resident, group_id: int, now: datetime) -> dict[str, Any]:
    """One of them with its members, leaders first. Raises NotFound."""
    found = next((one for one in list_mine(session, me, now) if one["id"] == group_id), None)
    if found is None:
        raise NotFound()
    ours = set(session.scalars(acted_for(me, clock.today(now))))
    return found | {
        "members": [
            {
                "person_id": row.person_id, "name": row.name, "leads": row.leads,
                "ours": row.person_id in ours,
            }
            for row in members(session, group_id)
        ]
    }  # fmt: skip


def members(session: Session, group_id: int) -> list[AnyRow]:
    """Who is in the group now, leaders first."""
    return list(
        session.execute(
            select(
                GroupMember.person_id, Person.name, Person.phone, GroupMember.leads,
                GroupMember.since,
            )
            .join(Person, Person.id == GroupMember.person_id)
            .where(GroupMember.group_id == group_id, GroupMember.removed_at.is_(None))
            .order_by(GroupMember.leads.desc(), GroupMember.since, GroupMember.id)
        )
    )  # fmt: skip


def check_mine(session: Session, me: Resident, group_id: int, now: datetime) -> None:
    """Raise NotFound unless somebody I may act for is in the group."""
    mine = my_groups(me, clock.today(now)).where(GroupMember.group_id == group_id)
    if session.scalar(mine) is None:
        raise NotFound()
