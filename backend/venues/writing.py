"""Writing a reservation: the count, the booking, its facts, the room's use, history and reminder.

On PostgreSQL one statement writes all; SQLite runs the same as a short sequence. No overlap gets
past the database's own constraint on the use of rooms.
"""

from typing import Any

from sqlalchemy import ColumnClause, Select, bindparam, insert, literal_column, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE

from backend.booking.models import Bookable, Booking, BookingEvent
from backend.booking.taking import NOW, given, noted, told
from backend.db import BigInt, Prepared, table_of
from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.reminders.models import Reminder
from backend.venues.models import Reservation

_bookable, _booking = table_of(Bookable), table_of(Booking)
_reservation, _occupancy = table_of(Reservation), table_of(Occupancy)
_atom = table_of(RoomAtom)

_OF_BOOKING = (
    "person_id", "account_id", "staff_id", "state", "starts_at", "ends_at", "cancel_until", "code",
    "short_code", "idempotency_key", "idempotency_hash",
)  # fmt: skip
_OF_RESERVATION = (
    "group_id", "title", "purpose", "headcount", "wishes", "buffer_before", "buffer_after",
    "check_in_from", "no_show_at",
)  # fmt: skip
_ROOM_ID = bindparam("room_id", type_=BigInt)
_KIND: ColumnClause[str] = literal_column(f"'{OccupantKind.RESERVATION}'")
_count = (
    update(_bookable)
    .where(_bookable.c.id == bindparam("row_id", type_=BigInt))
    .values(taken=_bookable.c.taken + 1)
)


def _combined() -> Select[*tuple[Any, ...]]:
    won: CTE = _count.returning(_bookable.c.id).cte("won")
    booked = (
        insert(_booking)
        .from_select(
            ["bookable_id", "quantity", *_OF_BOOKING, "created_at"],
            select(won.c.id, literal_column("1"), *given(_booking, *_OF_BOOKING), NOW),
            include_defaults=False,
        )
        .returning(
            _booking.c.id, _booking.c.person_id, _booking.c.account_id, _booking.c.starts_at,
            _booking.c.ends_at,
        )
        .cte("booked")
    )  # fmt: skip
    detailed = (
        insert(_reservation)
        .from_select(
            ["booking_id", *_OF_RESERVATION],
            select(booked.c.id, *given(_reservation, *_OF_RESERVATION)),
            include_defaults=False,
        )
        .cte("detailed")
    )
    used = (
        insert(_occupancy)
        .from_select(
            ["atom_id", "starts_at", "ends_at", "occupant_kind", "occupant_id"],
            select(_atom.c.atom_id, booked.c.starts_at, booked.c.ends_at, _KIND, booked.c.id)
            .select_from(_atom.join(booked, _atom.c.room_id == _ROOM_ID)),
            include_defaults=False,
        )
        .cte("used")
    )  # fmt: skip
    return select(booked.c.id).add_cte(noted(booked), told(booked), detailed, used)


_ON_POSTGRESQL = Prepared(_combined())
_book = insert(_booking).returning(_booking.c.id)
_use = insert(_occupancy).from_select(
    ["atom_id", "starts_at", "ends_at", "occupant_kind", "occupant_id"],
    select(
        _atom.c.atom_id, *given(_occupancy, "starts_at", "ends_at"), _KIND,
        bindparam("occupant_id", type_=BigInt),
    ).where(_atom.c.room_id == _ROOM_ID),
    include_defaults=False,
)  # fmt: skip


def write(session: Session, values: dict[str, Any]) -> int:
    """Write the reservation; its booking's id. The room is held and the rules have been checked.

    `values`: row_id (the bookable's), room_id, now, due_at, what the reminder `tells`, the reason,
    and the columns of booking and reservation. Raises IntegrityError where the room is in use.
    """
    if session.connection().dialect.name == "postgresql":
        return int(_ON_POSTGRESQL.first(session, values).id)
    session.execute(_count, {"row_id": values["row_id"]})
    booking_id = request(session, values)
    use(session, values["room_id"], booking_id, values["starts_at"], values["ends_at"])
    return booking_id


def request(session: Session, values: dict[str, Any]) -> int:
    """Write a reservation that holds nothing yet; its booking's id."""
    now = values["now"]
    booking_id = session.execute(
        _book,
        {name: values[name] for name in _OF_BOOKING}
        | {"bookable_id": values["row_id"], "quantity": 1, "created_at": now},
    ).scalar_one()
    session.execute(
        insert(_reservation).values(
            booking_id=booking_id, **{name: values[name] for name in _OF_RESERVATION}
        )
    )
    session.execute(
        insert(BookingEvent).values(
            booking_id=booking_id, at=now, state=values["state"], account_id=values["account_id"],
            staff_id=values["staff_id"], reason=values["reason"],
        )
    )  # fmt: skip
    session.execute(
        insert(Reminder).values(
            kind=values["tells"], person_id=values["person_id"], account_id=values["account_id"],
            booking_id=booking_id, due_at=values["due_at"], created_at=now,
        )
    )  # fmt: skip
    return int(booking_id)


def use(session: Session, room_id: int, booking_id: int, starts_at: Any, ends_at: Any) -> None:
    """Every part of the room is in use for the reservation. Raises IntegrityError."""
    session.execute(
        _use,
        {"room_id": room_id, "occupant_id": booking_id, "starts_at": starts_at,
         "ends_at": ends_at},
    )  # fmt: skip
