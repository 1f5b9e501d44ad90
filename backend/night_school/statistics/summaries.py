"""Summaries of classes: which hold, and adding up those that do not.

A summary holds while the class is as it was. That is read from the rows: a booking only ever goes
forward, from the line to a place to its end, so how far all have come, in steps, grows with
whatever happens to one. The rest raises the class's `figures_version` (changes.py). Statistics
count directly where no summary holds; the scheduler adds up only so that they seldom have to.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Select, case, cast, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking, State
from backend.db import table_of
from backend.night_school.models import CourseRun
from backend.night_school.statistics import entries
from backend.night_school.statistics.models import RunBandSummary, RunSummary

CHUNK = 200
"""Classes that are added up in one transaction."""

_run, _bookable, _booking = table_of(CourseRun), table_of(Bookable), table_of(Booking)
_summary, _band = table_of(RunSummary), table_of(RunBandSummary)

_STEP = (
    {State.REQUESTED: 0} | dict.fromkeys(entries.IN_LINE, 1) | dict.fromkeys(entries.ENROLLED, 2)
)
_LAST_STEP = 3


def outdated(session: Session, which: ColumnElement[bool], now: datetime) -> list[int]:
    """Of the classes `which` picks, those that count and have no summary that holds."""
    picked = (
        _as_it_stands(which)
        .where(_bookable.c.published_at <= now, _bookable.c.cancelled_at.is_(None))
        .cte("picked")
    )
    return list(
        session.scalars(
            select(picked.c.id)
            .outerjoin(_summary, _summary.c.run_id == picked.c.id)
            .where(
                or_(
                    _summary.c.run_id.is_(None),
                    _summary.c.version != picked.c.figures_version,
                    _summary.c.steps != picked.c.steps,
                    _summary.c.starts_at != picked.c.starts_at,
                    _summary.c.closes_at.is_distinct_from(picked.c.closes_at),
                )
            )
            .order_by(picked.c.id)
        )
    )


def _as_it_stands(which: ColumnElement[bool]) -> Select[tuple[int, ...]]:
    """What a summary remembers of its class, as it is now."""
    ids = select(_run.c.id).join(_bookable, _bookable.c.id == _run.c.id).where(which)
    alike = (
        select(_booking.c.bookable_id, _booking.c.state, func.count().label("number"))
        .where(_booking.c.bookable_id.in_(ids))
        .group_by(_booking.c.bookable_id, _booking.c.state)
        .subquery("alike")
    )
    steps = alike.c.number * case(_STEP, value=alike.c.state, else_=_LAST_STEP)
    taken = (
        select(alike.c.bookable_id, cast(func.sum(steps), Integer).label("steps"))
        .group_by(alike.c.bookable_id)
        .subquery("taken")
    )
    return (
        select(
            _run.c.id, _run.c.figures_version, func.coalesce(taken.c.steps, 0).label("steps"),
            _bookable.c.starts_at, _bookable.c.closes_at,
        )
        .select_from(
            _run.join(_bookable, _bookable.c.id == _run.c.id)
            .outerjoin(taken, taken.c.bookable_id == _run.c.id)
        )
        .where(which)
    )  # fmt: skip


def write(session: Session, run_ids: Sequence[int], now: datetime) -> int:
    """Add these classes up anew; how many. Those that somebody else is adding up are left to them.

    How a class stands is read before it is counted: what is written between the two makes the
    summary one that does not hold, never one that holds and is wrong.
    """
    session.execute(delete(_summary).where(_summary.c.run_id.in_(run_ids)))
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    columns = ["run_id", "version", "steps", "starts_at", "closes_at"]
    stood = _as_it_stands(_run.c.id.in_(run_ids))
    written = session.scalars(
        kind.insert(_summary)
        .from_select(columns, stood)
        .on_conflict_do_nothing()
        .returning(_summary.c.run_id)
    ).all()
    counted = entries.by_run_and_band(_run.c.id.in_(written), now)
    names = [column.name for column in counted.selected_columns]
    session.execute(insert(_band).from_select(names, counted))
    return len(written)
