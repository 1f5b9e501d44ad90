"""Counts, for the classes of one period at some places: one statement, grouped by cut.

Attendance is by far the largest table. Its marks are added up per booking from the index alone
(`ix_attendance_booking_id` carries the presence), so that what is asked costs by what it is about
and not by all that was ever kept.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow, BigInt, table_of
from backend.night_school.attendance import CAME, EXCUSES
from backend.night_school.models import Attendance, CourseRun, Lesson, Presence
from backend.night_school.statistics.figures import Band, Figures, Group
from backend.night_school.statistics.periods import Period
from backend.people.models import Person
from backend.places.models import Place

ENROLLED = (State.CONFIRMED, State.ATTENDED, State.MISSED)
IN_LINE = (State.WAITING, State.OFFERED)

_BASE = 1000  # a class has fewer lessons than that
_CAME, _ABSENT, _EXCUSED, _UNKNOWN = (_BASE**power for power in range(4))
BANDS = tuple(Band)
_BOUNDS = ((Band.UNDER_18, 18), (Band.TO_34, 35), (Band.TO_59, 60), (Band.TO_69, 70))

_GROUPS = ("taking_part", "in_line")
_PARTS = tuple(Group.__slots__)
_NAMES = [name for name in Figures.__slots__ if name not in _GROUPS] + [
    f"{group}_{part}" for group in _GROUPS for part in _PARTS
]

_run, _bookable = table_of(CourseRun), table_of(Bookable)
_booking, _person, _place = table_of(Booking), table_of(Person), table_of(Place)
_attendance, _lesson = table_of(Attendance), table_of(Lesson)

Counts = dict[Any, Figures]


class Cut(StrEnum):
    """By what the statement groups; what lies above (streets, categories, all) is their sum."""

    PLACE = "place"
    COURSE = "course"
    TERM = "term"
    BAND = "band"
    PEOPLE = "people"


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


def count(
    session: Session, path: str, period: Period, now: datetime
) -> tuple[dict[Cut, Counts], dict[Band | None, int]]:
    """The figures at and below the place at `path`, by cut and key.

    And how many people they are, by age band; under None all of them.
    """
    runs = _runs(path, period, now)
    entries = _entries(runs)
    cells = union_all(_by_run_and_band(entries), _offered(runs, now)).cte("cells")
    keys = {
        Cut.PLACE: runs.c.place_id, Cut.COURSE: runs.c.course_id, Cut.TERM: runs.c.term_id,
        Cut.BAND: cells.c.band,
    }  # fmt: skip
    cuts = [_summed(cut, key, cells, runs) for cut, key in keys.items()]
    figures: dict[Cut, Counts] = {cut: {} for cut in keys}
    people: dict[Band | None, int] = {}
    for row in session.execute(union_all(*cuts, *_people(entries))):
        if row.cut == Cut.PEOPLE:
            people[None if row.key is None else BANDS[row.key]] = int(row.enrolled)
        elif row.key is not None:
            key = BANDS[row.key] if row.cut == Cut.BAND else row.key
            figures[Cut(row.cut)][key] = _figures(row)
    return figures, people


def _runs(path: str, period: Period, now: datetime) -> CTE:
    """The classes asked about, with the days of birth that part their age bands."""
    below = select(_place.c.id).where(_place.c.path.startswith(path, autoescape=True))
    return (
        select(
            _run.c.id, _run.c.course_id, _run.c.term_id, _bookable.c.place_id,
            _bookable.c.capacity, _bookable.c.cancelled_at,
            *(
                _born_by(_bookable.c.starts_at, literal_column(str(years))).label(f"born_{years}")
                for _band, years in _BOUNDS
            ),
        )
        .select_from(_run.join(_bookable, _bookable.c.id == _run.c.id))
        .where(
            _bookable.c.place_id.in_(below), _bookable.c.published_at <= now, period.holds()
        )
        .cte("runs")
    )  # fmt: skip


def _marks(where: ColumnElement[bool]) -> Select[Any]:
    """Four sums in one number, which one look into the index answers for a booking."""
    weight = case(
        (_attendance.c.presence.in_(CAME), _CAME),
        (_attendance.c.presence == Presence.ABSENT, _ABSENT),
        (_attendance.c.presence.in_(EXCUSES), _EXCUSED),
        else_=_UNKNOWN,
    )
    return select(func.sum(weight, type_=BigInt).label("marks")).where(where)


def _entries(runs: CTE) -> CTE:
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
    enrolled = _booking.c.state.in_(ENROLLED)
    return (
        select(
            runs.c.id.label("run_id"), _booking.c.person_id, band.label("band"),
            marks.label("marks"), enrolled.label("enrolled"),
            (enrolled & runs.c.capacity.is_not(None)).label("seated"),
            _booking.c.state.in_(IN_LINE).label("in_line"),
        )
        .select_from(
            runs.join(_booking, _booking.c.bookable_id == runs.c.id)
            .join(_person, _person.c.id == _booking.c.person_id)
            .outerjoin(called_off, called_off.c.booking_id == _booking.c.id)
        )
        .where(runs.c.cancelled_at.is_(None))
        .cte("entries")
    )  # fmt: skip


def _by_run_and_band(entries: CTE) -> Select[Any]:
    def marked(weight: int) -> ColumnElement[int]:
        marks = entries.c.marks // literal_column(str(weight), BigInt) % _BASE
        return func.sum(cast(marks, Integer))

    groups: dict[str, ColumnElement[Any]] = {}
    for name, who in {"taking_part": _taking_part(entries), "in_line": _waiting(entries)}.items():
        groups |= {
            f"{name}_count": func.count(who), f"{name}_ids": func.sum(who),
            f"{name}_squares": func.sum(who * who), f"{name}_low": func.min(who),
            f"{name}_high": func.max(who),
        }  # fmt: skip
    return select(
        entries.c.run_id, entries.c.band,
        *_columns(
            enrolled=func.count().filter(entries.c.enrolled),
            seated=func.count().filter(entries.c.seated),
            waiting=func.count().filter(entries.c.in_line),
            came=marked(_CAME), absent=marked(_ABSENT), excused=marked(_EXCUSED),
            unknown=marked(_UNKNOWN), **groups,
        ),
    ).group_by(entries.c.run_id, entries.c.band)  # fmt: skip


def _taking_part(entries: CTE) -> ColumnElement[int]:
    """The person's id, if they are enrolled or came (or should have come) before they left."""
    return case((entries.c.enrolled | (entries.c.marks > 0), entries.c.person_id))


