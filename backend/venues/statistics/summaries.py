"""Days that are over, added up once and kept: so a district's quarter is read in one pass.

They are added up two days later, when every night has ended and every room nobody came to has been
let go. What is kept is one row of days without a gap; days before and after are counted directly.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend import clock
from backend.db import table_of
from backend.places.models import Occupancy, Room
from backend.venues.statistics import days
from backend.venues.statistics.figures import NAMES, Figures
from backend.venues.statistics.models import HOURS, RoomDay

CHUNK = 7
"""Days that are added up in one transaction."""

_AFTER = timedelta(days=2)
_COUNTED = (*NAMES, *(f"{what}_{hour:02}" for what in ("open", "used") for hour in HOURS))

_room_day, _occupancy = table_of(RoomDay), table_of(Occupancy)


def kept(session: Session) -> tuple[date, date] | None:
    """The first and the last day that has been added up."""
    found = session.execute(select(func.min(_room_day.c.day), func.max(_room_day.c.day))).one()
    return None if found[0] is None else (found[0], found[1])


def due(session: Session, now: datetime) -> list[date]:
    """The days to be added up: from the first on which any room was in use, or the next."""
    if (found := kept(session)) is not None:
        first = found[1] + timedelta(days=1)
    elif (earliest := session.scalar(select(func.min(_occupancy.c.starts_at)))) is not None:
        first = clock.today(earliest)
    else:
        return []
    left = (clock.today(now) - _AFTER - first).days + 1
    return [first + timedelta(days=number) for number in range(left)]


def write(session: Session, which: Sequence[date], now: datetime) -> int:
    """Add these days up, one after the other without a gap; how many rows that are.

    What another process wrote meanwhile stands.
    """
    room_ids = session.scalars(select(Room.id)).all()
    rows = [
        dict.fromkeys(_COUNTED, 0) | of_day | {"day": day, "room_id": use.room_id}
        for use in days.read(session, room_ids, which[0], which[-1], now)
        for day, of_day in days.by_day(use)
    ]
    if rows:
        kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(kind.insert(_room_day).on_conflict_do_nothing(), rows)
    return len(rows)


def by_room(
    session: Session, room_ids: Sequence[int], first: date, last: date
) -> dict[int, Figures]:
    """The figures of each room over the days kept."""
    rows = session.execute(
        select(_room_day.c.room_id, *(_sum(name) for name in NAMES))
        .where(_which(room_ids, first, last))
        .group_by(_room_day.c.room_id)
    )
    return {row.room_id: Figures(*row[1:]) for row in rows}


def by_hour(
    session: Session, room_ids: Sequence[int], first: date, last: date
) -> list[tuple[date, list[int], list[int]]]:
    """The minutes open and used in each hour of each day kept."""
    columns = [_sum(name) for name in _COUNTED[len(NAMES) :]]
    rows = session.execute(
        select(_room_day.c.day, *columns)
        .where(_which(room_ids, first, last))
        .group_by(_room_day.c.day)
    )
    return [(row.day, list(row[1:25]), list(row[25:])) for row in rows]


def _which(room_ids: Sequence[int], first: date, last: date) -> ColumnElement[bool]:
    return _room_day.c.day.between(first, last) & _room_day.c.room_id.in_(room_ids)


def _sum(name: str) -> ColumnElement[Any]:
    return cast(func.sum(_room_day.c[name]), BigInteger).label(name)
