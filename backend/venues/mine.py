"""A resident's own reservations, and why they could not make one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import lapsing
from backend.booking.models import Booking, BookingEvent, State
from backend.booking.queries import check_mine, given_back_late, is_coming, is_mine, state_at
from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident
from backend.venues import facts, queries, rules
from backend.venues.facts import Slot
from backend.venues.groups import queries as groups
from backend.venues.groups.models import Group
from backend.venues.messages import DECLINED
from backend.venues.models import KIND, Reservation
from backend.venues.requests import UNDECIDED
from backend.venues.series.models import SeriesDate
from backend.venues.series.queries import series_of
from backend.venues.sheet import open_room, room, venue

MOST_SHOWN = 100

_SHOWN = (
    Booking.id, Booking.person_id, Person.name.label("person_name"),
    Booking.starts_at, Booking.ends_at, Booking.cancel_until, Booking.created_at,
    room.c.id.label("room_id"), room.c.name.label("room_name"), venue.c.id.label("venue_id"),
    venue.c.name.label("venue_name"), Reservation.group_id, Group.name.label("group_name"),
    Reservation.title, Reservation.purpose,
    Reservation.headcount, Reservation.wishes, Reservation.check_in_from, Reservation.no_show_at,
    Reservation.checked_in_at, SeriesDate.series_id,
)  # fmt: skip


def _mine(me: Resident, now: datetime, *more: Any) -> Any:
    return (
        select(*_SHOWN, state_at(now), *more)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(SeriesDate, SeriesDate.booking_id == Booking.id)
        .outerjoin(Group, Group.id == Reservation.group_id)
        .where(is_mine(me, clock.today(now)))
    )


def list_mine(
    session: Session, me: Resident, now: datetime, *, past: bool = False,
    group_id: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The reservations of everybody I may act for, and of our groups: those to come, or the last
    100 others; with a `group_id` that group's.

    Of a series only the next date, with how many there are to come. Raises NotFound for groups
    that none of us is in.
    """
    asked = [~is_coming(now) if past else is_coming(now)]
    if group_id is not None:
        groups.check_mine(session, me, group_id, now)
        asked.append(Reservation.group_id == group_id)
    if past:
        rows = _mine(me, now).where(*asked).order_by(Booking.starts_at.desc(), Booking.id)
        return [_shown(row) for row in session.execute(rows.limit(MOST_SHOWN))]
    once = func.coalesce(SeriesDate.series_id, -Booking.id)
    number = func.row_number().over(partition_by=once, order_by=(Booking.starts_at, Booking.id))
    count = func.count().over(partition_by=once)
    numbered = (
        _mine(me, now, number.label("number"), count.label("series_coming"))
        .where(*asked)
        .subquery()
    )
    rows = (
        select(numbered)
        .where(numbered.c.number == 1)
        .order_by(numbered.c.starts_at, numbered.c.id)
        .limit(MOST_SHOWN)
    )
    return [_shown(row) for row in session.execute(rows)]


def get_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """One reservation with its codes and how to find it. Raises NotFound, also for others'."""
    row = session.execute(
        _mine(
            me, now, Booking.code, Booking.short_code, venue.c.address, venue.c.phone,
            room.c.directions, given_back_late(),
        ).where(Booking.id == booking_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    more = ("code", "short_code", "address", "phone", "directions", "cancelled_late")
    shown = _shown(row) | {name: getattr(row, name) for name in more}
    return shown | {"reason": _reason(session, shown)}


def with_venues(session: Session, bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bookings of a list with the `group_name` each is for, or None, and reservations with
    their venue as `place_name`: a district's house is not found by the district's name. One read,
    if any."""
    rooms = [one["id"] for one in bookings if one["kind"] == KIND]
    found: dict[int, dict[str, Any]] = {}
    if rooms:
        rows = session.execute(
            select(
                Reservation.booking_id, venue.c.name.label("place_name"),
                Group.name.label("group_name"),
            )
            .join(Booking, Booking.id == Reservation.booking_id)
            .join(open_room, open_room.c.id == Booking.bookable_id)
            .join(room, room.c.id == open_room.c.room_id)
            .join(venue, venue.c.id == room.c.venue_id)
            .outerjoin(Group, Group.id == Reservation.group_id)
            .where(Reservation.booking_id.in_(rooms))
        )  # fmt: skip
        for row in rows:
            found[row.booking_id] = {"place_name": row.place_name, "group_name": row.group_name}
    return [one | found.get(one["id"], {"group_name": None}) for one in bookings]


def _reason(session: Session, shown: dict[str, Any]) -> str | None:
    """Why it was declined, in words."""
    if shown["state"] != State.DECLINED:
        return None
    said = session.scalars(
        select(BookingEvent.reason).where(
            BookingEvent.booking_id == shown["id"], BookingEvent.state == State.DECLINED
        )
    ).first()
    reason = said or UNDECIDED  # the start has passed, and no job has noted it yet
    return str(DECLINED.get(reason, reason))


def _shown(row: AnyRow) -> dict[str, Any]:
    shown = {column.name: getattr(row, column.name) for column in _SHOWN}
    shown |= {"state": row.state, "series_coming": getattr(row, "series_coming", 0)}
    moments = (
        "starts_at", "ends_at", "cancel_until", "created_at", "check_in_from", "no_show_at",
        "checked_in_at",
    )  # fmt: skip
    return shown | {name: clock.rfc3339(shown[name]) for name in moments}


def for_calendar(
    session: Session, me: Resident, now: datetime, since: datetime, booking_id: int | None = None
) -> Sequence[AnyRow]:
    """What stands of ours and ends after `since`, or one of it, in one read."""
    only = true() if booking_id is None else Booking.id == booking_id
    rows = session.execute(
        _mine(me, now, venue.c.address)
        .where(
            only, Booking.ends_at > since, Booking.state.in_((State.CONFIRMED, State.ATTENDED)),
            ~lapsing.missed(now),
        )
        .order_by(Booking.starts_at, Booking.id)
    )  # fmt: skip
    return list(rows.all())


def starts_for(
    session: Session, me: Resident, booking_id: int, asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The starts of a reservation's room for moving it: it is not in its own way.

    Raises NotFound.
    """
    found = get_mine(session, me, booking_id, now)
    return queries.list_starts(
        session, found["room_id"], asked, now, moving=booking_id,
        of_series=found["series_id"] is not None,
    )  # fmt: skip


def why_not(
    session: Session, me: Resident, slot: Slot, now: datetime, *, moving: int | None = None
) -> list[dict[str, Any]]:
    """Every reason against a reservation, in the order of the rules; none: it can be made.

    `moving`: the reservation that would be changed to this. Raises NotFound for rooms that are not
    there, reservations of others and people the account may not act for.
    """
    if moving is not None:
        check_mine(session, me, moving, now)
    question = facts.for_account(
        session, slot, me.account_id, me.person_id, None, now, moving=moving,
        series_id=series_of(session, moving),
    )  # fmt: skip
    return [
        {"errcode": one.errcode, "errmsg": str(one), "data": one.facts()}
        for one in rules.reasons(question.asked)
    ]
