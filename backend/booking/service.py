"""The verbs of booking: book, and give back; what it takes to do either, locked in one order.

Called inside a transaction that a door has opened. `Actor` says who asks: a resident's account or
a member of staff; the system is neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import ends, kept, lapsing, line
from backend.booking.codes import new_code, new_short_code
from backend.booking.errors import (
    Cancelled,
    CancelTooLate,
    Full,
    NotLive,
)
from backend.booking.models import HELD, LIVE, Bookable, Booking, State
from backend.booking.taking import join_line, take
from backend.db import AnyRow, RunAgain, hold
from backend.errors import KeyReused, NotFound
from backend.reminders import outbox
from backend.reminders.models import Kind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account, or staff; and the id of the human behind a resident's account."""

    account_id: int | None = None
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """An earlier booking under the same Idempotency-Key, as the caller's facts found it."""

    booking_id: int
    state: str
    queue_no: int | None
    idempotency_hash: str | None


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of it: a place, or a position in the line. `replayed`: it was there before."""

    booking_id: int
    state: State
    queue_no: int | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be booked, and how. `wait`: join the line if there is no place.

    `offer_before`: whoever waits wants an offer only before this moment. `in_group`: places are
    kept for people like this one.
    """

    bookable_id: int
    person_id: int
    in_group: bool = False
    once_key: str | None
    wait: bool = False
    offer_before: datetime | None = None
    quantity: int = 1
    party_id: int | None = None
    overruled_reason: str | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None


def replayed(replay: Replay, wish: Wish) -> Booked:
    """The earlier answer to the same key. Raises KeyReused if the body was another."""
    if replay.idempotency_hash != wish.idempotency_hash:
        raise KeyReused()
    return Booked(replay.booking_id, State(replay.state), replay.queue_no, replayed=True)


def book(session: Session, wish: Wish, actor: Actor, now: datetime) -> Booked:
    """Take a place, or join the line where `wish.wait` allows it.

    The caller has checked the rules. Raises Full; asks the door to run again where an offer has
    run out unseen, or where the same person or key got in first.
    """
    values = values_of(wish, actor, now)
    if wish.offer_before is not None or wish.in_group:
        hold(session)
    try:
        if wish.in_group and (booked := _take_kept(session, wish, values)):
            return booked
        if booked := _take_or_wait(session, wish, values, now):
            return booked
        line.lock(session, wish.bookable_id)  # a place came free in between: now nothing moves
        if booked := _take_or_wait(session, wish, values, now):
            return booked
    except IntegrityError as error:
        # A double click, or the daughter and the father at once: the next try sees their row.
        raise RunAgain() from error
    raise RunAgain()  # it was closed meanwhile: the rules will say so


def _take_or_wait(
    session: Session, wish: Wish, values: dict[str, Any], now: datetime
) -> Booked | None:
    """A place or, where `wish.wait` allows it, a position in the line; None if neither was left."""
    if booking_id := take(session, values | _BOOKED):
        _note_group(session, wish, booking_id)
        return Booked(booking_id, State.CONFIRMED)
    if pass_on_first(session, wish.bookable_id, now).cancelled_at is not None:
        raise Cancelled() if (words := ends.words_of(wish.once_key)) is None else words.cancelled()
    if not wish.wait:
        raise Full()
    if got := join_line(session, values | {"state": State.WAITING, "tells": Kind.WAITLISTED}):
        _note_group(session, wish, got[0])
        if wish.offer_before is not None:
            line.want_before(session, wish.bookable_id, [got[0]], wish.offer_before)
        return Booked(got[0], State.WAITING, got[1])
    return None


_BOOKED = {"state": State.CONFIRMED, "tells": Kind.BOOKED}


def _take_kept(session: Session, wish: Wish, values: dict[str, Any]) -> Booked | None:
    """A place that is kept for people like this one, if one is free and none of them waits."""
    free = kept.Seats.of(line.lock(session, wish.bookable_id)).kept
    if free < wish.quantity or kept.awaited(session, [wish.bookable_id]):
        return None
    booking_id = take(session, values | _BOOKED | {"from_kept": True})
    if booking_id is None:
        return None
    _note_group(session, wish, booking_id, on_kept=wish.quantity)
    line.leave(session, wish.bookable_id, on_kept=-wish.quantity)
    return Booked(booking_id, State.CONFIRMED)


def _note_group(session: Session, wish: Wish, booking_id: int, on_kept: int = 0) -> None:
    if wish.in_group:
        session.execute(
            update(Booking).where(Booking.id == booking_id).values(in_group=True, on_kept=on_kept)
        )


