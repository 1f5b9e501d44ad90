"""Counts, for the classes of one period at some places: the summaries of classes, added up by cut.

Classes whose summary does not hold are counted directly in the same statement, so what is said is
true whether the scheduler has been past or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.night_school.models import CourseRun, Lesson
from backend.night_school.statistics import entries, summaries
from backend.night_school.statistics.entries import BANDS
from backend.night_school.statistics.figures import Band, Figures, Group
from backend.night_school.statistics.models import RunBandSummary
from backend.night_school.statistics.periods import Period
from backend.places.models import Place

_GROUPS = ("taking_part", "in_line")
_PARTS = tuple(Group.__slots__)
_OF_RUN = ("runs", "cancelled", "places", "lessons")
_NAMES = [name for name in Figures.__slots__ if name not in _GROUPS] + [
    f"{group}_{part}" for group in _GROUPS for part in _PARTS
]
_OF_PEOPLE = [name for name in _NAMES if name not in _OF_RUN]

_run, _bookable, _place = table_of(CourseRun), table_of(Bookable), table_of(Place)
_lesson, _band = table_of(Lesson), table_of(RunBandSummary)

Figured = dict[Any, Figures]


class Cut(StrEnum):
    """By what the statement groups; what lies above (streets, categories, all) is their sum."""

    PLACE = "place"
    COURSE = "course"
    TERM = "term"
    BAND = "band"


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures by cut and key; and how many people they are by age band, under None in all."""

    cuts: dict[Cut, Figured] = field(default_factory=lambda: {cut: {} for cut in Cut})
    people: dict[Band | None, int] = field(default_factory=dict)


def count(session: Session, path: str, period: Period, now: datetime) -> Counts:
    """The figures at and below the place at `path`."""
    # Written out, as in the period: PostgreSQL would plan for any place and period at all after
    # some times, and its plan for few classes takes a minute with a district's.
    beginning: ColumnElement[str] = bindparam(None, f"{path}%", literal_execute=True)
    below = select(_place.c.id).where(_place.c.path.like(beginning))
    which = _bookable.c.place_id.in_(below) & period.holds()
    outdated = summaries.outdated(session, which, now)
    runs = _runs(which, now)
    cells = _cells(runs, outdated, now)
    by_run = _by_run(runs, cells, now)
    keys = {
        Cut.PLACE: runs.c.place_id, Cut.COURSE: runs.c.course_id, Cut.TERM: runs.c.term_id,
    }  # fmt: skip
    cuts = [_summed(cut, key, by_run, runs) for cut, key in keys.items()]
    counts, everybody = Counts(), set()
    for row in session.execute(union_all(*cuts, _by_band(cells))):
        if row.cut != Cut.BAND:
            counts.cuts[Cut(row.cut)][row.key] = _figures(row)
            continue
        band = BANDS[row.key]
        people = set(row.people.split(",")) if row.people else set()
        counts.cuts[Cut.BAND][band] = _figures(row)
        counts.people[band] = len(people)
        everybody |= people
    counts.people[None] = len(everybody)
    return counts


def _runs(which: ColumnElement[bool], now: datetime) -> CTE:
    """The classes asked about."""
    return (
        select(
            _run.c.id, _run.c.course_id, _run.c.term_id, _bookable.c.place_id,
            _bookable.c.capacity, _bookable.c.cancelled_at,
        )
        .select_from(_run.join(_bookable, _bookable.c.id == _run.c.id))
        .where(which, _bookable.c.published_at <= now)
        .cte("runs")
    )  # fmt: skip


def _cells(runs: CTE, outdated: Sequence[int], now: datetime) -> CTE:
    """The figures by class and age band: what was added up, and the rest as it is now."""
    summed = select(_band).where(
        _band.c.run_id.in_(select(runs.c.id).where(runs.c.cancelled_at.is_(None)))
    )
    if not outdated:
        found: Any = summed.cte("found")
    else:
        counted = entries.by_run_and_band(_run.c.id.in_(outdated), now).subquery("counted_now")
        held = summed.where(_band.c.run_id.not_in(outdated))
        found = union_all(held, select(*(counted.c[each.name] for each in _band.c))).cte("found")
    seated = case((runs.c.capacity.is_not(None), found.c.enrolled), else_=0).label("seated")
    return select(found, seated).join(runs, runs.c.id == found.c.run_id).cte("cells")


def _by_run(runs: CTE, cells: CTE, now: datetime) -> CTE:
    """The classes with their figures, whether anybody came or not."""
    held = (
        select(_lesson.c.run_id, func.count().label("lessons"))
        .where(
            _lesson.c.run_id.in_(select(runs.c.id)), _lesson.c.cancelled_at.is_(None),
            _lesson.c.ends_at <= now,
        )
        .group_by(_lesson.c.run_id)
        .cte("held")
    )  # fmt: skip
    people = select(cells.c.run_id, *_added_up(cells, _OF_PEOPLE)).group_by(cells.c.run_id)
    of_people = people.cte("of_people")
    takes_place = case((runs.c.cancelled_at.is_(None), 1), else_=0)
    of_run = {
        "runs": takes_place, "cancelled": 1 - takes_place,
        "places": func.coalesce(runs.c.capacity, 0) * takes_place,
        "lessons": func.coalesce(held.c.lessons, 0) * takes_place,
    }  # fmt: skip
    return (
        select(
            runs.c.id.label("run_id"),
            *(each.label(name) for name, each in of_run.items()),
            *(of_people.c[name] for name in _OF_PEOPLE),
        )
        .select_from(
            runs.outerjoin(held, held.c.run_id == runs.c.id)
            .outerjoin(of_people, of_people.c.run_id == runs.c.id)
        )
        .cte("by_run")
    )  # fmt: skip


def _summed(cut: Cut, key: ColumnElement[Any], by_run: CTE, runs: CTE) -> Select[Any]:
    return (
        select(
            literal(cut.value).label("cut"), key.label("key"), *_added_up(by_run, _NAMES),
            cast(null(), Text).label("people"),
        )
        .select_from(by_run.join(runs, runs.c.id == by_run.c.run_id))
        .group_by(key)
    )  # fmt: skip


def _by_band(cells: CTE) -> Select[Any]:
    return select(
        literal(Cut.BAND.value).label("cut"), cells.c.band.label("key"),
        *(literal(0).label(name) for name in _OF_RUN), *_added_up(cells, _OF_PEOPLE),
        func.aggregate_strings(cells.c.people, ",").label("people"),
    ).group_by(cells.c.band)  # fmt: skip


def _added_up(rows: CTE, names: Sequence[str]) -> list[Any]:
    """These columns over a group of rows: lows and highs the outermost, everything else summed."""

    def over(name: str) -> ColumnElement[Any]:
        if name.endswith("_low"):
            return func.min(rows.c[name])
        if name.endswith("_high"):
            return func.max(rows.c[name])
        return cast(func.coalesce(func.sum(rows.c[name]), 0), BigInteger)

    return [over(name).label(name) for name in names]


def _figures(row: AnyRow) -> Figures:
    found: dict[str, Any] = {name: row._mapping[name] for name in _NAMES}
    for group in _GROUPS:
        found[group] = Group(**{part: found.pop(f"{group}_{part}") for part in _PARTS})
    return Figures(**found)
