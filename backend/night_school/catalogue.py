"""The catalogue: courses whether offered now or not, and the terms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.models import Course, CourseCategory, CourseRun, Term
from backend.night_school.queries import list_runs

_run, _bookable = table_of(CourseRun), table_of(Bookable)

RUNS_OF_A_COURSE = 100


def list_courses(session: Session, asked: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The courses that are not withdrawn, by category, with how many runs are on offer."""
    query = _courses(now).where(Course.withdrawn_at.is_(None))
    if category := asked.get("category"):
        query = query.where(CourseCategory.code == category)
    if text := asked.get("text"):
        query = query.where(
            or_(
                Course.title.icontains(text, autoescape=True),
                Course.summary.icontains(text, autoescape=True),
            )
        )
    rows = session.execute(query.order_by(CourseCategory.sort, CourseCategory.id, Course.id))
    return [_shown(row) for row in rows]


def get_course(session: Session, course_id: int, now: datetime) -> dict[str, Any]:
    """One course with its runs. A withdrawn one stays readable while it has any. NotFound."""
    row = session.execute(
        _courses(now, Course.description, Course.bring, Course.withdrawn_at).where(
            Course.id == course_id
        )
    ).first()
    if row is None or (row.withdrawn_at is not None and not row.runs):
        raise NotFound()
    runs = list_runs(session, {"course_id": course_id, "limit": RUNS_OF_A_COURSE}, now)
    return _shown(row) | {
        "description": row.description,
        "bring": row.bring,
        "run_list": runs["items"],
    }


def list_terms(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The terms that are not over, and the last five that are, newest first."""
    rows = session.execute(
        select(Term.id, Term.name, Term.starts_on, Term.ends_on).order_by(Term.starts_on.desc())
    ).all()
    over = [row for row in rows if row.ends_on < clock.today(now)]
    return [
        {
            "id": row.id,
            "name": row.name,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat(),
        }
        for row in rows
        if row not in over[5:]
    ]


def _courses(now: datetime, *more: Any) -> Any:
    on_offer = (
        select(func.count())
        .select_from(_run.join(_bookable, _bookable.c.id == _run.c.id))
        .where(
            _run.c.course_id == Course.id,
            _bookable.c.published_at <= now,
            _bookable.c.ends_at > now,
            _bookable.c.cancelled_at.is_(None),
        )
        .scalar_subquery()
        .label("runs")
    )
    return select(
        Course.id, Course.title, Course.summary, Course.picture,
        CourseCategory.code.label("category"), on_offer, *more,
    ).join(CourseCategory, CourseCategory.id == Course.category_id)  # fmt: skip


def _shown(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "summary": row.summary,
        "picture": row.picture,
        "category": row.category,
        "runs": row.runs,
    }
