"""Whose groups: every member sees, moves and cancels what is reserved for the group."""

from datetime import date

from sqlalchemy import ColumnElement, Select, select

from backend.booking.models import Booking
from backend.booking.queries import opens
from backend.people.queries import Resident, acted_for
from backend.venues.groups.models import GroupMember
from backend.venues.models import Reservation


def my_groups(me: Resident, today: date) -> Select[int]:
    """The ids of the groups that somebody the account may act for is a member of."""
    return select(GroupMember.group_id).where(
        GroupMember.removed_at.is_(None), GroupMember.person_id.in_(acted_for(me, today))
    )


@opens
def of_my_groups(me: Resident, today: date) -> ColumnElement[bool]:
    """What is reserved for one of them, whoever did it."""
    return Booking.id.in_(
        select(Reservation.booking_id).where(Reservation.group_id.in_(my_groups(me, today)))
    )
