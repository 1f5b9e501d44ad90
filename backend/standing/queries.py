"""Reads of a person's standing, for themselves and for the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.people import queries as people
from backend.people.queries import Resident
from backend.standing import sources
from backend.standing.weighing import Missed, free_from, gone_at, total, weigh


def get_mine(session: Session, me: Resident, person_id: int, now: datetime) -> dict[str, Any]:
    """The standing of somebody the account may act for. Raises NotFound for others."""
    people.check_acts_for(session, me, person_id, clock.today(now))
    found = get_standing(session, person_id, now)
    return found | {
        "entries": [
            one | {name: clock.rfc3339(one[name]) for name in ("at", "gone_at")}
            for one in found["entries"]
        ],
        "limits": [one | {"from_when": clock.rfc3339(one["from_when"])} for one in found["limits"]],
    }


def get_standing(session: Session, person_id: int, now: datetime) -> dict[str, Any]:
    """What was missed and weighs something still, the last first, and what it comes to.

    `limits` are those that are asked for now, each with the moment from which the person is not
    above it, or None.
    """
    half_life = sources.half_life()
    missed = sources.missed_by(session, [person_id], now)
    return {
        "person_id": person_id,
        "sum": round(total(missed, half_life, now), 2),
        "half_life_days": half_life.days,
        "entries": [_entry(one, now) for one in missed],
        "limits": [
            {"limit": limit, "from_when": _ahead(missed, limit, now)}
            for limit in sorted(sources.limits_asked(session, now))
        ],
    }


def _entry(one: Missed, now: datetime) -> dict[str, Any]:
    half_life = sources.half_life()
    return {
        "booking_id": one.booking_id,
        "occasion_id": one.occasion_id,
        "why": one.why,
        "title": one.title,
        "place_name": one.place_name,
        "number": one.number,
        "at": one.at,
        "weighs": round(weigh(one, half_life, now), 2),
        "gone_at": gone_at(one, half_life),
    }


def _ahead(missed: Sequence[Missed], limit: int, now: datetime) -> datetime | None:
    at = free_from(missed, limit, sources.half_life())
    return at if at is not None and at > now else None
