"""A series with every date, as residents and staff see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Booking, State
from backend.booking.queries import state_at
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.people.queries import Resident
from backend.venues.groups.models import Group
from backend.venues.series import finding
from backend.venues.series.models import SeriesDate
from backend.venues.sheet import open_room, room, venue

SKIPPED = "skipped"
"""What a date that is not reserved is shown as, beside the states of bookings."""

_date, _booking = table_of(SeriesDate), table_of(Booking)


def series_of(session: Session, booking_id: int | None) -> int | None:
    """The series that a booking is a date of."""
    return session.scalars(
        select(SeriesDate.series_id).where(SeriesDate.booking_id == booking_id)
    ).first()


def get_mine(session: Session, me: Resident, series_id: int, now: datetime) -> dict[str, Any]:
    """A series with its dates. Raises NotFound, also for others'."""
    return shown(session, finding.mine(session, me, series_id, now), now)


def shown(session: Session, series: AnyRow, now: datetime) -> dict[str, Any]:
    """What a page shows of a series: where, for whom, and each date as it stands."""
    where = session.execute(
        select(
            room.c.name.label("room_name"), venue.c.name.label("venue_name"),
            venue.c.id.label("venue_id"), Person.name.label("person_name"),
            Group.name.label("group_name"),
        )
        .select_from(room)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(Person, Person.id == series.person_id)
        .outerjoin(Group, Group.id == series.group_id)
        .where(room.c.id == series.room_id)
    ).one()  # fmt: skip
    dates = [_shown(row, now) for row in _rows(session, series.id, now)]
    names = ("id", "room_id", "person_id", "group_id", "title", "headcount", "every_weeks")
    return {name: getattr(series, name) for name in names} | dict(where._mapping) | {
        "weekdays": sorted({clock.local(one["starts_at"]).weekday() for one in _spoken(dates)}),
        "coming": sum(one["coming"] for one in dates),
        "dates": [
            one | {name: clock.rfc3339(one[name]) for name in ("starts_at", "ends_at")}
            for one in dates
        ],
    }  # fmt: skip


def _rows(session: Session, series_id: int, now: datetime) -> Sequence[AnyRow]:
    return session.execute(
        select(
            _date.c.id, _date.c.booking_id, _date.c.why, _date.c.starts_at.label("planned_at"),
            _date.c.ends_at.label("planned_until"), state_at(now), _booking.c.starts_at,
            _booking.c.ends_at, room.c.id.label("room_id"), room.c.name.label("room_name"),
        )
        .select_from(
            _date.outerjoin(_booking, _booking.c.id == _date.c.booking_id)
            .outerjoin(open_room, open_room.c.id == _booking.c.bookable_id)
            .outerjoin(room, room.c.id == open_room.c.room_id)
        )
        .where(_date.c.series_id == series_id)
        .order_by(_date.c.starts_at, _date.c.id)
    ).all()  # fmt: skip


def _shown(row: AnyRow, now: datetime) -> dict[str, Any]:
    """A date at the time it has; one that is not reserved at the time it would have."""
    state = SKIPPED if row.booking_id is None else row.state
    live = state in LIVE
    starts_at = row.starts_at if live else row.planned_at
    ends_at = row.ends_at if live else row.planned_until
    return {
        "id": row.id, "booking_id": row.booking_id, "state": state, "why": row.why,
        "starts_at": starts_at, "ends_at": ends_at, "room_id": row.room_id,
        "coming": live and state != State.ATTENDED and ends_at > now,
        "can_be_put_back": not live and state != State.MISSED and row.planned_at > now,
        "moved": live and (row.starts_at, row.ends_at) != (row.planned_at, row.planned_until),
    }  # fmt: skip


def _spoken(dates: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The dates that say on which weekdays it is: those to come, moved ones left out."""
    regular = [one for one in dates if not one["moved"]]
    return [one for one in regular if one["coming"]] or regular or dates
