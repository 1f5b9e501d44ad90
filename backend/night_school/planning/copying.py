"""Copying a term: its classes once more in another, each seen with its dates and clashes first."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.errors import Invalid
from backend.night_school.admission.carrying import bring, portable
from backend.night_school.errors import PlanChanged, PlanClashes
from backend.night_school.models import CourseRun, Lesson, Term
from backend.night_school.planning.opening import open_previewed
from backend.night_school.planning.plan import Frame, Hour, Plan, frame_of
from backend.night_school.planning.preview import Known, Preview, known_for, preview_in
from backend.night_school.teaching import lock_teachers
from backend.night_school.weekly import hours_of, planned_hours
from backend.staff import audit
from backend.staff.access import SignedInStaff

_KEPT = (
    "course_id", "room_id", "teacher_id", "capacity", "price_fen", "audience", "min_age", "max_age",
    "home_place_id", "minimum", "lessons",
)  # fmt: skip
"""What a copy has in common with its original, beside place and hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTerm:
    """Which term's classes of a place are wanted in which term; when residents sign up."""

    source_id: int
    term_id: int
    place_id: int
    opens_at: datetime
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One class as it would be in the new term; a `problem` where there is nothing to show."""

    run_id: int
    title: str
    hours: list[dict[str, Any]]
    preview: Preview | None
    problem: str | None = None
    there: bool = False
    chosen: bool = False

    @property
    def fits(self) -> bool:
        """Whether it can be written as it stands."""
        return self.preview is not None and self.preview.fits

    @property
    def mark(self) -> str:
        """The class with all a clerk was shown of it, in short."""
        dates = [one.mark for one in self.preview.meetings] if self.preview else [self.problem]
        digest = hashlib.blake2b("\n".join(map(str, dates)).encode(), digest_size=12).hexdigest()
        return f"{self.run_id}-{digest}"


def preview_copies(
    session: Session, me: SignedInStaff, asked: CopyTerm, now: datetime,
    chosen: Collection[int] | None = None,
) -> list[Copy]:  # fmt: skip
    """Every class of the old term with its new dates, those chosen held against each other, too.

    With None all are chosen that fit and are not in the new term yet. Raises NotFound, Invalid.
    """
    plans = _plans(session, asked)
    if not plans:
        raise Invalid({"source_id": [_("这个学期在这里没有班级可以复制。")]})
    framed = {run_id: _frame(session, me, plan, now) for run_id, plan in plans.items()}
    frames = [
        (plans[run_id], frame) for run_id, frame in framed.items() if isinstance(frame, Frame)
    ]
    known = known_for(session, frames, now) if frames else None
    there, hours = _there(session, asked), hours_of(session, list(plans))
    titles = _titles(session, list(plans))
    copies = []
    for run_id, plan in plans.items():
        frame = framed[run_id]
        shown = _look(session, known, plan, frame, now)
        is_there = (plan.course_id, plan.hours) in there
        copy = Copy(
            run_id=run_id, title=titles[run_id], hours=hours.get(run_id, []), there=is_there,
            preview=shown if isinstance(shown, Preview) else None,
            problem=None if isinstance(shown, Preview) else shown,
        )  # fmt: skip
        wanted = not is_there and copy.fits if chosen is None else run_id in chosen
        copies.append(replace(copy, chosen=wanted))
        if wanted and copy.preview is not None and known is not None:
            copy.preview.occupy(known.taken)
    return copies


def copy_classes(
    session: Session, me: SignedInStaff, asked: CopyTerm, now: datetime, *,
    chosen: Collection[int], seen: Collection[str],
) -> int:  # fmt: skip
    """Open the chosen classes in the new term as drafts: all of them, or none. How many.

    `seen` are the marks of the preview. Raises NotFound, Invalid, PlanClashes, PlanChanged, and
    RoomTaken if somebody was quicker.
    """
    if not chosen:
        raise Invalid(sentence=_("请至少勾选一个班。"))
    lock_teachers(session, [plan.teacher_id for plan in _plans(session, asked).values()])
    copies = [copy for copy in preview_copies(session, me, asked, now, chosen) if copy.chosen]
    if any(copy.mark not in seen for copy in copies):
        raise PlanChanged()
    clashing = [copy for copy in copies if not copy.fits]
    if clashing or len(copies) < len(set(chosen)):
        raise PlanClashes(_("有 %(count)s 个班还有冲突，一个班也没有开。", count=len(clashing)))
    for copy in copies:
        assert copy.preview is not None
        run_id = open_previewed(session, copy.preview, now)
        bring(session, portable(session, copy.run_id), run_id, now)
        audit.record(
            session, me.staff_id, "class.copy", "course_run", run_id, place_id=asked.place_id,
            after={"title": copy.title, "from": copy.run_id,
                   "term": copy.preview.frame.term_name},
        )  # fmt: skip
    return len(copies)


def _plans(session: Session, asked: CopyTerm) -> dict[int, Plan]:
    """By class of the old term, in the order of the week: what it would be opened with."""
    terms = {
        row.id: row.starts_on
        for row in session.execute(
            select(Term.id, Term.starts_on).where(Term.id.in_((asked.source_id, asked.term_id)))
        )
    }
    if len(terms) < 2:
        raise Invalid({"term_id": [_("请选择两个不同的学期。")]})
    lessons = select(func.count()).where(Lesson.run_id == CourseRun.id).scalar_subquery()
    rows = session.execute(
        select(
            CourseRun.id, CourseRun.course_id, CourseRun.room_id, CourseRun.teacher_id,
            CourseRun.capacity, CourseRun.price_fen, CourseRun.audience, CourseRun.min_age,
            CourseRun.max_age, CourseRun.home_place_id, CourseRun.minimum, CourseRun.starts_at,
            lessons.label("lessons"),
        )
        .where(
            CourseRun.term_id == asked.source_id, CourseRun.place_id == asked.place_id,
            CourseRun.cancelled_at.is_(None),
        )
        .order_by(CourseRun.weekday, CourseRun.from_minute, CourseRun.id)
    ).all()  # fmt: skip
    hours = planned_hours(session, [row.id for row in rows])
    return {
        row.id: Plan(
            **{name: row._mapping[name] for name in _KEPT},
            term_id=asked.term_id, place_id=asked.place_id, opens_at=asked.opens_at,
            closes_at=asked.closes_at,
            hours=tuple(Hour(*hour) for hour in hours.get(row.id, [])),
            first_day=_as_far_in(clock.today(row.starts_at), terms[asked.source_id],
                                 terms[asked.term_id]),
        )
        for row in rows
    }  # fmt: skip


def _as_far_in(day: date, source: date, target: date) -> date:
    """What began on the third Monday of the old term begins on the third of the new one."""
    return target + timedelta(weeks=max((day - source).days, 0) // 7)


def _there(session: Session, asked: CopyTerm) -> set[tuple[int, tuple[Hour, ...]]]:
    """Course and hours of what is in the new term already."""
    rows = session.execute(
        select(CourseRun.id, CourseRun.course_id).where(
            CourseRun.term_id == asked.term_id, CourseRun.place_id == asked.place_id,
            CourseRun.cancelled_at.is_(None),
        )
    ).all()  # fmt: skip
    hours = planned_hours(session, [row.id for row in rows])
    return {(row.course_id, tuple(Hour(*one) for one in hours.get(row.id, []))) for row in rows}


def _frame(session: Session, me: SignedInStaff, plan: Plan, now: datetime) -> Frame | str:
    try:
        return frame_of(session, me, plan, now)
    except Invalid as invalid:
        return _in_words(invalid.errors)


def _look(
    session: Session, known: Known | None, plan: Plan, frame: Frame | str, now: datetime
) -> Preview | str:
    if known is None or isinstance(frame, str):
        return str(frame)
    try:
        return preview_in(session, known, plan, frame, now)
    except Invalid as invalid:
        return _in_words(invalid.errors)


def _in_words(errors: Mapping[str, Any]) -> str:
    return " ".join(str(sentence) for said in errors.values() for sentence in said)


def _titles(session: Session, run_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(Bookable.id, Bookable.title).where(Bookable.id.in_(run_ids)))
    return {row.id: row.title for row in rows}
