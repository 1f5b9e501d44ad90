"""The verbs of groups: register, change, take members in and let them go, end.

Each holds the group's row first, as does who reserves for it: nobody reserves for a group that
they have just left.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.queries import is_coming
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain
from backend.errors import Invalid, NotFound
from backend.people.queries import Resident, acted_for
from backend.venues.groups import handing_over
from backend.venues.groups.errors import LastLeader, LeadersOnly
from backend.venues.groups.models import Group, GroupMember
from backend.venues.models import Reservation
from backend.venues.series import ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What staff write down of a group; `valid_until` is its last day."""

    name: str
    place_id: int
    about: str | None = None
    valid_until: date | None = None


def register(
    session: Session, staff_id: int, wanted: Registration, leader_id: int, now: datetime
) -> int:
    """A new group with its first leader; its id. Raises Invalid where the name is taken there."""
    _check_name(session, wanted)
    try:
        group_id = session.execute(
            insert(Group)
            .values(**asdict(wanted), staff_id=staff_id, registered_at=now)
            .returning(Group.id)
        ).scalar_one()
    except IntegrityError as error:
        raise RunAgain() from error  # a double click: the next try sees it
    add_member(session, group_id, leader_id, now, leads=True)
    return int(group_id)


def change(session: Session, group_id: int, wanted: Registration) -> AnyRow:
    """What is written down is corrected, or holds for longer; what it was. Raises as `register`."""
    before = _hold(session, group_id)
    _check_name(session, wanted, group_id)
    session.execute(update(Group).where(Group.id == group_id).values(**asdict(wanted)))
    return before


def _check_name(session: Session, wanted: Registration, group_id: int | None = None) -> None:
    same = select(Group.id).where(
        Group.place_id == wanted.place_id, Group.name == wanted.name, Group.ended_at.is_(None)
    )
    if session.scalar(same) not in (None, group_id):
        raise Invalid({"name": [_("这里已经登记了同名的团队。")]})


def add_member(
    session: Session, group_id: int, person_id: int, now: datetime, *, leads: bool = False
) -> None:
    """They may reserve for the group from now on; who is a member already leads it, or no more.

    Raises NotFound, LastLeader.
    """
    _hold(session, group_id)
    leaders, member = _leaders(session, group_id), _member(session, group_id, person_id)
    if member is None:
        session.execute(
            insert(GroupMember).values(
                group_id=group_id, person_id=person_id, leads=leads, since=now
            )
        )
        return
    if not leads and leaders == {person_id}:
        raise LastLeader()
    session.execute(update(GroupMember).where(GroupMember.id == member).values(leads=leads))


def remove_member(
    session: Session, group_id: int, person_id: int, actor: Actor, now: datetime
) -> int:
    """They reserve for the group no more; a leader takes over what they had; how many that were.

    Removing twice changes nothing. Raises NotFound, and LastLeader for who leads alone.
    """
    held = _hold(session, group_id)
    member = _member(session, group_id, person_id)
    if member is None:
        return 0
    if held.ended_at is None and _leaders(session, group_id) == {person_id}:
        raise LastLeader()
    return let_go(session, group_id, [person_id], actor, now)


def remove_by(
    session: Session, me: Resident, group_id: int, person_id: int, now: datetime
) -> int:  # fmt: skip
    """A leader lets a member go, or somebody I may act for leaves; how many reservations went over.

    Removing twice changes nothing. Raises NotFound for groups none of us was ever in, LeadersOnly,
    LastLeader.
    """
    ours = session.execute(
        select(GroupMember.person_id, GroupMember.leads).where(
            GroupMember.group_id == group_id,
            GroupMember.person_id.in_(acted_for(me, clock.today(now))),
        )
    ).all()
    if not ours:
        raise NotFound()
    if person_id not in {row.person_id for row in ours} and not any(row.leads for row in ours):
        raise LeadersOnly()
    return remove_member(session, group_id, person_id, Actor(account_id=me.account_id), now)


def let_go(
    session: Session, group_id: int, person_ids: Collection[int], actor: Actor, now: datetime
) -> int:
    """The same without asking who leads: their accounts may be gone."""
    _hold(session, group_id)
    handed = handing_over.hand_over(session, group_id, person_ids, actor, now)
    session.execute(
        update(GroupMember)
        .where(
            GroupMember.group_id == group_id,
            GroupMember.person_id.in_(person_ids),
            GroupMember.removed_at.is_(None),
        )
        .values(removed_at=now, leads=False, account_id=actor.account_id)
    )
    return handed


def end(session: Session, group_id: int, reason: str, staff_id: int, now: datetime) -> int:
    """It is no group any more: what it had reserved is cancelled and told; how many that were.

    Ending twice changes nothing. Raises NotFound.
    """
    if _hold(session, group_id).ended_at is not None:
        return 0
    again = ending.cancel_of_group(session, staff_id, group_id, now, reason)
    others = session.scalars(
        select(Booking.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .where(
            Reservation.group_id == group_id, is_coming(now), Booking.starts_at > now,
            Booking.state.in_((State.REQUESTED, State.CONFIRMED)),
        )
        .order_by(Booking.bookable_id, Booking.id)
    ).all()  # fmt: skip
    for booking_id in others:
        booking.cancel(session, booking_id, Actor(staff_id=staff_id), now, reason)
    session.execute(
        update(Group).where(Group.id == group_id).values(ended_at=now, ended_reason=reason)
    )
    return again + len(others)


def _hold(session: Session, group_id: int) -> AnyRow:
    """The group as it stands. Raises NotFound."""
    row = session.execute(
        select(*Group.__table__.c).where(Group.id == group_id).with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound()
    return row


def _leaders(session: Session, group_id: int) -> set[int]:
    rows = session.scalars(
        select(GroupMember.person_id).where(
            GroupMember.group_id == group_id,
            GroupMember.leads.is_(True),
            GroupMember.removed_at.is_(None),
        )
    )
    return set(rows)


def _member(session: Session, group_id: int, person_id: int) -> int | None:
    return session.scalar(
        select(GroupMember.id).where(
            GroupMember.group_id == group_id,
            GroupMember.person_id == person_id,
            GroupMember.removed_at.is_(None),
        )
    )
