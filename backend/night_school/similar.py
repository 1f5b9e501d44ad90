"""Classes to go to instead: open, with places, the same course first, then the same shelf, near."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.rules import age_on
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.models import Course, Mode
from backend.night_school.queries import FROM, LISTED, listed
from backend.night_school.reach import bookable, place, run

MOST = 6
_OLDEST = 200
_course, _wanted = table_of(Course), table_of(Course).alias("wanted")


def list_similar(session: Session, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """Up to six runs instead of a published one, the likest first. Raises NotFound."""
    one = _about(session, run_id)
    if one is None or one.published_at is None or one.published_at > now:
        raise NotFound()
    return [listed(row) for row in find(session, run_id, now)]


def find(session: Session, run_id: int, now: datetime) -> Sequence[AnyRow]:
    """The same as rows: runs that a newcomer of about the same age could sign up for now.

    The same course anywhere, else a course of the same category in the same street; nearer places
    first. What is drawn, kept for others or needs an earlier course is left out.
    """
    one = _about(session, run_id)
    if one is None:
        return []
    community, street = one.path, _above(one.path)
    same_course = run.c.course_id == one.course_id
    near = case((place.c.path == community, 0), (place.c.path.like(f"{street}%"), 1), else_=2)
    return session.execute(
        select(*LISTED)
        .select_from(FROM)
        .where(
            run.c.id != run_id,
            bookable.c.published_at <= now,
            bookable.c.ends_at > now,
            bookable.c.cancelled_at.is_(None),
            or_(bookable.c.opens_at.is_(None), bookable.c.opens_at <= now),
            or_(bookable.c.closes_at.is_(None), bookable.c.closes_at > now),
            bookable.c.waiting == 0,
            or_(
                bookable.c.capacity.is_(None),
                bookable.c.taken + bookable.c.kept - bookable.c.kept_taken
                < bookable.c.capacity + bookable.c.overbooked,
            ),
            run.c.mode == Mode.FIRST_COME,
            or_(run.c.home_place_id.is_(None), run.c.home_place_id == one.home_place_id),
            run.c.needs_course_id.is_(None),
            or_(run.c.min_age.is_(None), run.c.min_age <= (one.max_age or _OLDEST)),
            or_(run.c.max_age.is_(None), run.c.max_age >= (one.min_age or 0)),
            or_(
                same_course,
                and_(
                    _course.c.category_id == one.category_id, place.c.path.like(f"{street}%")
                ),
            ),
        )
        .order_by(case((same_course, 0), else_=1), near, bookable.c.starts_at, run.c.id)
        .limit(MOST)
    ).all()  # fmt: skip


def for_age(rows: Sequence[AnyRow], birth_date: Any, now: datetime) -> list[AnyRow]:
    """Those that somebody born then may come to; without a birth date, those for every age."""
    return [row for row in rows if _suits(row, birth_date, now)]


def _suits(row: AnyRow, birth_date: Any, now: datetime) -> bool:
    if row.min_age is None and row.max_age is None:
        return True
    if birth_date is None:
        return False
    age = age_on(birth_date, clock.today(max(now, row.starts_at)))
    return bool((row.min_age or 0) <= age <= (row.max_age if row.max_age is not None else age))


def _about(session: Session, run_id: int) -> AnyRow | None:
    return session.execute(
        select(
            run.c.course_id, _wanted.c.category_id, run.c.min_age, run.c.max_age,
            run.c.home_place_id, place.c.path, bookable.c.published_at,
        )
        .select_from(
            run.join(bookable, bookable.c.id == run.c.id)
            .join(place, place.c.id == bookable.c.place_id)
            .join(_wanted, _wanted.c.id == run.c.course_id)
        )
        .where(run.c.id == run_id)
    ).first()  # fmt: skip


def _above(path: str) -> str:
    """`/1/2/3/` lies in `/1/2/`."""
    return path.rstrip("/").rpartition("/")[0] + "/"
