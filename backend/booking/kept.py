"""Seats kept for a group until a moment: who sits on them, who may have one, their release.

Whoever is in the group takes kept seats first and then others; nobody else may have a kept seat
before `kept_until`. So many seats are the group's and no more: when a kept one comes free, whoever
of the group sits on another moves over, and the other is for whoever is first in line. Everything
here runs under the bookable's row lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import HELD, LIVE, Bookable, Booking, State
from backend.db import AnyRow

_NO_LIMIT = 2**31


@dataclass(slots=True)
class Seats:
    """The free seats of a bookable while they are given out in the order of the line.

    Whoever does not fit holds back those behind, each only from seats that both may have.
    """

    kept: int
    general: int
    kept_open: bool = True
    general_open: bool = True

    @classmethod
    def of(cls, place: AnyRow) -> "Seats":
        """Of a locked bookable as it stands."""
        if place.capacity is None:
            return cls(0, _NO_LIMIT)
        free = place.capacity + place.overbooked - place.taken
        kept = min(place.kept - place.kept_taken, free)
        return cls(kept, free - kept)

    @property
    def free(self) -> int:
        """All that are free, for whomever."""
        return self.kept + self.general

    def give(self, party: Sequence[AnyRow]) -> int | None:
        """Seats for all who go together: how many are kept ones; None if they do not fit."""
        group = sum(one.quantity for one in party if one.in_group)
        on_kept = min(group, self.kept) if self.kept_open else 0
        others = sum(one.quantity for one in party) - on_kept
        if others and (not self.general_open or others > self.general):
            return None
        self.kept -= on_kept
        self.general -= others
        return on_kept

    def hold_back(self, party: Sequence[AnyRow]) -> None:
        """These wait: nobody behind them has what they wait for."""
        self.general_open = False
        if any(one.in_group for one in party):
            self.kept_open = False

    @property
    def all_held_back(self) -> bool:
        """Nobody further behind can have a seat."""
        return not self.general_open and not (self.kept_open and self.kept)


def seat(session: Session, bookable_id: int, party: Sequence[AnyRow], on_kept: int) -> None:
    """Note who of the party sits on how many of the kept seats they were given."""
    if not on_kept:
        return
    left = on_kept
    for one in party:
        if one.in_group and left:
            seats = min(one.quantity, left)
            left -= seats
            session.execute(update(Booking).where(Booking.id == one.id).values(on_kept=seats))
    session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id)
        .values(kept_taken=Bookable.kept_taken + on_kept)
    )


def move_over(session: Session, place: AnyRow) -> bool:
    """Seat those of the group who sit on other seats on the kept ones that are free.

    The earliest first; whether anybody moved.
    """
    free = place.kept - place.kept_taken
    if free <= 0:
        return False
    elsewhere = session.execute(
        select(Booking.id, Booking.quantity, Booking.on_kept)
        .where(
            Booking.bookable_id == place.id, Booking.state.in_(HELD), Booking.in_group.is_(True),
            Booking.on_kept < Booking.quantity,
        )
        .order_by(Booking.id)
        .limit(free)
    ).all()  # fmt: skip
    left = free
    for one in elsewhere:
        seats = min(one.quantity - one.on_kept, left)
        left -= seats
        session.execute(
            update(Booking).where(Booking.id == one.id).values(on_kept=one.on_kept + seats)
        )
    if left == free:
        return False
    session.execute(
        update(Bookable)
        .where(Bookable.id == place.id)
        .values(kept_taken=Bookable.kept_taken + free - left)
    )
    return True


def awaited(session: Session, bookable_ids: Sequence[int]) -> set[int]:
    """Where somebody of the group waits: a newcomer does not pass them by taking a kept seat."""
    if not bookable_ids:
        return set()
    return set(
        session.scalars(
            select(Booking.bookable_id).where(
                Booking.bookable_id.in_(bookable_ids),
                Booking.state == State.WAITING,
                Booking.in_group.is_(True),
            )
        )
    )


def release_if_due(session: Session, bookable_id: int, now: datetime) -> bool:
    """From `kept_until` on the kept seats are anybody's; whether that was now."""
    due = session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id, Bookable.kept > 0, Bookable.kept_until <= now)
        .values(kept=0, kept_taken=0)
        .returning(Bookable.id)
    ).first()
    if due is None:
        return False
    session.execute(
        update(Booking)
        .where(Booking.bookable_id == bookable_id, Booking.on_kept > 0)
        .values(on_kept=0)
    )
    return True


def keep(
    session: Session, bookable_id: int, seats: int, until: datetime | None, group: Collection[int]
) -> None:
    """Keep so many seats from now on; 0 keeps none. `group`: the live bookings of its people.

    Those of them who hold a seat already sit on kept ones, the earliest first.
    """
    live = session.execute(
        select(Booking.id, Booking.state, Booking.quantity)
        .where(Booking.bookable_id == bookable_id, Booking.state.in_(LIVE + HELD))
        .order_by(Booking.id)
    ).all()
    left = seats
    for one in live:
        in_group = one.id in group
        on_kept = min(one.quantity, left) if in_group and one.state in HELD else 0
        left -= on_kept
        session.execute(
            update(Booking).where(Booking.id == one.id).values(in_group=in_group, on_kept=on_kept)
        )
    session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id)
        .values(kept=seats, kept_taken=seats - left, kept_until=until)
    )
