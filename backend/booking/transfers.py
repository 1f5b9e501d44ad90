"""Changing a place for one in another bookable of the same kind: in one step, never losing both."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line, parties
from backend.booking.errors import CancelTooLate, NotLive
from backend.booking.models import LIVE, Booking, State
from backend.booking.parties import Party, PartyWish
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
from backend.db import AnyRow, RunAgain
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
    kept. The caller has checked the rules, and asked those who go together with this one and stay
    behind. Raises NotLive, CancelTooLate, Full.
    """
    lock_places(session, (left_id, wish.bookable_id), now)
    left = lock_row(session, booking_id)
    minutes = _may_leave(left, actor, now, late)
    booked = book(session, wish, actor, now)
    _replace(session, left, booked.booking_id, booked.state, actor, now, minutes)
    return booked


def exchange_party(
    session: Session, booking_id: int, left_id: int, wish: PartyWish, actor: Actor, now: datetime,
    *, late: bool = False,
) -> Party:  # fmt: skip
    """The same for all who go together with `booking_id`: each of them, or nobody.

    `wish` names them; asks the door to run again if they are others by now. Raises what `exchange`
    does, and PlacesTooFew, PartyTooLarge.
    """
    lock_places(session, (left_id, wish.bookable_id), now)
    own = lock_row(session, booking_id)
    lefts = {one.person_id: one for one in (own, *line.others_of_party(session, own, LIVE))}
    if lefts.keys() != set(wish.person_ids):
        raise RunAgain()
    minutes = {one.id: _may_leave(one, actor, now, late) for one in lefts.values()}
    party = parties.book(session, wish, actor, now)
    for member in party.members:
        left = lefts[member.person_id]
        _replace(session, left, member.booking_id, member.state, actor, now, minutes[left.id])
    return party


def _may_leave(left: AnyRow, actor: Actor, now: datetime, late: bool) -> int | None:
    """By how many minutes it is late, if that is to be kept. Raises NotLive, CancelTooLate."""
    if left.state != State.CONFIRMED or now >= left.ends_at:
        raise NotLive()
    minutes = late_minutes(left, now)
    if minutes is not None and actor.staff_id is None and not late:
        raise CancelTooLate(cancel_until=left.cancel_until)
    return minutes if late else None


def _replace(
    session: Session, left: AnyRow, taken_id: int, state: State, actor: Actor, now: datetime,
    minutes: int | None,
) -> None:  # fmt: skip
    """The new booking stands for the old one, which is given back if there is a place."""
    session.execute(update(Booking).where(Booking.id == taken_id).values(transfer_from_id=left.id))
    if state == State.CONFIRMED:
        give_up(session, left, taken_id, actor, now, minutes=minutes)


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
