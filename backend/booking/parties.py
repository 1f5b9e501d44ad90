"""People who go together: one booking each, all of them or none, joined by a `party_id`.

A party is named by the id of its first booking, which also carries the Idempotency-Key.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import kept, line
from backend.booking.codes import new_code, new_short_code
from backend.booking.errors import (
    Cancelled,
    Full,
    NothingToPassOn,
    NotLive,
    PartyOfOthers,
    PartyTooLarge,
    PlacesTooFew,
)
from backend.booking.models import LIVE, Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Replay, lock_booking, pass_on_first
from backend.booking.taking import (
    N,
    bookable,
    booking,
    event,
    has_room,
    is_open,
    nobody_waits,
    reminder,
    take_from,
)
from backend.db import AnyRow, RunAgain
from backend.errors import KeyReused
from backend.people.queries import Resident, acts_for
from backend.reminders import outbox
from backend.reminders.models import Kind

SMALLEST, LARGEST = 2, 8
"""How many people may go together."""

_COPIED = (bookable.c.starts_at, bookable.c.ends_at, bookable.c.cancel_until, bookable.c.queue_tail)
_TAKE_PLACES = take_from(bookable).where(nobody_waits, is_open).returning(*_COPIED)
_JOIN_LINE: Update = (
    update(bookable)
    .where(
        bookable.c.id == bindparam("row_id"), ~and_(has_room(bookable), nobody_waits), is_open
    )
    .values(waiting=bookable.c.waiting + N, queue_tail=bookable.c.queue_tail + N)
)  # fmt: skip
_JOIN_LINE = _JOIN_LINE.returning(*_COPIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyWish:
    """Who goes together to what. `wait`: join the line together if there are not enough places.

    `offer_before`: they want an offer only before this moment. `in_group`: those of them for whom
    places are kept.
    """

    bookable_id: int
    person_ids: Sequence[int]
    in_group: Collection[int] = ()
    once_key: str | None
    wait: bool = False
    offer_before: datetime | None = None
    overruled_reason: str | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One of a party, with a place or a position in the line."""

    booking_id: int
    person_id: int
    state: State
    queue_no: int | None


@dataclass(frozen=True, slots=True)
class Party:
    """What became of the wish, in the order the people were named."""

    party_id: int
    members: tuple[Member, ...]
    replayed: bool = False


def replayed(session: Session, replay: Replay, wish: PartyWish) -> Party:
    """The earlier answer to the same key, as it stands now. Raises KeyReused for another body."""
    if replay.idempotency_hash != wish.idempotency_hash:
        raise KeyReused()
    rows = session.execute(
        select(booking.c.id, booking.c.person_id, booking.c.state, booking.c.queue_no)
        .where(booking.c.party_id == replay.booking_id)
        .order_by(booking.c.id)
    )
    members = (Member(row.id, row.person_id, State(row.state), row.queue_no) for row in rows)
    return Party(replay.booking_id, tuple(members), replayed=True)


def book(session: Session, wish: PartyWish, actor: Actor, now: datetime) -> Party:
    """Take a place for each, or join the line one behind the other where `wish.wait` allows it.

    The caller has checked the rules for each. Raises Full, PlacesTooFew, PartyTooLarge; asks the
    door to run again where an offer has run out unseen, or somebody of them or the key got in
    first.
    """
    try:
        if wish.in_group and (party := _take_some_kept(session, wish, actor, now)):
            return party
        if party := _take_or_wait(session, wish, actor, now):
            return party
        line.lock(session, wish.bookable_id)  # places came free in between: now nothing moves
        if party := _take_or_wait(session, wish, actor, now):
            return party
    except IntegrityError as error:
        raise RunAgain() from error
    raise RunAgain()  # it was closed meanwhile: the rules will say so


def _take_some_kept(
    session: Session, wish: PartyWish, actor: Actor, now: datetime
) -> Party | None:  # fmt: skip
    """Places for all, the kept ones first, if nobody is passed who waits for one of them."""
    place = line.lock(session, wish.bookable_id)
    seats = kept.Seats.of(place)
    people, group = len(wish.person_ids), len(wish.in_group)
    on_kept = 0 if kept.awaited(session, [wish.bookable_id]) else min(group, seats.kept)
    others = people - on_kept
    if not on_kept or others > seats.general or (others and place.waiting):
        return None
    asked = _asked(wish, now) | {"from_kept": True}
    if (taken := session.execute(_TAKE_PLACES, asked).first()) is None:
        return None
    party = _write(session, wish, actor, taken, State.CONFIRMED, now)
    members = session.execute(
        select(booking.c.id, booking.c.quantity, booking.c.in_group)
        .where(booking.c.party_id == party.party_id)
        .order_by(booking.c.id)
    ).all()
    kept.seat(session, wish.bookable_id, members, on_kept)
    return party


def _asked(wish: PartyWish, now: datetime) -> dict[str, Any]:
    return {
        "row_id": wish.bookable_id, "n": len(wish.person_ids), "now": now,
        "overruled": wish.overruled_reason is not None, "from_kept": False,
    }  # fmt: skip


