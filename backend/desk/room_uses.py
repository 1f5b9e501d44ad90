"""What uses rooms, in words: reservations, lessons, market days, blocks; and who may open them."""

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.db import table_of
from backend.market.models import MarketDay
from backend.night_school.models import CourseRun, Lesson
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import OccupantKind
from backend.staff.access import Permission, SignedInStaff
from backend.venues.blocks.models import RoomBlock, RoomBlockRoom
from backend.venues.groups.models import Group
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, place, room, venue

_run, _lesson = table_of(CourseRun), table_of(Lesson)
Key = tuple[str, int]
Words = dict[str, Any]


class Using(Protocol):
    """Something that uses a room."""

    @property
    def kind(self) -> str: ...

    @property
    def occupant_id(self) -> int: ...


def known(session: Session, me: SignedInStaff, uses: Iterable[Using]) -> dict[Key, Words]:
    """Each by kind and id: title, `rooms` it is for by id, `reachable`, and more of people's.

    Four reads.
    """
    ids: dict[str, set[int]] = {kind: set() for kind in OccupantKind}
    for use in uses:
        ids[use.kind].add(use.occupant_id)
    return (
        _reservations(session, me, ids[OccupantKind.RESERVATION])
        | _lessons(session, me, ids[OccupantKind.LESSON])
        | _markets(session, me, ids[OccupantKind.MARKET])
        | _blocks(session, me, ids[OccupantKind.BLOCK])
    )


def _reservations(session: Session, me: SignedInStaff, ids: set[int]) -> dict[Key, Words]:
    rows = session.execute(
        select(
            Reservation.booking_id, Reservation.title, Reservation.headcount, Reservation.wishes,
            Reservation.checked_in_at, shown_name().label("person_name"), Person.phone,
            room.c.id.label("room_id"), room.c.name.label("room_name"), place.c.path,
            Group.name.label("group_name"),
        )
        .join_from(room, open_room, open_room.c.room_id == room.c.id)
        .join(place, place.c.id == room.c.place_id)
        .join(Booking, Booking.bookable_id == open_room.c.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Group, Group.id == Reservation.group_id)
        .where(Booking.id.in_(ids))
    )  # fmt: skip
    return {
        (OccupantKind.RESERVATION, row.booking_id): {
            "title": row.title, "person_name": row.person_name, "group_name": row.group_name,
            "headcount": row.headcount,
            "wishes": row.wishes, "last_four": row.phone and row.phone[-4:],
            "came": row.checked_in_at is not None,
            "rooms": {row.room_id: row.room_name},
            "reachable": me.may(Permission.BOOK_FOR_PEOPLE, row.path),
        }
        for row in rows
    }  # fmt: skip


def _lessons(session: Session, me: SignedInStaff, ids: set[int]) -> dict[Key, Words]:
    room_id = func.coalesce(_lesson.c.room_id, _run.c.room_id)
    rows = session.execute(
        select(
            _lesson.c.id,
            Bookable.title,
            place.c.path,
            room.c.id.label("room_id"),
            room.c.name.label("room_name"),
        )
        .join_from(_lesson, _run, _run.c.id == _lesson.c.run_id)
        .join(Bookable, Bookable.id == _run.c.id)
        .join(place, place.c.id == Bookable.place_id)
        .join(room, room.c.id == room_id)
        .where(_lesson.c.id.in_(ids))
    )
    return {
        (OccupantKind.LESSON, row.id): {
            "title": row.title, "rooms": {row.room_id: row.room_name},
            "reachable": me.may(Permission.TAKE_ATTENDANCE, row.path),
        }
        for row in rows
    }  # fmt: skip


def _markets(session: Session, me: SignedInStaff, ids: set[int]) -> dict[Key, Words]:
    rows = session.execute(
        select(MarketDay.id, MarketDay.title, place.c.path)
        .join(place, place.c.id == MarketDay.place_id)
        .where(MarketDay.id.in_(ids))
    )
    return {
        (OccupantKind.MARKET, row.id): {
            "title": row.title, "reachable": me.may(Permission.RUN_MARKETS, row.path)
        }
        for row in rows
    }  # fmt: skip


def _blocks(session: Session, me: SignedInStaff, ids: set[int]) -> dict[Key, Words]:
    rows = session.execute(
        select(
            RoomBlock.id, RoomBlock.reason, RoomBlock.note, place.c.path,
            room.c.id.label("room_id"), room.c.name.label("room_name"),
        )
        .join(RoomBlockRoom, RoomBlockRoom.block_id == RoomBlock.id)
        .join(room, room.c.id == RoomBlockRoom.room_id)
        .join(venue, venue.c.id == RoomBlock.venue_id)
        .join(place, place.c.id == venue.c.place_id)
        .where(RoomBlock.id.in_(ids))
        .order_by(room.c.id)
    )  # fmt: skip
    found: dict[Key, Words] = {}
    for row in rows:
        words = found.setdefault(
            (OccupantKind.BLOCK, row.id),
            {"title": row.reason, "wishes": row.note, "rooms": {},
             "reachable": me.may(Permission.BOOK_FOR_PEOPLE, row.path)},
        )  # fmt: skip
        words["rooms"][row.room_id] = row.room_name
    return found
