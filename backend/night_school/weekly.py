"""The weekly hours of runs: read for lists and pages, and moved along with all lessons."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.night_school.models import RunHour

hour = table_of(RunHour)
_DAY = 2000
"""More than the minutes of a day: what a packed hour counts in."""
# Written out, not parameters: theirs could meet those of the statement this becomes a part of.
_IN_DAYS, _COMMA = literal_column(str(_DAY), Integer), literal_column("','", String)


def time_of_day(minute: int) -> str:
    """19:00, from minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def planned_hours(
    session: Session, run_ids: Sequence[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """By run: weekday, from minute, minutes of each weekly hour, from Monday on; one read."""
    rows = session.execute(
        select(hour.c.run_id, hour.c.weekday, hour.c.from_minute, hour.c.minutes)
        .where(hour.c.run_id.in_(run_ids))
        .order_by(hour.c.run_id, hour.c.weekday, hour.c.from_minute)
    )
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row in rows:
        found.setdefault(row.run_id, []).append((row.weekday, row.from_minute, row.minutes))
    return found


def packed_hours(run_id: ColumnElement[int]) -> ColumnElement[str]:
    """The weekly hours of the row at hand as one text, for a read that has no second one."""
    key = (hour.c.weekday * _IN_DAYS + hour.c.from_minute) * _IN_DAYS + hour.c.minutes
    return (
        select(func.aggregate_strings(cast(key, String), _COMMA))  # type: ignore[arg-type]
        .where(hour.c.run_id == run_id)
        .scalar_subquery()
    )


def unpack_hours(packed: str | None) -> list[dict[str, Any]]:
    """What `packed_hours` gave, as answers hold it, from Monday on."""
    keys = sorted(int(key) for key in (packed or "").split(",") if key)
    return [_shown(key // _DAY // _DAY, key // _DAY % _DAY, key % _DAY) for key in keys]


def hours_of(session: Session, run_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The weekly hours of each run as answers hold them."""
    return {
        run_id: [_shown(*one) for one in hours]
        for run_id, hours in planned_hours(session, run_ids).items()
    }


def _shown(weekday: int, start: int, minutes: int) -> dict[str, Any]:
    return {
        "weekday": weekday,
        "from_time": time_of_day(start),
        "until_time": time_of_day(start + minutes),
    }


def shift_hours(session: Session, run_id: int, by: timedelta, at: tuple[int, int] | None) -> None:
    """All lessons moved `by` days; with `at` (from minute, minutes) to that time of day, too."""
    rows = session.execute(
        select(hour.c.weekday, hour.c.from_minute, hour.c.minutes).where(hour.c.run_id == run_id)
    )
    shifted = {((row.weekday + by.days) % 7, *(at or (row.from_minute, row.minutes)))
               for row in rows}  # fmt: skip
    session.execute(delete(hour).where(hour.c.run_id == run_id))
    names = ("weekday", "from_minute", "minutes")
    for one in sorted(shifted):
        session.execute(insert(hour).values(run_id=run_id, **dict(zip(names, one, strict=True))))
