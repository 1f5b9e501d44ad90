"""Rooms as the desk sees them: the venues in reach, and what is on in their rooms."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.db import AnyRow, table_of
from backend.desk.day_grid import Column, Entry
from backend.errors import NotFound
from backend.market.models import MarketDay
from backend.night_school.models import CourseRun, Lesson
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import OccupantKind
from backend.staff.access import Permission, SignedInStaff
from backend.venues import many, sheet
from backend.venues.asked import Use
from backend.venues.hours import OpenDay
from backend.venues.models import Reservation
from backend.venues.sheet import Sheet, open_room, place, room, venue

RUN = Permission.BOOK_FOR_PEOPLE
"""Who books for residents at a place sees and moves what is on in its rooms."""

_ROOM = (
    room.c.id, room.c.name, room.c.capacity, room.c.directions, room.c.venue_id,
    venue.c.name.label("venue_name"), room.c.place_id,
)  # fmt: skip
_ROOMS = (
    room.join(open_room, open_room.c.room_id == room.c.id)
    .join(venue, venue.c.id == room.c.venue_id)
    .join(place, place.c.id == room.c.place_id)
)
_run, _lesson = table_of(CourseRun), table_of(Lesson)
_Key = tuple[str, int]


def list_venues(session: Session, me: SignedInStaff, text: str = "") -> list[dict[str, Any]]:
    """The venues of my places with their number of rooms, those whose name has `text` in it."""
    query = (
        select(
            venue.c.id, venue.c.name, venue.c.address, place.c.name.label("place_name"),
            func.count(room.c.id).label("rooms"),
        )
        .select_from(_ROOMS)
        .where(me.covers(RUN, place.c.path))
        .group_by(venue.c.id, venue.c.name, venue.c.address, place.c.name, place.c.path)
        .order_by(place.c.path, venue.c.id)
    )  # fmt: skip
    if text:
        query = query.where(
            venue.c.name.contains(text, autoescape=True)
            | place.c.name.contains(text, autoescape=True)
        )
    return [dict(row._mapping) for row in session.execute(query)]


def get_venue(session: Session, me: SignedInStaff, venue_id: int) -> AnyRow:
    """One venue of my places. Raises NotFound."""
    row = session.execute(
        select(venue.c.id, venue.c.name, venue.c.address, venue.c.phone)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .where(venue.c.id == venue_id, me.covers(RUN, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def rooms_of(session: Session, venue_id: int) -> Sequence[AnyRow]:
    """The rooms of a venue that can be reserved."""
    return session.execute(
        select(*_ROOM).select_from(_ROOMS).where(venue.c.id == venue_id).order_by(room.c.id)
    ).all()


def access_room(session: Session, me: SignedInStaff, room_id: int) -> AnyRow:
    """One room of my places. Raises NotFound."""
    row = session.execute(
        select(*_ROOM).select_from(_ROOMS).where(room.c.id == room_id, me.covers(RUN, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def of_venue(
    session: Session, me: SignedInStaff, venue_id: int, first: date, days: int, now: datetime
) -> list[Column]:
    """The rooms of a venue on so many days from `first` on, a day's side by side.

    As many reads for one room as for a hundred. Raises NotFound.
    """
    get_venue(session, me, venue_id)
    there = rooms_of(session, venue_id)
    last = first + timedelta(days=days - 1)
    sheets = many.of_rooms(session, [one.id for one in there], first, last, now)
    found = [(one, sheets[one.id]) for one in there]
    known = _known(session, me, (use for _, one in found for use in one.uses))
    return [
        _column(one, read, read.days[number], known) for number in range(days)
        for one, read in found
    ]  # fmt: skip


def of_days(
    session: Session, me: SignedInStaff, room_id: int, first: date, days: int, now: datetime
) -> list[Column]:
    """A room on so many days from `first` on. Raises NotFound."""
    one = access_room(session, me, room_id)
    found = sheet.of_room(session, room_id, first, first + timedelta(days=days - 1), now)
    known = _known(session, me, found.uses)
    return [_column(one, found, day, known) for day in found.days]


def _column(one: AnyRow, found: Sheet, day: OpenDay, known: dict[_Key, dict[str, Any]]) -> Column:
    uses = [use for use in found.uses if _on(use, day)]
    return Column(one, day.day, day.spans, [_entry(use, one.id, known) for use in uses], day.why)


def _on(use: Use, day: OpenDay) -> bool:
    """Whether it begins on that day, or lies in its hours, past midnight too."""
    within = any(
        use.starts_at < span.ends_at and span.starts_at < use.ends_at for span in day.spans
    )
    return within or clock.today(use.starts_at) == day.day


def _entry(use: Use, room_id: int, known: dict[_Key, dict[str, Any]]) -> Entry:
    more = dict(known.get((use.kind, use.occupant_id), {}))
    its_room_id, its_room = more.pop("room_id", room_id), more.pop("room_name", None)
    other = its_room if its_room_id != room_id else None
    return Entry(use.kind, use.occupant_id, use.starts_at, use.ends_at, of_room=other, **more)


def _known(session: Session, me: SignedInStaff, uses: Iterable[Use]) -> dict[_Key, dict[str, Any]]:
    """What is on there, in words: three reads."""
    ids: dict[str, set[int]] = {kind: set() for kind in OccupantKind}
    for use in uses:
        ids[use.kind].add(use.occupant_id)
    return (
        _reservations(session, me, ids[OccupantKind.RESERVATION])
        | _lessons(session, me, ids[OccupantKind.LESSON])
        | _markets(session, me, ids[OccupantKind.MARKET])
    )


def _reservations(session: Session, me: SignedInStaff, ids: set[int]) -> dict[_Key, dict[str, Any]]:
    rows = session.execute(
        select(
            Reservation.booking_id, Reservation.title, Reservation.headcount, Reservation.wishes,
            Reservation.checked_in_at, shown_name().label("person_name"), Person.phone,
            room.c.id.label("room_id"), room.c.name.label("room_name"), place.c.path,
        )
        .select_from(_ROOMS)
        .join(Booking, Booking.bookable_id == open_room.c.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.id.in_(ids))
    )  # fmt: skip
    return {
        (OccupantKind.RESERVATION, row.booking_id): {
            "title": row.title, "person_name": row.person_name, "headcount": row.headcount,
            "wishes": row.wishes, "last_four": row.phone and row.phone[-4:],
            "came": row.checked_in_at is not None,
            "room_id": row.room_id, "room_name": row.room_name,
            "reachable": me.may(RUN, row.path),
        }
        for row in rows
    }  # fmt: skip


def _lessons(session: Session, me: SignedInStaff, ids: set[int]) -> dict[_Key, dict[str, Any]]:
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
            "title": row.title, "room_id": row.room_id, "room_name": row.room_name,
            "reachable": me.may(Permission.TAKE_ATTENDANCE, row.path),
        }
        for row in rows
    }  # fmt: skip


def _markets(session: Session, me: SignedInStaff, ids: set[int]) -> dict[_Key, dict[str, Any]]:
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
