"""When a member leaves a group, what they reserved for it goes on in a leader's name."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.queries import is_coming
from backend.booking.service import Actor
from backend.db import AnyRow
from backend.people.models import Account
from backend.reminders import outbox
from backend.reminders.models import Delivery, Kind, Reminder
from backend.venues.groups.models import GroupMember
from backend.venues.models import Reservation
from backend.venues.series.models import Series, SeriesDate

HANDED_OVER = "member_left"
"""The reason in the history of a reservation whose booker left the group."""

_VISITS = (Kind.VISIT_EVE, Kind.VISIT_SOON)
_TELLS = {State.CONFIRMED: Kind.BOOKED, State.REQUESTED: Kind.WAITLISTED}


@dataclass(frozen=True, slots=True)
class Handed:
    """A reservation that goes on in the new name, maybe a date of a series."""

    booking_id: int
    starts_at: datetime
    series_id: int | None
    state: State


def hand_over(
    session: Session, group_id: int, from_ids: Collection[int], actor: Actor, now: datetime
) -> int:
    """What is still to come goes to the longest-standing leader, or else member; how many.

    Nothing where nobody is left. The new booker is told, of a recurring reservation once, and
    reminded from then on.
    """
    heir = _heir(session, group_id, from_ids)
    theirs = session.execute(
        select(Booking.id, Booking.starts_at, SeriesDate.series_id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .outerjoin(SeriesDate, SeriesDate.booking_id == Booking.id)
        .where(
            Reservation.group_id == group_id, Booking.person_id.in_(from_ids), is_coming(now),
        )
        .order_by(Booking.bookable_id, Booking.id)
    ).all()  # fmt: skip
    if heir is None:
        return 0
    session.execute(
        update(Series)
        .where(Series.group_id == group_id, Series.person_id.in_(from_ids))
        .values(
            person_id=heir.person_id, account_id=heir.account_id, idempotency_key=None,
            idempotency_hash=None,
        )
    )  # fmt: skip
    moved: list[Handed] = []
    for booking_id, starts_at, series_id in theirs:
        _, held = booking.lock_booking(session, booking_id, now)
        session.execute(
            update(Booking)
            .where(Booking.id == booking_id)
            .values(
                person_id=heir.person_id, account_id=heir.account_id, idempotency_key=None,
                idempotency_hash=None,
            )
        )  # fmt: skip
        session.execute(
            update(Reminder)
            .where(
                Reminder.booking_id == booking_id, Reminder.kind.in_(_VISITS),
                Reminder.state == Delivery.DUE,
            )
            .values(person_id=heir.person_id, account_id=heir.account_id)
        )  # fmt: skip
        line.record(
            session, booking_id, State(held.state), now,
            account_id=actor.account_id, staff_id=actor.staff_id, reason=HANDED_OVER,
        )  # fmt: skip
        moved.append(Handed(booking_id, starts_at, series_id, State(held.state)))
    _tell(session, heir, moved, now)
    return len(moved)


def _tell(session: Session, heir: AnyRow, moved: Sequence[Handed], now: datetime) -> None:
    """One message for each; of the dates of a series one for all, which speaks of the first."""
    told: dict[tuple[int, State], list[Handed]] = defaultdict(list)
    for one in sorted(moved, key=lambda one: one.starts_at):
        if one.state in _TELLS:
            told[one.series_id or -one.booking_id, one.state].append(one)
    for (_once, state), dates in told.items():
        facts = {"handed_over": True} | ({"dates": len(dates)} if dates[0].series_id else {})
        outbox.tell(
            session, _TELLS[state], person_id=heir.person_id, account_id=heir.account_id,
            booking_id=dates[0].booking_id, now=now, facts=facts,
        )  # fmt: skip


def _heir(session: Session, group_id: int, from_ids: Collection[int]) -> AnyRow | None:
    return session.execute(
        select(GroupMember.person_id, Account.id.label("account_id"))
        .outerjoin(
            Account, (Account.person_id == GroupMember.person_id) & Account.closed_at.is_(None)
        )
        .where(
            GroupMember.group_id == group_id,
            GroupMember.removed_at.is_(None),
            GroupMember.person_id.not_in(from_ids),
        )
        .order_by(GroupMember.leads.desc(), GroupMember.since, GroupMember.id)
        .limit(1)
    ).first()
