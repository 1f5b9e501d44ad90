"""Opening a class as it was previewed: a draft with its lessons, its room occupied; or nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import table_of
from backend.errors import Invalid
from backend.night_school.admission.carrying import bring
from backend.night_school.deadlines import CANCEL_BEFORE
from backend.night_school.errors import PlanChanged, PlanClashes
from backend.night_school.lessons import take_room
from backend.night_school.models import CourseRun, Lesson, RunHour
from backend.night_school.planning.plan import Plan
from backend.night_school.planning.preview import Preview, preview
from backend.night_school.teaching import lock_teachers
from backend.staff import audit
from backend.staff.access import SignedInStaff

_bookable, _run, _lesson = table_of(Bookable), table_of(CourseRun), table_of(Lesson)
_hour = table_of(RunHour)


def plan_class(
    session: Session, me: SignedInStaff, plan: Plan, now: datetime, *,
    skipped: Collection[str] = (), seen: Collection[str] | None = None,
    rules: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Open the class, without the dates in `skipped`; its id.

    `seen` are the marks of the preview the clerk decided on; None for who saw none. `rules` are
    those of the class or template it was planned after. Raises NotFound, Invalid, PlanClashes,
    PlanChanged, and RoomTaken if somebody was quicker.
    """
    lock_teachers(session, [plan.teacher_id])
    looked_at = preview(session, me, plan, now, skipped)
    if looked_at.differs(seen):
        raise PlanChanged()
    run_id = open_previewed(session, looked_at, now)
    if rules:
        bring(session, rules, run_id, now)
    audit.record(
        session, me.staff_id, "class.plan", "course_run", run_id, place_id=plan.place_id,
        after={
            "title": looked_at.frame.title, "term": looked_at.frame.term_name,
            "lessons": len(looked_at.lessons), "skipped": sorted(skipped),
        },
    )  # fmt: skip
    return run_id


def new_run(session: Session, me: SignedInStaff, plan: Plan, now: datetime) -> int:
    """Open the class of a table's row, which nobody previewed; its id.

    Raises NotFound, Invalid, and PlanClashes with what is in the way first.
    """
    lock_teachers(session, [plan.teacher_id])
    looked_at = preview(session, me, plan, now)
    if plan.lessons is not None and (looked_at.short or any(m.beyond for m in looked_at.lessons)):
        fitting = sum(not one.beyond for one in looked_at.lessons)
        sentence = _(
            "学期 %(end)s 结束，这个时间最多能上 %(count)s 次。",
            count=fitting, end=looked_at.frame.term_ends_on,
        )  # fmt: skip
        raise Invalid({"lessons": [sentence]})
    return open_previewed(session, looked_at, now)


def open_previewed(session: Session, looked_at: Preview, now: datetime) -> int:
    """Write a preview as it stands; the run's id. Raises PlanClashes, RoomTaken."""
    if not looked_at.fits:
        raise PlanClashes(_clashes_in_words(looked_at), clashes=len(looked_at.clashing))
    plan = looked_at.plan
    run_id = _insert_run(session, looked_at)
    session.execute(
        insert(_hour),
        [
            {
                "run_id": run_id, "weekday": hour.weekday, "from_minute": hour.from_minute,
                "minutes": hour.minutes,
            }
            for hour in plan.hours
        ],
    )  # fmt: skip
    spans = [(one.starts_at, one.ends_at) for one in looked_at.lessons]
    uses = [
        (
            session.execute(
                insert(_lesson)
                .values(
                    run_id=run_id, number=number, starts_at=starts_at, ends_at=ends_at,
                    room_id=plan.room_id,
                )
                .returning(_lesson.c.id)
            ).scalar_one(),
            starts_at,
            ends_at,
        )
        for number, (starts_at, ends_at) in enumerate(spans, 1)
    ]  # fmt: skip
    if plan.room_id is not None:
        take_room(session, plan.room_id, uses, now)
    return run_id


def _clashes_in_words(looked_at: Preview) -> str:
    """How many dates clash, and the first of them."""
    if not looked_at.clashing:
        return str(_("学期里排不下这么多次课，还差 %(count)s 次。", count=looked_at.short))
    first = looked_at.clashing[0]
    sentence: str = _(
        "有 %(count)s 次课有冲突，还没有开班。最早的是 %(when)s：%(what)s。",
        count=len(looked_at.clashing), when=first.key.replace("T", " "),
        what=first.clashes[0].sentence,
    )  # fmt: skip
    return sentence.replace("%", "%%")


def _insert_run(session: Session, looked_at: Preview) -> int:
    plan, lessons = looked_at.plan, looked_at.lessons
    first = lessons[0].starts_at
    run_id = session.execute(
        insert(_bookable)
        .values(
            kind="course_run", title=looked_at.frame.title, place_id=plan.place_id,
            starts_at=first, ends_at=lessons[-1].ends_at, capacity=plan.capacity,
            opens_at=plan.opens_at, closes_at=plan.closes_at or first,
            cancel_until=first - CANCEL_BEFORE, promote_until=first,
            published_at=plan.published_at,
        )
        .returning(_bookable.c.id)
    ).scalar_one()  # fmt: skip
    day = clock.local(first)
    usual = (day.weekday(), day.hour * 60 + day.minute)
    session.execute(
        insert(_run).values(
            id=run_id, course_id=plan.course_id, term_id=plan.term_id,
            teacher_id=plan.teacher_id, room_id=plan.room_id, price_fen=plan.price_fen,
            audience=plan.audience, min_age=plan.min_age, max_age=plan.max_age,
            home_place_id=plan.home_place_id, minimum=plan.minimum,
            weekday=usual[0], from_minute=usual[1],
        )
    )  # fmt: skip
    return int(run_id)
