"""Groups at the desk: register one, correct it, take people in, let them go, end it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.booking.queries import is_coming
from backend.booking.service import Actor
from backend.db import AnyRow
from backend.desk import find
from backend.desk.reach import access_person
from backend.desk.rooms import RUN
from backend.errors import NotFound
from backend.people.masking import mask_phone
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place, PlaceKind
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues.groups import queries, service
from backend.venues.groups.models import Group, GroupMember
from backend.venues.groups.service import Registration
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, room

_KINDS = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)
_live = GroupMember.removed_at.is_(None)


def places(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Where groups are registered: districts, streets and communities of mine."""
    rows = session.execute(
        select(Place.id, Place.name)
        .where(Place.kind.in_(_KINDS), me.covers(RUN, Place.path))
        .order_by(Place.path)
    )
    return [(row.id, row.name) for row in rows]


def list_groups(
    session: Session, me: SignedInStaff, text: str, now: datetime
) -> list[dict[str, Any]]:
    """The groups of my places whose name has `text` in it, those that have ended last."""
    members = (
        select(GroupMember.group_id, func.count().label("members"))
        .where(_live)
        .group_by(GroupMember.group_id)
        .subquery()
    )
    query = (
        select(Group, Place.name.label("place_name"), func.coalesce(members.c.members, 0))
        .join(Place, Place.id == Group.place_id)
        .outerjoin(members, members.c.group_id == Group.id)
        .where(me.covers(RUN, Place.path))
        .order_by(Group.ended_at.is_not(None), Place.path, Group.name, Group.id)
    )
    if text:
        query = query.where(Group.name.contains(text, autoescape=True))
    return [
        {
            "id": group.id, "name": group.name, "place_name": place_name, "members": count,
            "valid_until": group.valid_until, "state": queries.state_of(group, clock.today(now)),
        }
        for group, place_name, count in session.execute(query)
    ]  # fmt: skip


def get_group(
    session: Session, me: SignedInStaff, group_id: int, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """One group of my places with its members and what it has reserved. Raises NotFound."""
    row = session.execute(
        select(*Group.__table__.c, Place.name.label("place_name"))
        .join(Place, Place.id == Group.place_id)
        .where(Group.id == group_id, me.covers(RUN, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    members = [
        one._asdict() | {"phone": mask_phone(one.phone) if one.phone else None}
        for one in queries.members(session, group_id)
    ]
    return dict(row._mapping) | {
        "state": queries.state_of(row, clock.today(now)), "members": members,
        "led": any(one["leads"] for one in members), "coming": _coming(session, group_id, now),
    }  # fmt: skip


def _coming(session: Session, group_id: int, now: datetime) -> Sequence[AnyRow]:
    return session.execute(
        select(
            Booking.id, Booking.state, Booking.starts_at, Booking.ends_at, Reservation.title,
            room.c.name.label("room_name"), shown_name().label("person_name"),
        )
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Reservation.group_id == group_id, is_coming(now))
        .order_by(Booking.starts_at, Booking.id)
    ).all()  # fmt: skip


def list_candidates(
    session: Session, me: SignedInStaff, text: str, without: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Residents found as the desk finds them, but for those in it."""
    return [one for one in find.find_people(session, me, text) if one["id"] not in without]


def groups_of(session: Session, person_id: int) -> list[tuple[int, str]]:
    """The groups somebody may reserve for, with their names."""
    rows = session.execute(
        select(Group.id, Group.name)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .where(GroupMember.person_id == person_id, _live, Group.ended_at.is_(None))
        .order_by(Group.name, Group.id)
    )
    return [(row.id, row.name) for row in rows]


def register(
    session: Session, me: SignedInStaff, wanted: Registration, leader_id: int, now: datetime
) -> int:
    """A new group at one of my places, led by somebody in reach; its id. Raises NotFound."""
    _access_place(session, me, wanted.place_id)
    access_person(session, me, RUN, leader_id)
    group_id = service.register(session, me.staff_id, wanted, leader_id, now)
    _audit(session, me, "group.register", group_id, wanted.place_id, None,
           _said(wanted) | {"person_id": leader_id})  # fmt: skip
    return group_id


def change(
    session: Session, me: SignedInStaff, group_id: int, wanted: Registration, now: datetime
) -> None:
    """Name, place, what they do, until when. Raises NotFound, Invalid."""
    get_group(session, me, group_id, now)
    _access_place(session, me, wanted.place_id)
    before = service.change(session, group_id, wanted)
    was = _said(Registration(**{name: getattr(before, name) for name in asdict(wanted)}))
    _audit(session, me, "group.change", group_id, wanted.place_id, was, _said(wanted))


def add(
    session: Session, me: SignedInStaff, group_id: int, person_id: int, now: datetime, *,
    leads: bool,
) -> None:  # fmt: skip
    """Somebody in reach joins, or leads from now on, or no more. Raises NotFound, LastLeader."""
    of = get_group(session, me, group_id, now)
    if person_id not in {one["person_id"] for one in of["members"]}:
        access_person(session, me, RUN, person_id)
    service.add_member(session, group_id, person_id, now, leads=leads)
    _audit(session, me, "group.member", group_id, of["place_id"], None,
           {"person_id": person_id, "leads": leads})  # fmt: skip


def remove(
    session: Session, me: SignedInStaff, group_id: int, person_id: int, now: datetime
) -> int:
    """They reserve for it no more; how many reservations a leader took over."""
    of = get_group(session, me, group_id, now)
    handed = service.remove_member(
        session, group_id, person_id, Actor(staff_id=me.staff_id), now
    )  # fmt: skip
    _audit(session, me, "group.remove", group_id, of["place_id"], {"person_id": person_id}, None)
    return handed


def end(session: Session, me: SignedInStaff, group_id: int, reason: str, now: datetime) -> int:
    """It is no group any more; how many reservations were cancelled."""
    of = get_group(session, me, group_id, now)
    cancelled = service.end(session, group_id, reason, me.staff_id, now)
    _audit(session, me, "group.end", group_id, of["place_id"], None, {"reason": reason})
    return cancelled


def _access_place(session: Session, me: SignedInStaff, place_id: int) -> None:
    if place_id not in {one for one, _name in places(session, me)}:
        raise NotFound()


def _said(wanted: Registration) -> dict[str, Any]:
    last = wanted.valid_until
    return asdict(wanted) | {"valid_until": last and last.isoformat()}


def _audit(
    session: Session, me: SignedInStaff, action: str, group_id: int, place_id: int,
    before: dict[str, Any] | None, after: dict[str, Any] | None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "registered_group", group_id, before, after,
        place_id=place_id,
    )  # fmt: skip
