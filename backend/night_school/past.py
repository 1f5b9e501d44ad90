"""What a person has had before, for the rules of a run that look back on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.rules import Facts
from backend.db import AnyRow, hold
from backend.night_school.attendance import CAME
from backend.night_school.models import Attendance, Course, CourseRun, Lesson
from backend.people.models import Person
from backend.standing import sources as standing

A_YEAR = 365
"""Days between the first lessons of two runs of a course, from which on it is not the same year."""

_ENDED = (State.CANCELLED, State.DECLINED)
_run = CourseRun.__table__


def is_asked(row: Any) -> bool:
    """Whether the rules of the run look back; `row` has its columns and its term's."""
    return bool(_asks_what_they_had(row) or row.most_missed is not None)


def _asks_what_they_had(row: Any) -> bool:
    return bool(
        row.needs_course_id is not None or row.once_a_year or row.most_per_person is not None
    )


def lock(session: Session, person_id: int) -> None:
    """Hold the person's row: whoever else signs them up meanwhile waits, and counts this too."""
    hold(session)
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def judge(
    session: Session, rows: Sequence[AnyRow], person_id: int, known: Mapping[int, Facts],
    leaving: int | None = None,
) -> dict[int, Facts]:  # fmt: skip
    """The facts of these runs with what the person's past says to them, by run.

    `leaving`: a booking that is given back for one of these, so that it does not count. One read,
    one more for the names of courses that are needed and were not attended, and those of the
    person's standing where a run asks for it.
    """
    had: list[AnyRow] = []
    if any(_asks_what_they_had(row) for row in rows):
        found = session.execute(_HAD.where(Booking.person_id == person_id)).all()
        had = [one for one in found if one.booking_id != leaving]
    lacking = {row.needs_course_id for row in rows if _lacks(had, row)}
    names = _names(session, lacking) if lacking else {}
    comes_from = _comes_from(session, {person_id: rows}, {person_id: known})
    return {
        row.id: _judged(known[row.id], had, row, names, comes_from.get(person_id, {}))
        for row in rows
    }


def judge_each(
    session: Session, rows: Mapping[int, Sequence[AnyRow]], people: Select[tuple[int]],
    known: Mapping[int, Mapping[int, Facts]],
) -> dict[int, dict[int, Facts]]:  # fmt: skip
    """The same for many people, each with their runs, by person; `people` selects them.

    Two reads for all of them, and those of their standing where a run asks for it.
    """
    had: dict[int, list[AnyRow]] = {}
    for one in session.execute(_HAD.where(Booking.person_id.in_(people))):
        had.setdefault(one.person_id, []).append(one)
    needed = {row.needs_course_id for theirs in rows.values() for row in theirs} - {None}
    names = _names(session, needed) if needed else {}
    comes_from = _comes_from(session, rows, known)
    return {
        who: {
            row.id: _judged(
                known[who][row.id], had.get(who, ()), row, names, comes_from.get(who, {})
            )
            for row in theirs
        }
        for who, theirs in rows.items()
    }


def _judged(
    known: Facts, had: Sequence[AnyRow], row: AnyRow, names: Mapping[int, str],
    comes_from: Mapping[int, datetime | None],
) -> Facts:  # fmt: skip
    return replace(
        known,
        needed=names[row.needs_course_id] if _lacks(had, row) else None,
        again_at=_again_at(had, row) if row.once_a_year else None,
        most=row.most_per_person,
        in_term=sum(_is_live_in_term(one, row) for one in had),
        comes_from=comes_from.get(row.most_missed or 0),
    )


def _comes_from(
    session: Session, rows: Mapping[int, Sequence[AnyRow]],
    known: Mapping[int, Mapping[int, Facts]],
) -> Mapping[int, Mapping[int, datetime | None]]:  # fmt: skip
    """From when who stayed away often may sign up, by person and by how often is too often."""
    limits = {
        who: asked
        for who, theirs in rows.items()
        if (asked := {row.most_missed for row in theirs if row.most_missed is not None})
    }
    if not limits:
        return {}
    who = next(iter(limits))
    return standing.freed(session, limits, known[who][rows[who][0].id].now)


_CAME = (
    select(func.count(Attendance.id))
    .join(Lesson, Lesson.id == Attendance.lesson_id)
    .where(
        Attendance.booking_id == Booking.id,
        Attendance.presence.in_(CAME),
        Lesson.cancelled_at.is_(None),
    )
    .scalar_subquery()
)
_LESSONS = (
    select(func.count())
    .where(Lesson.run_id == _run.c.id, Lesson.cancelled_at.is_(None))
    .scalar_subquery()
)
_HAD = (
    select(
        Booking.id.label("booking_id"), Booking.state, Booking.person_id,
        Booking.bookable_id.label("run_id"), _run.c.course_id, _run.c.term_id,
        Bookable.starts_at, _CAME.label("came"), _LESSONS.label("lessons"),
    )
    .join(_run, _run.c.id == Booking.bookable_id)
    .join(Bookable, Bookable.id == Booking.bookable_id)
)  # fmt: skip
"""Every enrolment somebody ever had, with how many of how many lessons they came to."""


def _lacks(had: Sequence[AnyRow], row: AnyRow) -> bool:
    """Whether the run needs a course that was not attended."""
    return row.needs_course_id is not None and not _attended(had, row)


def _attended(had: Sequence[AnyRow], row: AnyRow) -> bool:
    """Whether an earlier run of the needed course was attended for at least half of its lessons."""
    came: dict[int, int] = {}
    for one in had:
        if one.course_id == row.needs_course_id and one.starts_at < row.starts_at:
            came[one.run_id] = came.get(one.run_id, 0) + one.came
    lessons = {one.run_id: one.lessons for one in had}
    return any(count > 0 and lessons[run_id] <= 2 * count for run_id, count in came.items())


def _again_at(had: Sequence[AnyRow], row: AnyRow) -> datetime | None:
    """When the person's other run of the same course begins, if within a year of this one."""
    day = clock.today(row.starts_at)
    near = [
        one.starts_at
        for one in had
        if one.course_id == row.course_id
        and one.run_id != row.id
        and one.state not in _ENDED
        and abs((clock.today(one.starts_at) - day).days) < A_YEAR
    ]
    return min(near, default=None)


def _is_live_in_term(one: AnyRow, row: AnyRow) -> bool:
    return bool(one.term_id == row.term_id and one.run_id != row.id and one.state in LIVE)


def _names(session: Session, course_ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Course.id, Course.title).where(Course.id.in_(course_ids)))
    return {row.id: row.title for row in rows}
