"""Who knows what was missed: services register a read of theirs."""

from collections.abc import Callable, Collection, Sequence
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
    session: Session, person_id: int, limits: set[int], now: datetime
) -> dict[int, datetime | None]:
    """From when on the person's sum is not above each limit; None if it is not above it now."""
    missed = missed_by(session, [person_id], now)
    found = {limit: free_from(missed, limit, half_life()) for limit in limits}
    return {limit: at if at is not None and at > now else None for limit, at in found.items()}
