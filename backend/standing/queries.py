"""Reads of a person's standing, for themselves and for the desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.people import queries as people
from backend.people.queries import Resident
from backend.standing import sources
from backend.standing.models import Appeal, AppealState
from backend.standing.service import appeals_until
from backend.standing.weighing import Missed, gone_at, total, weigh


def get_mine(session: Session, me: Resident, person_id: int, now: datetime) -> dict[str, Any]:
    """The standing of somebody the account may act for. Raises NotFound for others."""
    people.check_acts_for(session, me, person_id, clock.today(now))
    found = get_standing(session, person_id, now)
    return found | {
        "entries": [_told(one) for one in found["entries"]],
        "limits": [one | {"from_when": clock.rfc3339(one["from_when"])} for one in found["limits"]],
    }


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return one | {name: clock.rfc3339(one[name]) for name in ("at", "gone_at", "appeal_until")}


def get_standing(session: Session, person_id: int, now: datetime) -> dict[str, Any]:
    """What was missed and has not faded away, the last first, and what it comes to.

    Each occasion with why it was `waived`, the last `appeal` about it, and until when one may be
    made. `limits` are those that are asked for now, each with the moment from which the person is
    not above it, or None.
    """
    half_life = sources.half_life()
    recorded = sources.recorded(session, [person_id], now)
    waived = sources.waived(session, [person_id]) if recorded else {}
    appeals = _appeals(session, person_id) if recorded else {}
    missed = [one for one in recorded if one.key not in waived]
    return {
        "person_id": person_id,
        "sum": round(total(missed, half_life, now), 2),
        "half_life_days": half_life.days,
        "entries": [
            _entry(one, waived.get(one.key), appeals.get(one.key), now) for one in recorded
        ],
        "limits": [
            {"limit": limit, "from_when": sources.low_from(missed, limit, now)}
            for limit in sorted(sources.limits_asked(session, now))
        ],
    }


def _appeals(session: Session, person_id: int) -> dict[tuple[int, int], dict[str, Any]]:
    """The last appeal about each occasion."""
    rows = session.execute(
        select(
            Appeal.id, Appeal.booking_id, Appeal.occasion_id, Appeal.state, Appeal.reason,
            Appeal.answer,
        )
        .join(Booking, Booking.id == Appeal.booking_id)
        .where(Booking.person_id == person_id)
        .order_by(Appeal.id)
    )  # fmt: skip
    return {
        (row.booking_id, row.occasion_id): {
            "id": row.id, "state": row.state, "reason": row.reason, "answer": row.answer,
        }
        for row in rows
    }  # fmt: skip


def _entry(
    one: Missed, waived: str | None, appeal: dict[str, Any] | None, now: datetime
) -> dict[str, Any]:
    half_life = sources.half_life()
    until = appeals_until(one.at)
    said = appeal is not None and appeal["state"] in (AppealState.ASKED, AppealState.DECLINED)
    may_appeal = waived is None and not said and now <= until
    return {
        "booking_id": one.booking_id,
        "occasion_id": one.occasion_id,
        "why": one.why,
        "title": one.title,
        "place_name": one.place_name,
        "number": one.number,
        "at": one.at,
        "weighs": round(weigh(one, half_life, now), 2) if waived is None else 0.0,
        "gone_at": gone_at(one, half_life),
        "waived": waived,
        "appeal": appeal,
        "appeal_until": until if may_appeal else None,
    }