def _waiting(entries: CTE) -> ColumnElement[int]:
    return case((entries.c.in_line, entries.c.person_id))


def _offered(runs: CTE, now: datetime) -> Select[Any]:
    """What the classes are, whether anybody came or not; of no age band."""
    held = (
        select(_lesson.c.run_id, func.count().label("lessons"))
        .where(
            _lesson.c.run_id.in_(select(runs.c.id)), _lesson.c.cancelled_at.is_(None),
            _lesson.c.ends_at <= now,
        )
        .group_by(_lesson.c.run_id)
        .cte("held")
    )  # fmt: skip
    cancelled = case((runs.c.cancelled_at.is_(None), 0), else_=1)
    return select(
        runs.c.id, cast(null(), BigInt),
        *_columns(
            runs=1 - cancelled, cancelled=cancelled,
            places=func.coalesce(runs.c.capacity, 0) * (1 - cancelled),
            lessons=func.coalesce(held.c.lessons, 0) * (1 - cancelled),
        ),
    ).select_from(runs.outerjoin(held, held.c.run_id == runs.c.id))  # fmt: skip


def _summed(cut: Cut, key: ColumnElement[Any], cells: CTE, runs: CTE) -> Select[Any]:
    least = {name: func.min(cells.c[name]) for name in _NAMES if name.endswith("_low")}
    most = {name: func.max(cells.c[name]) for name in _NAMES if name.endswith("_high")}
    sums = {name: func.sum(cells.c[name]) for name in _NAMES}
    return (
        select(literal(cut.value).label("cut"), key.label("key"), *_columns(**sums | least | most))
        .select_from(cells.join(runs, runs.c.id == cells.c.run_id))
        .group_by(key)
    )


def _people(entries: CTE) -> list[Select[Any]]:
    """How many different people take part: in each band, and in all."""
    who = _taking_part(entries).label("person_id")
    met = select(entries.c.band, who).where(who.element.is_not(None)).distinct().cte("met")
    kind = literal(Cut.PEOPLE.value).label("cut")
    by_band = select(kind, met.c.band.label("key"), *_columns(enrolled=func.count()))
    everybody = func.count(met.c.person_id.distinct())
    return [
        by_band.group_by(met.c.band),
        select(kind, cast(null(), BigInt).label("key"), *_columns(enrolled=everybody)),
    ]


def _columns(**given: ColumnElement[Any]) -> list[Any]:
    """All columns that the selects put together here have in common; 0 or null where not given."""
    return [
        given.get(name, cast(null(), BigInt) if _may_be_null(name) else literal(0)).label(name)
        for name in _NAMES
    ]


def _may_be_null(name: str) -> bool:
    return name.endswith(("_low", "_high"))


def _figures(row: AnyRow) -> Figures:
    found: dict[str, Any] = {
        name: None if (value := row._mapping[name]) is None else int(value) for name in _NAMES
    }
    for group in _GROUPS:
        found[group] = Group(**{part: found.pop(f"{group}_{part}") for part in _PARTS})
    return Figures(**found)
