"""Rooms that are given on request: nothing is held until staff approve.

A request that nobody decides is declined as its start passes; to every reader from that moment on,
whether or not a job ran.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.models import Booking, State
from backend.booking.requests import UNDECIDED as UNDECIDED
from backend.booking.requests import due as due
from backend.booking.requests import expire as expire
from backend.booking.requests import is_today as is_today
from backend.booking.requests import turn_down as turn_down
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain
from backend.errors import NotFound
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.venues import coming, facts, holding, rules
from backend.venues.asked import MINUTE
from backend.venues.errors import AlreadyDecided, RequestMoved
from backend.venues.facts import Slot
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, place, room

DECIDE = Permission.BOOK_FOR_PEOPLE

COMPETING = "competing"
"""The reason in the history of a request that lost the room to another."""

_NEAR = timedelta(days=1)

OF_REQUEST = (
    Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id, Booking.state,
    Booking.starts_at, Booking.ends_at, Reservation.headcount, Reservation.buffer_before,
    Reservation.buffer_after, room.c.id.label("room_id"), room.c.place_id,
    Reservation.group_id,
)  # fmt: skip
SOURCE = (
    Booking.__table__.join(Reservation.__table__)
    .join(open_room, open_room.c.id == Booking.bookable_id)
    .join(room, room.c.id == open_room.c.room_id)
    .join(place, place.c.id == room.c.place_id)
)


def mark(one: AnyRow) -> str:
    """What is asked for: another one, and the resident has moved it."""
    return f"{one.room_id} {one.starts_at.isoformat()} {one.ends_at.isoformat()}"


def approve(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime, *, read: str | None = None
) -> int:
    """The room is theirs; requests it rules out are declined and told; how many were.

    `read`: the `mark` of what was decided on. Raises NotFound outside my places, AlreadyDecided for
    the second of two, RequestMoved, and the refusals of time where the room is closed or in use
    meanwhile.
    """
    held = _hold(session, me, booking_id, now)
    if read is not None and read != mark(held):
        raise RequestMoved()
    lost = give(session, me, held, now)
    outbox.tell(
        session, Kind.BOOKED, person_id=held.person_id, account_id=held.account_id,
        booking_id=booking_id, now=now, concerns_today=is_today(held, now),
    )  # fmt: skip
    for one in lost:
        turn_down(session, one.id, Actor(staff_id=me.staff_id), now, COMPETING)
    more = {"declined": [one.id for one in lost]}
    _audit(session, me, "room_request.approve", held, State.CONFIRMED, more)
    return len(lost)


def give(session: Session, me: SignedInStaff, held: AnyRow, now: datetime) -> Sequence[AnyRow]:
    """The room is theirs, it and the request are held; the requests that are ruled out by it.

    Raises the refusals of time.
    """
    slot = Slot(
        room_id=held.room_id, person_id=held.person_id, starts_at=held.starts_at,
        ends_at=held.ends_at, headcount=held.headcount, group_id=held.group_id,
    )  # fmt: skip
    question = facts.for_staff(session, slot, now, moving=held.id)
    rules.check(question.asked, rules.OF_APPROVAL)
    if question.stale:
        raise RunAgain(partial(coming.release, question.stale, now))
    holding.take(session, held.id, question, slot)
    ruled, state = question.sheet.rules, State.CONFIRMED
    session.execute(update(Booking).where(Booking.id == held.id).values(state=state))
    session.execute(
        update(Reservation)
        .where(Reservation.booking_id == held.id)
        .values(
            buffer_before=ruled.buffer_before,
            buffer_after=ruled.buffer_after,
            **holding.watched(held.starts_at, ruled, state),
        )
    )
    line.record(session, held.id, state, now, staff_id=me.staff_id)
    return [
        one
        for one in rivals(session, held.room_id, held, now)
        if competes(one, held, ruled.buffer_before, ruled.buffer_after)
    ]


def decline(
    session: Session, me: SignedInStaff, booking_id: int, reason: str, now: datetime
) -> None:
    """They do not get the room, and read why. Raises NotFound, AlreadyDecided."""
    held = _hold(session, me, booking_id, now)
    turn_down(session, booking_id, Actor(staff_id=me.staff_id), now, reason)
    _audit(session, me, "room_request.decline", held, State.DECLINED, {"reason": reason})


def rivals(session: Session, room_id: int, span: AnyRow, now: datetime) -> Sequence[AnyRow]:
    """Other open requests for a part of the same room at about that time, the oldest first."""
    return session.execute(
        select(*OF_REQUEST)
        .select_from(SOURCE)
        .where(
            Booking.state == State.REQUESTED, Booking.starts_at > now, Booking.id != span.id,
            Booking.starts_at < span.ends_at + _NEAR, Booking.ends_at > span.starts_at - _NEAR,
            room.c.id.in_(coming.sharing(room_id)),
        )
        .order_by(Booking.id)
    ).all()  # fmt: skip


def competes(one: AnyRow, other: AnyRow, before: int, after: int) -> bool:
    """Whether both cannot be: they overlap, or come closer than the larger gap (`other`'s:
    `before` and `after` minutes)."""
    if one.starts_at < other.starts_at:
        gap = max(one.buffer_after, before)
    else:
        gap = max(one.buffer_before, after)
    return bool(
        one.starts_at < other.ends_at + gap * MINUTE
        and other.starts_at < one.ends_at + gap * MINUTE
    )


def _hold(session: Session, me: SignedInStaff, booking_id: int, now: datetime) -> AnyRow:
    """The open request, its room held. Raises NotFound, AlreadyDecided."""
    query = (
        select(*OF_REQUEST)
        .select_from(SOURCE)
        .where(Booking.id == booking_id, me.covers(DECIDE, place.c.path))
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFound()
    facts.lock(session, found.room_id, found.person_id, now)
    held = session.execute(query.with_for_update(of=Booking.__table__)).one()
    if held.room_id != found.room_id:
        raise RunAgain()
    if held.state == State.REQUESTED and held.starts_at <= now:
        raise RunAgain(partial(expire, [booking_id], now))
    if held.state != State.REQUESTED:
        raise AlreadyDecided()
    return held


def _audit(
    session: Session,
    me: SignedInStaff,
    action: str,
    held: AnyRow,
    state: State,
    more: dict[str, Any],
) -> None:
    audit.record(
        session, me.staff_id, action, "booking", held.id, {"state": held.state},
        {"state": str(state)} | more, place_id=held.place_id,
    )  # fmt: skip
