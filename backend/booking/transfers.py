"""Changing a place for one in another bookable of the same kind: in one step, never losing both."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.errors import CancelTooLate, NotLive, TransferTogether
from backend.booking.models import LIVE, Booking, State
from backend.booking.service import (
    Actor,
    Booked,
    Wish,
    book,
    end,
    late_minutes,
    lock_places,
    lock_row,
)
from backend.db import AnyRow
from backend.reminders import outbox
from backend.reminders.models import Kind

AfterTransfer = Callable[[Session, int, int], None]
_AFTER_TRANSFER: list[AfterTransfer] = []


def follows_transfer(follow: AfterTransfer) -> AfterTransfer:
    """Called with the ids of the booking given back and of the one that stands in its place."""
    _AFTER_TRANSFER.append(follow)
    return follow


def exchange(
    session: Session, booking_id: int, left_id: int, wish: Wish, actor: Actor, now: datetime,
    *, late: bool = False,
) -> Booked:  # fmt: skip
    """Take a place as `wish` says and give `booking_id`, a place in bookable `left_id`, back.

    Where `wish.wait` allows it and there is no place, the person waits and keeps the old place
    until they accept an offer. After the old place's deadline residents need `late`, which is
    kept. The caller has checked the rules. Raises NotLive, TransferTogether, CancelTooLate, Full.
    """
    lock_places(session, (left_id, wish.bookable_id), now)
    left = lock_row(session, booking_id)
    if left.state != State.CONFIRMED or now >= left.ends_at:
        raise NotLive()
    if line.others_of_party(session, left, LIVE):
        raise TransferTogether()
    minutes = late_minutes(left, now)
    if minutes is not None and actor.staff_id is None and not late:
        raise CancelTooLate(cancel_until=left.cancel_until)
    booked = book(session, wish, actor, now)
    session.execute(
        update(Booking).where(Booking.id == booked.booking_id).values(transfer_from_id=booking_id)
    )
    if booked.state == State.CONFIRMED:
        kept = minutes if late else None
        give_up(session, left, booked.booking_id, actor, now, minutes=kept)
    return booked


def give_up(
    session: Session, booking: AnyRow, taken_id: int, actor: Actor, now: datetime, *,
    minutes: int | None = None,
) -> None:  # fmt: skip
    """Give a locked place back because `taken_id`, another of the same kind, was taken for it.

    `minutes`: how late that is, to be kept. Whoever booked it is told if another changed it.
    """
    end(session, booking, State.CANCELLED, actor, now, line.TRANSFERRED, late_minutes=minutes)
    for follow in _AFTER_TRANSFER:
        follow(session, booking.id, taken_id)
    if actor.account_id != booking.account_id or actor.account_id is None:
        outbox.tell(
            session, Kind.CANCELLED, person_id=booking.person_id, account_id=booking.account_id,
            booking_id=booking.id, now=now, facts={"transferred": True},
            concerns_today=clock.today(booking.starts_at) == clock.today(now),
        )  # fmt: skip
    line.promote(session, booking.bookable_id, now)
