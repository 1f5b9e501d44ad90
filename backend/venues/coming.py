"""At the door: checking in, letting the room go where nobody came, ending early.

Who does not come is noted by whoever wants the room next, or by a job, whichever is sooner; to
every reader the room is free from the very moment on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import lapsing, line, rotating_codes
from backend.booking.errors import CodeExpired, NotLive
from backend.booking.models import Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor
from backend.db import AnyRow, db
from backend.errors import NotFound
from backend.people.queries import Resident, acts_for
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.venues.errors import CheckInLater, NotCheckedIn, NothingHere, RoomLetGo
from backend.venues.models import Reservation
from backend.venues.sheet import open_room

NOT_COME = "not_come"
"""The reason in the history of a reservation whose people did not come."""

ENDED = "ended_early"
"""The reason in the history of a reservation that was ended before its time."""

_watched = aliased(Reservation)
_OF_ROOM = (Occupancy.occupant_kind == OccupantKind.RESERVATION,)


def code_of(room_id: int, now: datetime) -> str:
    """The code on show at the room's door now."""
    return rotating_codes.code_of(f"room-code:{room_id}", now)


def check_in(session: Session, me: Resident, room_id: int, code: str, now: datetime) -> int:
    """Check in at the room's door, for whichever reservation of the household is due; its id.

    Scanning twice changes nothing. Raises CodeExpired, NothingHere, CheckInLater with the moment,
    and RoomLetGo for who comes too late.
    """
    if not rotating_codes.is_current(f"room-code:{room_id}", code, now):
        raise CodeExpired()
    today = clock.today(now)
    mine = session.execute(
        _reservations()
        .where(
            open_room.c.room_id == room_id, acts_for(me, Booking.person_id, today),
            Booking.ends_at > now,
            Booking.state.in_((State.CONFIRMED, State.ATTENDED, State.MISSED)),
        )
        .order_by(Booking.starts_at)
        .limit(1)
        .with_for_update(of=Booking.__table__)
    ).first()  # fmt: skip
    if mine is None:
        raise NothingHere()
    _come(session, mine, Actor(account_id=me.account_id), now)
    return int(mine.id)


def check_in_at_desk(session: Session, staff_id: int, booking_id: int, now: datetime) -> None:
    """Staff see that they have come. Raises NotFound, NotLive, CheckInLater, RoomLetGo."""
    _come(session, _held(session, booking_id), Actor(staff_id=staff_id), now)


def _come(session: Session, held: AnyRow, actor: Actor, now: datetime) -> None:
    if held.state == State.ATTENDED:
        return
    late = held.no_show_at is not None and held.no_show_at <= now
    if held.state == State.MISSED or (held.state == State.CONFIRMED and late):
        raise RoomLetGo()
    if held.state != State.CONFIRMED or held.ends_at <= now:
        raise NotLive()
    if held.check_in_from is not None and now < held.check_in_from:
        raise CheckInLater(held.check_in_from, now)
    session.execute(update(Booking).where(Booking.id == held.id).values(state=State.ATTENDED))
    session.execute(
        update(Reservation)
        .where(Reservation.booking_id == held.id)
        .values(checked_in_at=now, no_show_at=None)
    )
    line.record(
        session, held.id, State.ATTENDED, now,
        account_id=actor.account_id, staff_id=actor.staff_id,
    )  # fmt: skip


def end_early(session: Session, me: Resident, booking_id: int, now: datetime) -> None:
    """The rest of the time goes back to the room. Ending what is over changes nothing.

    Raises NotFound for others', NotCheckedIn where nobody has come yet.
    """
    check_mine(session, me, booking_id, now)
    held = _held(session, booking_id)
    if held.state != State.ATTENDED or now <= held.starts_at:
        raise NotCheckedIn()
    if held.ends_at <= now:
        return
    _cut(session, booking_id, now)
    session.execute(update(Booking).where(Booking.id == booking_id).values(ends_at=now))
    line.record(session, booking_id, State.ATTENDED, now, account_id=me.account_id, reason=ENDED)


def cut_short(
    session: Session, booking_id: int, actor: Actor, until: datetime, reason: str, now: datetime
) -> None:
    """Staff need the room from `until` on, while its people may be in it."""
    held = _held(session, booking_id)
    _cut(session, booking_id, until)
    session.execute(update(Booking).where(Booking.id == booking_id).values(ends_at=until))
    if held.no_show_at is not None and held.no_show_at >= until:
        unwatch(session, booking_id)
    line.record(session, booking_id, held.state, now, staff_id=actor.staff_id, reason=reason)


def due(session: Session, now: datetime) -> Sequence[int]:
    """The bookings whose people should have come by now, and have not."""
    return session.scalars(
        select(Reservation.booking_id)
        .where(Reservation.no_show_at <= now)
        .order_by(Reservation.no_show_at)
    ).all()


def release(booking_ids: Sequence[int], now: datetime) -> int:
    """Let go of the rooms of those who did not come, and tell them; how many."""
    session, released = db.session(), 0
    for booking_id in sorted(booking_ids):
        held = _held(session, booking_id)
        if held.no_show_at is None or held.no_show_at > now:
            continue
        if held.state == State.CONFIRMED:
            _miss(session, held, now)
            released += 1
        unwatch(session, booking_id)
    return released


def _miss(session: Session, held: AnyRow, now: datetime) -> None:
    session.execute(update(Booking).where(Booking.id == held.id).values(state=State.MISSED))
    line.record(session, held.id, State.MISSED, now, reason=NOT_COME)
    _cut(session, held.id, held.no_show_at)
    outbox.tell(
        session, Kind.CANCELLED, person_id=held.person_id, account_id=held.account_id,
        booking_id=held.id, now=now, concerns_today=True,
    )  # fmt: skip


def _cut(session: Session, booking_id: int, at: datetime) -> None:
    """The room is not in use for it from that moment on."""
    own = (*_OF_ROOM, Occupancy.occupant_id == booking_id)
    session.execute(delete(Occupancy).where(*own, Occupancy.starts_at >= at))
    session.execute(update(Occupancy).where(*own, Occupancy.ends_at > at).values(ends_at=at))


def unwatch(session: Session, booking_id: int) -> None:
    """Nobody has to come for it any more."""
    session.execute(
        update(Reservation).where(Reservation.booking_id == booking_id).values(no_show_at=None)
    )


def _due(booking_id: Any, now: datetime) -> ColumnElement[bool]:
    return exists().where(_watched.booking_id == booking_id, _watched.no_show_at <= now)


lapsing.lapse(lambda now: _due(Booking.id, now), release)
occupancy.lapse(OccupantKind.RESERVATION, lambda now: _due(Occupancy.occupant_id, now), release)


def _reservations() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Booking.id, Booking.person_id, Booking.account_id, Booking.state, Booking.starts_at,
            Booking.ends_at, Reservation.check_in_from, Reservation.no_show_at,
        )
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
    )  # fmt: skip


def _held(session: Session, booking_id: int) -> AnyRow:
    """The reservation, locked. Raises NotFound."""
    row = session.execute(
        _reservations().where(Booking.id == booking_id).with_for_update(of=Booking.__table__)
    ).first()
    if row is None:
        raise NotFound()
    return row
