"""What staff read of ratings: averages that tell on nobody, and the comments."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.night_school.models import Lesson
from backend.night_school.ratings.models import Rating
from backend.people.models import Person
from backend.people.naming import shown_name

FEWEST = 3
"""Below so many ratings there is no average: it would tell who said what."""


def of_class(session: Session, run_id: int) -> list[dict[str, Any]]:
    """The rated lessons with how many rated them and the average, or None for too few."""
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, func.count(Rating.id).label("people"),
            func.sum(Rating.stars).label("stars"),
        )
        .join(Rating, Rating.lesson_id == Lesson.id)
        .where(Lesson.run_id == run_id)
        .group_by(Lesson.id)
        .order_by(Lesson.starts_at)
    )  # fmt: skip
    return [
        {
            "number": row.number,
            "starts_at": clock.rfc3339(row.starts_at),
            "count": row.people,
            "average": average(row.stars, row.people),
        }
        for row in rows
    ]


def average(stars: int, count: int) -> str | None:
    """To one decimal, half up; None where too few have said something."""
    if count < FEWEST:
        return None
    tenths = (20 * stars + count) // (2 * count)
    return f"{tenths // 10}.{tenths % 10}"


def comments_of(session: Session, run_id: int) -> list[dict[str, Any]]:
    """What people wrote to staff, the latest first."""
    rows = session.execute(
        select(
            Lesson.number, Lesson.starts_at, Rating.stars, Rating.comment, Rating.at,
            shown_name().label("name"),
        )
        .join(Lesson, Lesson.id == Rating.lesson_id)
        .join(Booking, Booking.id == Rating.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Lesson.run_id == run_id, Rating.comment.is_not(None))
        .order_by(Rating.at.desc(), Rating.id)
    )  # fmt: skip
    return [
        {
            "number": row.number,
            "stars": row.stars,
            "comment": row.comment,
            "at": clock.rfc3339(row.at),
            "name": row.name,
        }
        for row in rows
    ]
