"""Rating a lesson: by who was there, from its end on, and thinking better of it for two weeks."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.booking.queries import check_mine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.attendance import CAME
from backend.night_school.errors import NotThereToRate, RatingClosed
from backend.night_school.models import Attendance, Lesson
from backend.night_school.ratings.models import Rating
from backend.people.queries import Resident

RATED_FOR = timedelta(days=14)
"""How long after a lesson it may be rated, and the rating changed."""


def list_lessons(
    session: Session, me: Resident, booking_id: int, now: datetime
) -> list[dict[str, Any]]:
    """The lessons somebody of the household was at, the latest first, with their rating.

    Raises NotFound.
    """
    check_mine(session, me, booking_id, now)
    return [_listed(row, now) for row in _attended(session, booking_id) if row.ends_at <= now]


def rate(
    session: Session, me: Resident, booking_id: int, lesson_id: int, stars: int,
    comment: str | None, now: datetime,
) -> None:  # fmt: skip
    """Say how a lesson was; said again, the later word holds.

    Raises NotFound, NotThereToRate, RatingClosed.
    """
    check_mine(session, me, booking_id, now)
    of_this_class = (
        select(Lesson.id)
        .join(Booking, Booking.bookable_id == Lesson.run_id)
        .where(Lesson.id == lesson_id, Booking.id == booking_id)
    )
    if session.scalar(of_this_class) is None:
        raise NotFound()
    attended = [row for row in _attended(session, booking_id) if row.id == lesson_id]
    if not attended or attended[0].ends_at > now:
        raise NotThereToRate()
    if now > attended[0].ends_at + RATED_FOR:
        raise RatingClosed()
    said = {"stars": stars, "comment": comment or None, "at": now}
    session.execute(
        insert(table_of(Rating))
        .values(said | {"lesson_id": lesson_id, "booking_id": booking_id})
        .on_conflict_do_update(index_elements=["lesson_id", "booking_id"], set_=said)
    )


def _attended(session: Session, booking_id: int) -> list[AnyRow]:
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Rating.stars,
            Rating.comment,
        )
        .join(Attendance, Attendance.lesson_id == Lesson.id)
        .outerjoin(
            Rating, and_(Rating.lesson_id == Lesson.id, Rating.booking_id == booking_id)
        )
        .where(
            Attendance.booking_id == booking_id,
            Attendance.presence.in_(CAME),
            Lesson.cancelled_at.is_(None),
        )
        .order_by(Lesson.starts_at.desc())
    )  # fmt: skip
    return list(rows)


def _listed(row: AnyRow, now: datetime) -> dict[str, Any]:
    return {
        "lesson_id": row.id,
        "number": row.number,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "stars": row.stars,
        "comment": row.comment,
        "may_rate": now <= row.ends_at + RATED_FOR,
    }
