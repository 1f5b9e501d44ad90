"""Who knows what was missed: services register a read of theirs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import config
from backend.booking.models import Booking
from backend.standing.models import Waiver
from backend.standing.weighing import HALVINGS, Missed, free_from

Read = Callable[[Session, Sequence[int], datetime, datetime], Sequence[Missed]]
"""What these people missed after the one moment and up to the other."""

Limits = Callable[[Session, datetime], Collection[int]]
"""How much may have been missed, where something that can be booked now asks for it."""

AT_ONCE = 1000
"""People of one read."""

_reads: list[Read] = []
_limits: list[Limits] = []


def feeds(read: Read) -> Read:
    """Register `read`."""
    _reads.append(read)
    return read


def asks(limits: Limits) -> Limits:
    """Register `limits`."""
    _limits.append(limits)
    return limits


def limits_asked(session: Session, now: datetime) -> set[int]:
    """Every limit that something asks for now."""
    return {limit for limits in _limits for limit in limits(session, now)}


def half_life() -> timedelta:
    """In what time a weight halves."""
    return timedelta(days=config.current().standing_half_life)


def missed_by(session: Session, person_ids: Sequence[int], now: datetime) -> list[Missed]:
    """What these people missed and still weighs something, the last first."""
    gone = waived(session, person_ids)
    return [one for one in recorded(session, person_ids, now) if one.key not in gone]


def waived(session: Session, person_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """What staff have let go of, by what it was, and why."""
    rows = session.execute(
        select(Waiver.booking_id, Waiver.occasion_id, Waiver.reason)
        .join(Booking, Booking.id == Waiver.booking_id)
        .where(Booking.person_id.in_(person_ids))
    )
    return {(row.booking_id, row.occasion_id): row.reason for row in rows}


def recorded(session: Session, person_ids: Sequence[int], now: datetime) -> list[Missed]:
    """What these people missed and has not faded away, waived or not, the last first."""
    since = now - HALVINGS * half_life()
    found = [one for read in _reads for one in read(session, person_ids, since, now)]
    return sorted(found, key=lambda one: (one.at, one.booking_id), reverse=True)


def freed(
    session: Session, limits: Mapping[int, Collection[int]], now: datetime
) -> dict[int, dict[int, datetime | None]]:
    """From when on each person's sum is not above each of their limits, by person.

    None if it is not above it now. `limits` are by person; many people take few reads.
    """
    missed: dict[int, list[Missed]] = {person_id: [] for person_id in limits}
    people = list(limits)
    for start in range(0, len(people), AT_ONCE):
        for one in missed_by(session, people[start : start + AT_ONCE], now):
            missed[one.person_id].append(one)
    return {
        person_id: {limit: low_from(missed[person_id], limit, now) for limit in theirs}
        for person_id, theirs in limits.items()
    }


def low_from(missed: Sequence[Missed], limit: int, now: datetime) -> datetime | None:
    """From when on the sum is not above `limit`; None if it is not above it now."""
    at = free_from(missed, limit, half_life())
    return at if at is not None and at > now else None