def _take_or_wait(
    session: Session, wish: PartyWish, actor: Actor, now: datetime
) -> Party | None:  # fmt: skip
    asked = _asked(wish, now)
    if place := session.execute(_TAKE_PLACES, asked).first():
        return _write(session, wish, actor, place, State.CONFIRMED, now)
    _check_may_wait(session, wish, now)
    if place := session.execute(_JOIN_LINE, asked).first():
        return _write(session, wish, actor, place, State.WAITING, now)
    return None


def _check_may_wait(session: Session, wish: PartyWish, now: datetime) -> None:
    """Why the places could not be had, unless the party may wait for them."""
    pass_on_first(session, wish.bookable_id, now)
    place = session.execute(
        select(
            bookable.c.capacity, bookable.c.overbooked, bookable.c.taken, bookable.c.waiting,
            bookable.c.kept, bookable.c.kept_taken, bookable.c.cancelled_at,
        ).where(bookable.c.id == wish.bookable_id)
    ).one()  # fmt: skip
    if place.cancelled_at is not None:
        raise Cancelled()
    people = len(wish.person_ids)
    places = people if place.capacity is None else place.capacity + place.overbooked
    if people > places:
        raise PartyTooLarge(places=places, people=people)
    seats = kept.Seats.of(place)
    ours = min(len(wish.in_group), seats.kept)
    left = 0 if place.waiting else max(min(seats.general, people) + ours, 0)
    if not wish.wait and left < people:
        raise PlacesTooFew(places_left=left, people=people) if left else Full(places_left=0)


def _write(
    session: Session, wish: PartyWish, actor: Actor, place: AnyRow, state: State, now: datetime
) -> Party:
    """The rows of a party whose places, or numbers in the line, are taken."""
    count = len(wish.person_ids)
    first_no = place.queue_tail - count + 1
    numbers = [first_no + n if state == State.WAITING else None for n in range(count)]
    shared: dict[str, Any] = {
        "bookable_id": wish.bookable_id, "account_id": actor.account_id,
        "staff_id": actor.staff_id, "state": state, "once_key": wish.once_key,
        "starts_at": place.starts_at, "ends_at": place.ends_at,
        "cancel_until": place.cancel_until, "created_at": now,
    }  # fmt: skip
    # Unique per account: one row speaks for all.
    keys = [(wish.idempotency_key, wish.idempotency_hash), *[(None, None)] * (count - 1)]
    ids = session.scalars(
        insert(booking).returning(booking.c.id, sort_by_parameter_order=True),
        [
            shared | {
                "person_id": person_id, "in_group": person_id in wish.in_group,
                "queue_no": number, "code": new_code(),
                "short_code": new_short_code(), "idempotency_key": key, "idempotency_hash": asked,
            }
            for person_id, number, (key, asked) in zip(wish.person_ids, numbers, keys, strict=True)
        ],
    ).all()  # fmt: skip
    session.execute(update(booking).where(booking.c.id.in_(ids)).values(party_id=ids[0]))
    session.execute(
        insert(event),
        [
            {
                "booking_id": booking_id, "at": now, "state": state,
                "account_id": actor.account_id, "staff_id": actor.staff_id,
                "reason": wish.overruled_reason,
            }
            for booking_id in ids
        ],
    )  # fmt: skip
    tells = Kind.BOOKED if state == State.CONFIRMED else Kind.WAITLISTED
    session.execute(
        insert(reminder),
        [
            {
                "kind": tells, "person_id": person_id, "account_id": actor.account_id,
                "booking_id": booking_id, "due_at": outbox.due(now), "created_at": now,
            }
            for booking_id, person_id in zip(ids, wish.person_ids, strict=True)
        ],
    )  # fmt: skip
    if state == State.WAITING and wish.offer_before is not None:
        line.want_before(session, wish.bookable_id, ids, wish.offer_before)
    members = zip(ids, wish.person_ids, numbers, strict=True)
    return Party(ids[0], tuple(Member(one, who, state, number) for one, who, number in members))


def check_mine_together(session: Session, me: Resident, booking_id: int, now: datetime) -> None:
    """Raise NotFound unless I may act on the booking, PartyOfOthers unless on its whole party."""
    check_mine(session, me, booking_id, now)
    party_id = select(Booking.party_id).where(Booking.id == booking_id).scalar_subquery()
    others = session.execute(
        select(Booking.id).where(
            Booking.party_id == party_id,
            Booking.state.in_(LIVE),
            ~acts_for(me, Booking.person_id, clock.today(now)),
        )
    ).first()
    if others is not None:
        raise PartyOfOthers()


def pass_over(
    session: Session, booking_id: int, actor: Actor, reason: str, now: datetime
) -> list[int]:
    """Staff offer the free places to those behind, because the head of the line does not fit.

    The party keeps its position, and its history the reason. The ids of the bookings offered.
    Raises NotLive unless the booking waits, NothingToPassOn if it is not first or nobody behind
    it fits.
    """
    place, head = lock_booking(session, booking_id, now)
    if head.state != State.WAITING:
        raise NotLive()
    [first, *_] = line.parties_in_line(session, place.id, 1)
    if booking_id not in [one.id for one in first]:
        raise NothingToPassOn()
    offered = line.promote(session, place.id, now, passing_over=True)
    if not offered:
        raise NothingToPassOn()
    for one in first:
        line.record(session, one.id, State.WAITING, now, staff_id=actor.staff_id, reason=reason)
    return offered
