"""The direct count: the figures of classes by age band, from their bookings and marks.

What a class's summary keeps is written by it, and where there is none that holds, it counts.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.db import BigInt, table_of
from backend.night_school.attendance import CAME, EXCUSES
from backend.night_school.models import Attendance, CourseRun, Lesson, Presence
from backend.night_school.statistics.figures import Band
from backend.people.models import Person

ENROLLED = (State.CONFIRMED, State.ATTENDED, State.MISSED)
IN_LINE = (State.WAITING, State.OFFERED)
BANDS = tuple(Band)

_BASE = 1000  # a class has fewer lessons than that
_CAME, _ABSENT, _EXCUSED, _UNKNOWN = (_BASE**power for power in range(4))
_BOUNDS = ((Band.UNDER_18, 18), (Band.TO_34, 35), (Band.TO_59, 60), (Band.TO_69, 70))

_run, _bookable = table_of(CourseRun), table_of(Bookable)
_booking, _person, _event = table_of(Booking), table_of(Person), table_of(BookingEvent)
_attendance, _lesson = table_of(Attendance), table_of(Lesson)


class _born_by(FunctionElement[date]):  # noqa: N801 - reads as the SQL function it stands for
    """The last day on which somebody was born who is so many years old on the local day of `at`."""

    type = Date()
    inherit_cache = True


@compiles(_born_by, "postgresql")
def _on_postgresql(element: _born_by, compiler: SQLCompiler, **options: Any) -> str:
    at, years = (compiler.process(each, **options) for each in element.clauses)
    return f"(({at} AT TIME ZONE 'Asia/Shanghai')::date - make_interval(years => {years}))::date"


@compiles(_born_by, "sqlite")
def _on_sqlite(element: _born_by, compiler: SQLCompiler, **options: Any) -> str:
    """As text, so that 29 February stays what it is: whoever was born on 1 March is younger."""
    at, years = (compiler.process(each, **options) for each in element.clauses)
    return (
        f"(printf('%04d', strftime('%Y', {at}, '+8 hours') - {years})"
        f" || strftime('-%m-%d', {at}, '+8 hours'))"
    )


def by_run_and_band(which: ColumnElement[bool], now: datetime) -> Select[Any]:
    """The figures of the classes `which` picks, a row per class and age band with anybody in it.

    The columns are those of `RunBandSummary`.
    """
    entries = _entries(_runs(which), now)

    def marked(weight: int) -> ColumnElement[int]:
        marks = entries.c.marks // literal_column(str(weight), BigInt) % _BASE
        return func.sum(cast(marks, Integer))

    taking_part = case((entries.c.enrolled | (entries.c.marks > 0), entries.c.person_id))
    in_line = case((entries.c.in_line, entries.c.person_id))
    columns: dict[str, ColumnElement[Any]] = {
        "enrolled": func.count().filter(entries.c.enrolled), "waiting": func.count(in_line),
        "came": marked(_CAME), "absent": marked(_ABSENT), "excused": marked(_EXCUSED),
        "unknown": marked(_UNKNOWN), "people": func.aggregate_strings(cast(taking_part, Text), ","),
    }  # fmt: skip
    for name, who in {"taking_part": taking_part, "in_line": in_line}.items():
        columns |= {
            f"{name}_count": func.count(who), f"{name}_ids": func.sum(who),
            f"{name}_squares": func.sum(who * who), f"{name}_low": func.min(who),
            f"{name}_high": func.max(who),
        }  # fmt: skip
    return select(
        entries.c.run_id, entries.c.band, *(each.label(name) for name, each in columns.items())
    ).group_by(entries.c.run_id, entries.c.band)


def _runs(which: ColumnElement[bool]) -> CTE:
    """The classes, with the days of birth that part their age bands and the end of sign-up."""
    bounds = (
        _born_by(_bookable.c.starts_at, literal_column(str(years))).label(f"born_{years}")
        for _band, years in _BOUNDS
    )
    closes_at = func.coalesce(_bookable.c.closes_at, _bookable.c.starts_at).label("closes_at")
    return (
        select(_run.c.id, closes_at, *bounds)
        .select_from(_run.join(_bookable, _bookable.c.id == _run.c.id))
        .where(which)
        .cte("counted")
    )


def _entries(runs: CTE, now: datetime) -> CTE:
    """Every booking of those classes with age band and marks, those at called-off lessons out."""
    called_off = (
        _marks(_lesson.c.cancelled_at.is_not(None))
        .add_columns(_attendance.c.booking_id)
        .select_from(_attendance.join(_lesson, _lesson.c.id == _attendance.c.lesson_id))
        .where(_lesson.c.run_id.in_(select(runs.c.id)))
        .group_by(_attendance.c.booking_id)
        .cte("called_off")
    )
    all_marks = _marks(_attendance.c.booking_id == _booking.c.id).scalar_subquery()
    marks = func.coalesce(all_marks, 0) - func.coalesce(called_off.c.marks, 0)
    band = case(
        (_person.c.birth_date.is_(None), BANDS.index(Band.UNKNOWN)),
        *(
            (_person.c.birth_date > runs.c[f"born_{years}"], BANDS.index(name))
            for name, years in _BOUNDS
        ),
        else_=BANDS.index(Band.FROM_70),
    )
    return (
        select(
            runs.c.id.label("run_id"), _booking.c.person_id, band.label("band"),
            marks.label("marks"), _booking.c.state.in_(ENROLLED).label("enrolled"),
            _in_line(runs, now).label("in_line"),
        )
        .select_from(
            runs.join(_booking, _booking.c.bookable_id == runs.c.id)
            .join(_person, _person.c.id == _booking.c.person_id)
            .outerjoin(called_off, called_off.c.booking_id == _booking.c.id)
        )
        .cte("entries")
        .prefix_with("MATERIALIZED", dialect="postgresql")  # else marks are looked up for each sum
    )  # fmt: skip


def _in_line(runs: CTE, now: datetime) -> ColumnElement[bool]:
    """Whether a booking is in line; once sign-up is closed, whether it was when that closed."""
    then = (
        select(_event.c.state.in_(IN_LINE))
        .where(_event.c.booking_id == _booking.c.id, _event.c.at <= runs.c.closes_at)
        .order_by(_event.c.at.desc(), _event.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(
        (_booking.c.queue_no.is_(None), False),  # never stood in line: no history to look into
        (runs.c.closes_at > now, _booking.c.state.in_(IN_LINE)),
        else_=func.coalesce(then, False),
    )


def _marks(where: ColumnElement[bool]) -> Select[Any]:
    """Four sums in one number, which one look into the index answers for a booking."""
    weight = case(
        (_attendance.c.presence.in_(CAME), _CAME),
        (_attendance.c.presence == Presence.ABSENT, _ABSENT),
        (_attendance.c.presence.in_(EXCUSES), _EXCUSED),
        else_=_UNKNOWN,
    )
    return select(func.sum(weight, type_=BigInt).label("marks")).where(where)
