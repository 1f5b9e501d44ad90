"""At the door: checking in, letting the room go where nobody came, ending early.

Who does not come is noted by whoever wants the room next, or by a job, whichever is sooner; to
every reader the room is free from the very moment on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import lapsing, line
from backend.booking.errors import CodeExpired, NotLive
from backend.booking.models import Booking, State
from backend.booking.queries import check_mine, is_mine
from backend.booking.service import Actor
from backend.db import AnyRow, db
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.venues import room_codes
from backend.venues.errors import CheckInLater, NotCheckedIn, NothingHere, RoomLetGo
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, room

NOT_COME = "not_come"
"""The reason in the history of a reservation whose people did not come."""

ENDED = "ended_early"
"""The reason in the history of a reservation that was ended before its time."""

_DAY = timedelta(days=1)
_watched, _other = aliased(Reservation), aliased(RoomAtom)
_OF_ROOM = (Occupancy.occupant_kind == OccupantKind.RESERVATION,)


def check_in(
    session: Session, me: Resident, room_id: int, code: str, now: datetime
) -> dict[str, Any]:
    """Check in at the room's door, for whichever reservation of the household is due; which.

    Mine are those of the people I may act for and those of our groups. The door of a part is a
    door of the whole. Scanning twice changes nothing (`already`). Raises CodeExpired, NothingHere,
    CheckInLater with the moment, and RoomLetGo for who comes too late.
    """
    if not room_codes.is_current(room_id, code, now):
        raise CodeExpired()
    rows = session.execute(
        _reservations().where(
            open_room.c.room_id.in_(sharing(room_id)), Booking.ends_at > now,
            is_mine(me, clock.today(now)),
            Booking.state.in_((State.CONFIRMED, State.ATTENDED, State.MISSED)),
        )
    ).all()  # fmt: skip
    if not rows:
        raise NothingHere()
    mine = _held(session, min(rows, key=lambda one: (_rank(one, now), one.starts_at)).id)
    _come(session, mine, Actor(account_id=me.account_id), now)
    return {
        "booking_id": mine.id, "room_name": mine.room_name, "title": mine.title,
        "person_name": mine.person_name, "starts_at": clock.rfc3339(mine.starts_at),
        "ends_at": clock.rfc3339(mine.ends_at), "already": mine.state == State.ATTENDED,
    }  # fmt: skip


def sharing(room_id: int) -> Select[int]:
    """The room and all that have a part in common with it."""
    return (
        select(_other.room_id)
        .join(RoomAtom, RoomAtom.atom_id == _other.atom_id)
        .where(RoomAtom.room_id == room_id)
    )


def awaited(session: Session, room_id: int, now: datetime) -> AnyRow | None:
    """Who can check in at the room's door now (`starts_at`, `no_show_at`), the first to lose it."""
    rows = session.execute(
        select(Booking.starts_at, Reservation.no_show_at)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .where(
            open_room.c.room_id.in_(sharing(room_id)), Booking.state == State.CONFIRMED,
            Booking.ends_at > now, Reservation.check_in_from <= now,
        )
    ).all()  # fmt: skip
    due = [one for one in rows if not _is_late(one, now)]
    return min(due, key=lambda one: one.no_show_at or one.starts_at + _DAY, default=None)


def _rank(held: AnyRow, now: datetime) -> int:
    """Of several reservations one comes for the open one, before the one one is here for."""
    if held.state == State.ATTENDED:
        return 1
    begun = held.check_in_from is None or held.check_in_from <= now
    return 0 if begun and held.state == State.CONFIRMED and not _is_late(held, now) else 2


def _is_late(held: AnyRow, now: datetime) -> bool:
    return held.no_show_at is not None and held.no_show_at <= now


def check_in_at_desk(session: Session, staff_id: int, booking_id: int, now: datetime) -> None:
    """Staff see that they have come. Raises NotFound, NotLive, CheckInLater, RoomLetGo."""
    _come(session, _held(session, booking_id), Actor(staff_id=staff_id), now)


def _come(session: Session, held: AnyRow, actor: Actor, now: datetime) -> None:
    if held.state == State.ATTENDED:
        return
    if held.state == State.MISSED or (held.state == State.CONFIRMED and _is_late(held, now)):
        raise RoomLetGo(
            booking_id=held.id, room_id=held.room_id, let_go_at=_let_go_at(session, held)
        )
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


def _let_go_at(session: Session, held: AnyRow) -> datetime | None:
    """Until when the room was kept for them."""
    return held.no_show_at or session.scalar(
        select(Occupancy.ends_at).where(*_OF_ROOM, Occupancy.occupant_id == held.id).limit(1)
    )


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
    session.execute(
        update(Reservation)
        .where(Reservation.booking_id == booking_id)
        .values(early_minutes=int((held.ends_at - now).total_seconds()) // 60)
    )
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
            Booking.ends_at, Reservation.check_in_from, Reservation.no_show_at, Reservation.title,
            open_room.c.room_id, room.c.name.label("room_name"), Person.name.label("person_name"),
        )
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(Person, Person.id == Booking.person_id)
    )  # fmt: skip


def _held(session: Session, booking_id: int) -> AnyRow:
    """The reservation, locked. Raises NotFound."""
    row = session.execute(
        _reservations().where(Booking.id == booking_id).with_for_update(of=Booking.__table__)
    ).first()
    if row is None:
        raise NotFound()
    return row
