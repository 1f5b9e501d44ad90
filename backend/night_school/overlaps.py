"""What else a person has at the hours of a run: a warning, never a refusal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.night_school.models import Lesson


def for_many(
    session: Session, run_ids: Sequence[int], person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> dict[int, list[dict[str, Any]]]:  # fmt: skip
    """By run: the person's live bookings of other runs with a lesson at the same time.

    Each with the first moment they clash. Lessons that touch do not clash, nor does the booking
    `leaving`, which would be given back; one read for all.
    """
    wanted, taken = aliased(Lesson), aliased(Lesson)
    first = func.min(taken.starts_at)
    rows = session.execute(
        select(wanted.run_id, Booking.id, Bookable.title, first.label("starts_at"))
        .join(
            taken,
            (taken.starts_at < wanted.ends_at)
            & (taken.ends_at > wanted.starts_at)
            & (taken.run_id != wanted.run_id),
        )
        .join(Booking, Booking.bookable_id == taken.run_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(
            wanted.run_id.in_(run_ids),
            wanted.cancelled_at.is_(None),
            wanted.ends_at > now,
            taken.cancelled_at.is_(None),
            Booking.person_id == person_id,
            Booking.state.in_(LIVE),
        )
        .group_by(wanted.run_id, Booking.id, Bookable.title)
        .order_by(first, Booking.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row.id == leaving:
            continue
        found.setdefault(row.run_id, []).append(
            {
                "booking_id": row.id,
                "title": row.title,
                "starts_at": clock.rfc3339(row.starts_at),
            }
        )
    return found