def values_of(wish: Wish, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the statements of `taking` are handed, but for the state and what the reminder tells."""
    return {
        "row_id": wish.bookable_id,
        "n": wish.quantity,
        "now": now,
        "overruled": wish.overruled_reason is not None,
        "from_kept": False,
        "person_id": wish.person_id,
        "account_id": actor.account_id,
        "staff_id": actor.staff_id,
        "party_id": wish.party_id,
        "once_key": wish.once_key,
        "code": new_code(),
        "short_code": new_short_code(),
        "idempotency_key": wish.idempotency_key,
        "idempotency_hash": wish.idempotency_hash,
        "due_at": outbox.due(now),
        "reason": wish.overruled_reason,
    }


def pass_on_first(session: Session, bookable_id: int, now: datetime) -> AnyRow:
    """Where an offer has run out and no job has seen it, the door passes it on and starts over.

    The bookable as it stands, not locked. Raises NotFound.
    """
    place = session.execute(
        select(Bookable.next_expiry_at, Bookable.cancelled_at).where(Bookable.id == bookable_id)
    ).first()
    if place is None:
        raise NotFound()
    if place.next_expiry_at is not None and place.next_expiry_at <= now:
        raise RunAgain(partial(line.pass_on_expired, bookable_id, now))
    return place


def cancel(
    session: Session, booking_id: int, actor: Actor, now: datetime, reason: str | None = None,
    *, whole_party: bool = False, late: bool = False,
) -> None:  # fmt: skip
    """Give the place, the offer or the position in the line back; the next in line is offered it.

    With `whole_party`, those who go together all do, or none. After `cancel_until` a confirmed
    place is given back with `late`, which the history keeps; without it residents are refused,
    and staff excuse it with their reason. Cancelling twice changes nothing. Raises NotLive,
    CancelTooLate.
    """
    place, booking = lock_booking(session, booking_id, now)
    if booking.once_key is None:
        lapsing.note_first(session, booking_id, now)
    words = ends.words_of(booking.once_key)
    late = late and words is None
    others = line.others_of_party(session, booking, LIVE) if whole_party else []
    ending = [one for one in (booking, *others) if one.state != State.CANCELLED]
    try:
        for one in ending:
            check_may_end(one, actor, now, late=late)
    except CancelTooLate as refusal:
        raise refusal if words is None else words.too_late(booking.cancel_until, now) from None
    except NotLive as refusal:
        raise refusal if words is None else words.over() from None
    for one in ending:
        minutes = late_minutes(one, now) if late else None
        end(session, one, State.CANCELLED, actor, now, reason, late_minutes=minutes)
        if actor.account_id != one.account_id or actor.account_id is None:
            outbox.tell(
                session, Kind.CANCELLED, person_id=one.person_id, account_id=one.account_id,
                booking_id=one.id, now=now, facts={"reason": reason} if reason else None,
                concerns_today=clock.today(one.starts_at) == clock.today(now),
            )  # fmt: skip
    if ending:
        line.promote(session, place.id, now)


def check_may_end(booking: AnyRow, actor: Actor, now: datetime, *, late: bool) -> None:
    """Whether the locked booking can be given back. Raises NotLive, CancelTooLate."""
    if booking.state not in LIVE or booking.state == State.ATTENDED or now >= booking.ends_at:
        raise NotLive()
    if late_minutes(booking, now) is not None and actor.staff_id is None and not late:
        raise CancelTooLate(cancel_until=booking.cancel_until)


def late_minutes(booking: AnyRow, now: datetime) -> int | None:
    """How long ago a confirmed place had to be given back; None while there is time."""
    until = booking.cancel_until
    if booking.state != State.CONFIRMED or until is None or now < until:
        return None
    return int((now - until) / timedelta(minutes=1))


def end(
    session: Session, booking: AnyRow, state: State, actor: Actor, now: datetime,
    reason: str | None = None, *, late_minutes: int | None = None,
) -> None:  # fmt: skip
    """Put a locked booking into a state that is not live and give back what it held."""
    end_all(session, [booking], state, actor, now, reason, late_minutes=late_minutes)


def end_all(
    session: Session, bookings: Sequence[AnyRow], state: State, actor: Actor, now: datetime,
    reason: str | None = None, *, late_minutes: int | None = None,
) -> None:  # fmt: skip
    """Several of one bookable, which is locked, in as many statements as one."""
    ended = session.execute(
        update(Booking)
        .where(Booking.id.in_([one.id for one in bookings]))
        .values(state=state, offer_until=None)
        .returning(Booking.id, Booking.once_key)
    ).all()
    ends.follow(session, [(row.id, row.once_key) for row in ended], now)
    line.record_all(
        session, [one.id for one in bookings], state, now,
        account_id=actor.account_id, staff_id=actor.staff_id, reason=reason,
        late_minutes=late_minutes,
    )  # fmt: skip
    held = [one for one in bookings if one.state in HELD]
    waiting = sum(one.state == State.WAITING for one in bookings)
    if held or waiting:
        line.leave(
            session, bookings[0].bookable_id, held=sum(one.quantity for one in held),
            on_kept=sum(one.on_kept for one in held), waiting=waiting,
        )  # fmt: skip


def lock_booking(
    session: Session, booking_id: int, now: datetime, also: Iterable[int] = ()
) -> tuple[AnyRow, AnyRow]:
    """(bookable, booking), both locked, the bookable first; so are the one it would leave, and
    `also`.

    Raises NotFound.

    Offers of that bookable that have run out are passed on before anything else happens.
    """
    left = aliased(Booking)
    found = session.execute(
        select(Booking.bookable_id, left.bookable_id.label("left_id"))
        .outerjoin(left, left.id == Booking.transfer_from_id)
        .where(Booking.id == booking_id)
    ).first()
    if found is None:
        raise NotFound()
    places = lock_places(session, (found.bookable_id, found.left_id, *also), now)
    return places[found.bookable_id], lock_row(session, booking_id)


def lock_places(
    session: Session, bookable_ids: Iterable[int | None], now: datetime
) -> dict[int, AnyRow]:
    """These bookables, locked in one order; what has run out there is passed on first."""
    ids = {one for one in bookable_ids if one is not None}
    for one in ids:
        pass_on_first(session, one, now)
    return line.lock_all(session, ids)


def lock_row(session: Session, booking_id: int) -> AnyRow:
    """A booking whose bookable is locked already, locked too."""
    return session.execute(
        select(
            Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id, Booking.state,
            Booking.quantity, Booking.on_kept, Booking.starts_at, Booking.ends_at,
            Booking.cancel_until, Booking.offer_until, Booking.party_id, Booking.transfer_from_id,
            Booking.once_key,
        )
        .where(Booking.id == booking_id)
        .with_for_update()
    ).one()  # fmt: skip
