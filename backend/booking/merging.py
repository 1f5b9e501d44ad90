"""When two entries for one human become one, their bookings follow."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from backend.booking import line
from backend.booking.models import LIVE, Booking, State
from backend.booking.service import Actor, end, lock_booking
from backend.people.merging import Merge, follows

_BEST_FIRST = (
    State.ATTENDED, State.CONFIRMED, State.OFFERED, State.REQUESTED, State.WAITING,
)  # fmt: skip
_SYSTEM = Actor()
MERGED = "merged"
"""The reason in the history of a booking that gave way to its double."""


@follows
def bookings_follow(session: Session, done: Merge) -> None:
    """Of two live bookings of one thing the better stays, the other's place is passed on."""
    for first_id, second_id in _doubles(session, done):
        _end_worse(session, first_id, second_id, done)
    session.execute(
        update(Booking).where(Booking.person_id == done.from_id).values(person_id=done.into_id)
    )
    if done.from_account_id is not None:
        session.execute(  # the closed account's keys are of no use to anybody
            update(Booking)
            .where(Booking.account_id == done.from_account_id)
            .values(account_id=done.into_account_id, idempotency_key=None)
        )


def _doubles(session: Session, done: Merge) -> list[tuple[int, int]]:
    theirs, ours = aliased(Booking), aliased(Booking)
    rows = session.execute(
        select(theirs.id, ours.id)
        .join(ours, ours.once_key == theirs.once_key)
        .where(
            theirs.person_id == done.from_id,
            ours.person_id == done.into_id,
            theirs.state.in_(LIVE),
            ours.state.in_(LIVE),
        )
        .order_by(theirs.bookable_id)
    )
    return [(row[0], row[1]) for row in rows]


def _end_worse(session: Session, first_id: int, second_id: int, done: Merge) -> None:
    place, first = lock_booking(session, first_id, done.now)
    _, second = lock_booking(session, second_id, done.now)
    worse = max(first, second, key=lambda row: (_BEST_FIRST.index(State(row.state)), row.id))
    end(session, worse, State.CANCELLED, _SYSTEM, done.now, MERGED)
    line.promote(session, place.id, done.now)
