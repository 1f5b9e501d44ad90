"""What the night school knows was missed, and which of its classes ask for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from backend.booking.merging import MERGED
from backend.booking.models import Bookable, Booking, BookingEvent
from backend.night_school.models import Attendance, CourseRun, Lesson, Presence
from backend.places.models import Place
from backend.standing.sources import asks, feeds
from backend.standing.weighing import Missed, Why


@feeds
def lessons_missed(
    session: Session, person_ids: Sequence[int], since: datetime, now: datetime
) -> Sequence[Missed]:
    """Unexcused absences at lessons that took place.

    A booking that gave way to its double says nothing: what was marked on it has moved, or the
    other's mark holds.
    """
    gave_way = exists().where(BookingEvent.booking_id == Booking.id, BookingEvent.reason == MERGED)
    rows = session.execute(
        select(
            Booking.person_id, Booking.id, Lesson.id.label("lesson_id"), Lesson.starts_at,
            Lesson.number, Bookable.title, Place.name.label("place_name"),
        )
        .join(Attendance, Attendance.booking_id == Booking.id)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(
            Booking.person_id.in_(person_ids),
            Attendance.presence == Presence.ABSENT,
            Lesson.cancelled_at.is_(None),
            Lesson.starts_at > since,
            Lesson.starts_at <= now,
            ~gave_way,
        )
    )  # fmt: skip
    return [
        Missed(
            person_id=row.person_id, booking_id=row.id, occasion_id=row.lesson_id, why=Why.ABSENT,
            at=row.starts_at, title=row.title, place_name=row.place_name, number=row.number,
        )
        for row in rows
    ]  # fmt: skip


@asks
def limits(session: Session, now: datetime) -> Collection[int]:
    """Of classes that residents see and may sign up for now or later."""
    run, bookable = CourseRun.__table__.c, Bookable.__table__.c
    found = session.scalars(
        select(run.most_missed)
        .join(Bookable.__table__, bookable.id == run.id)
        .where(
            run.most_missed.is_not(None),
            bookable.published_at <= now,
            bookable.cancelled_at.is_(None),
            or_(bookable.closes_at.is_(None), bookable.closes_at > now),
        )
        .distinct()
    )
    return found.all()
