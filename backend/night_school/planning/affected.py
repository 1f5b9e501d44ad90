"""Lessons planned before their day became a day off: for staff to move, cancel or leave."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.night_school.reach import RUNS, bookable, lesson, place, reaches, run
from backend.places.holidays import ServingCalendar, calendar
from backend.staff.access import Permission, SignedInStaff

MOST = 100


def list_affected(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """The coming lessons in reach on a holiday or in a closure, with why; the first hundred."""
    coming = (
        reaches(me, Permission.MANAGE_CLASSES),
        lesson.c.starts_at > now,
        lesson.c.cancelled_at.is_(None),
        bookable.c.cancelled_at.is_(None),
    )
    source = RUNS.join(lesson, lesson.c.run_id == run.c.id)
    last = session.scalar(select(func.max(lesson.c.starts_at)).select_from(source).where(*coming))
    if last is None:
        return []
    known = calendar(session, clock.today(now), clock.today(last))
    rows = session.execute(
        select(
            lesson.c.id, lesson.c.starts_at, lesson.c.ends_at, bookable.c.title,
            place.c.name.label("place_name"), place.c.path,
        )
        .select_from(source)
        .where(*coming, or_(*_off(known, clock.today(now), clock.today(last))))
        .order_by(lesson.c.starts_at, lesson.c.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        {
            "lesson_id": row.id, "title": row.title, "place_name": row.place_name,
            "starts_at": clock.rfc3339(row.starts_at), "ends_at": clock.rfc3339(row.ends_at),
            "why": known.why_off(clock.today(row.starts_at), row.path),
        }
        for row in rows
    ]  # fmt: skip


def _off(known: ServingCalendar, first: date, last: date) -> list[ColumnElement[bool]]:
    """On which days, at which places."""
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    holidays = [_within(day, day) for day in days if known.holiday(day)]
    closed = [
        and_(place.c.path.like(f"{one.path}%"), _within(one.starts_on, one.ends_on))
        for one in known.closures
    ]
    return [lesson.c.id.is_(None), *holidays, *closed]


def _within(first: date, last: date) -> ColumnElement[bool]:
    start = datetime.combine(first, time(), clock.LOCAL)
    end = datetime.combine(last + timedelta(days=1), time(), clock.LOCAL)
    return and_(lesson.c.starts_at >= start, lesson.c.starts_at < end)
