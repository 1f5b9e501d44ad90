"""Who never gets in: those who asked for rooms, were declined each time, and had none.

A refusal at the door of the rules leaves no row, and a look that found nothing none either: what
is known are requests that staff declined, or nobody decided in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.db import table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.venues.sheet import open_room, room, venue

MOST = 50
"""People that are named at most, those declined most often first."""

_booking = table_of(Booking)
_other = _booking.alias("other")
_HELD = (State.CONFIRMED, State.ATTENDED, State.MISSED)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """How many people, and some of them by name with what they asked for last."""

    people: int
    named: list[dict[str, Any]]


def read(
    session: Session, room_ids: Sequence[int], since: datetime, until: datetime, now: datetime
) -> TurnedAway:
    """For times from `since` up to `until`; who had any room of the district then is left out."""
    had_one = (
        select(_other.c.id)
        .join(open_room, open_room.c.id == _other.c.bookable_id)
        .where(
            _other.c.person_id == _booking.c.person_id, _other.c.state.in_(_HELD),
            _other.c.starts_at >= since, _other.c.starts_at < until,
        )
        .exists()
    )  # fmt: skip
    declined = (
        select(
            _booking.c.person_id, func.count().label("times"),
            func.max(_booking.c.id).label("last_id"),
        )
        .join(open_room, open_room.c.id == _booking.c.bookable_id)
        .where(
            open_room.c.room_id.in_(room_ids),
            _booking.c.starts_at >= since, _booking.c.starts_at < until,
            or_(
                _booking.c.state == State.DECLINED,
                and_(_booking.c.state == State.REQUESTED, _booking.c.starts_at <= now),
            ),
            ~had_one,
        )
        .group_by(_booking.c.person_id)
        .cte("declined")
    )  # fmt: skip
    people = session.execute(select(func.count()).select_from(declined)).scalar_one()
    last = _booking.alias("last")
    rows = session.execute(
        select(
            declined.c.times, declined.c.last_id.label("booking_id"), last.c.starts_at,
            last.c.ends_at, room.c.name.label("room_name"), venue.c.name.label("venue_name"),
            shown_name().label("name"),
        )
        .select_from(
            declined.join(last, last.c.id == declined.c.last_id)
            .join(Person.__table__, Person.__table__.c.id == declined.c.person_id)
            .join(open_room, open_room.c.id == last.c.bookable_id)
            .join(room, room.c.id == open_room.c.room_id)
            .join(venue, venue.c.id == room.c.venue_id)
        )
        .order_by(declined.c.times.desc(), declined.c.last_id.desc())
        .limit(MOST)
    )  # fmt: skip
    return TurnedAway(people, [dict(row._mapping) for row in rows])
