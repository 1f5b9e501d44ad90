"""Who never gets in: those who wanted rooms, did not get one each time they tried, and had none.

What is known are reservations that were refused, and requests that staff declined or nobody
decided in time. A look that found nothing leaves no row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CTE, and_, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.db import BigInt, table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.venues.sheet import open_room, room, venue
from backend.venues.tries import WORDS, RefusedTry

MOST = 50
"""People that are named at most, those who tried most often first."""

_booking, _try, _person = table_of(Booking), table_of(RefusedTry), table_of(Person)
_other = _booking.alias("other")
_DECLINED = "declined"
_HELD = (State.CONFIRMED, State.ATTENDED, State.MISSED)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """How many people, some of them by name with what they wanted last, and why they got none.

    `reasons`: in words, how often, and how many people. Somebody may have several.
    """

    people: int
    named: list[dict[str, Any]]
    reasons: list[tuple[str, int, int]]


def read(
    session: Session, room_ids: Sequence[int], since: datetime, until: datetime, now: datetime, *,
    names: bool = True,
) -> TurnedAway:  # fmt: skip
    """For times from `since` up to `until`; who had any room of the district then is left out.

    Without `names` nobody is named.
    """
    tried = _tried(room_ids, since, until, now)
    people = func.count(tried.c.person_id.distinct())
    rows = session.execute(
        select(tried.c.why, func.count(), people)
        .group_by(tried.c.why)
        .order_by(func.count().desc(), tried.c.why)
    )
    words = {str(why): said for why, said in WORDS.items()} | {_DECLINED: _("申请没有获准")}
    reasons = [(str(words[why]), times, who) for why, times, who in rows]
    every = session.execute(select(people)).scalar_one()
    return TurnedAway(every, _named(session, tried, words) if names else [], reasons)


def _tried(room_ids: Sequence[int], since: datetime, until: datetime, now: datetime) -> CTE:
    """What they wanted in vain: who, which room, when, why not, and the booking where one is."""
    requests = (
        select(
            _booking.c.person_id, open_room.c.room_id, _booking.c.starts_at,
            literal(_DECLINED).label("why"), _booking.c.id.label("booking_id"),
        )
        .join(open_room, open_room.c.id == _booking.c.bookable_id)
        .where(
            open_room.c.room_id.in_(room_ids),
            _booking.c.starts_at >= since, _booking.c.starts_at < until,
            or_(
                _booking.c.state == State.DECLINED,
                and_(_booking.c.state == State.REQUESTED, _booking.c.starts_at <= now),
            ),
        )
    )  # fmt: skip
    refused = select(
        _try.c.person_id, _try.c.room_id, _try.c.starts_at, _try.c.why, cast(null(), BigInt)
    ).where(
        _try.c.room_id.in_(room_ids), _try.c.starts_at >= since, _try.c.starts_at < until
    )  # fmt: skip
    both = union_all(requests, refused).subquery()
    had_one = (
        select(_other.c.id)
        .join(open_room, open_room.c.id == _other.c.bookable_id)
        .where(
            _other.c.person_id == both.c.person_id, _other.c.state.in_(_HELD),
            _other.c.starts_at >= since, _other.c.starts_at < until,
        )
        .exists()
    )  # fmt: skip
    return select(both).where(~had_one).cte("tried")


def _named(
    session: Session, tried: CTE, words: Mapping[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    """Who tried most often first, with the last they wanted, and all their reasons."""
    by_time = (tried.c.starts_at.desc(), tried.c.why)
    numbered = select(
        tried,
        func.count().over(partition_by=tried.c.person_id).label("times"),
        func.row_number().over(partition_by=tried.c.person_id, order_by=by_time).label("number"),
    ).subquery()
    rows = session.execute(
        select(
            numbered.c.person_id, numbered.c.times, numbered.c.booking_id, numbered.c.starts_at,
            room.c.name.label("room_name"), venue.c.name.label("venue_name"),
            shown_name().label("name"),
        )
        .select_from(
            numbered.join(_person, _person.c.id == numbered.c.person_id)
            .join(room, room.c.id == numbered.c.room_id)
            .join(venue, venue.c.id == room.c.venue_id)
        )
        .where(numbered.c.number == 1)
        .order_by(numbered.c.times.desc(), numbered.c.starts_at.desc(), numbered.c.person_id)
        .limit(MOST)
    ).all()  # fmt: skip
    reasons: dict[int, list[str]] = {row.person_id: [] for row in rows}
    for person_id, why in session.execute(
        select(tried.c.person_id, tried.c.why)
        .distinct()
        .where(tried.c.person_id.in_(reasons))
        .order_by(tried.c.person_id, tried.c.why)
    ):
        reasons[person_id].append(str(words[why]))
    return [dict(row._mapping) | {"reasons": reasons[row.person_id]} for row in rows]
