"""Opening a class: weekly lessons that pass over days off, its room occupied; a draft."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.db import table_of
from backend.errors import Invalid, NotFound
from backend.night_school.deadlines import CANCEL_BEFORE
from backend.night_school.holidays import calendar, first_on
from backend.night_school.lessons import take_room
from backend.night_school.models import Course, CourseRun, Lesson, Term
from backend.places.models import Place, Room
from backend.staff.access import Permission, SignedInStaff

_bookable, _run, _lesson = table_of(Bookable), table_of(CourseRun), table_of(Lesson)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What a class is opened with. Times are minutes after local midnight, ages inclusive."""

    course_id: int
    term_id: int
    place_id: int
    room_id: int | None
    teacher_id: int | None
    weekday: int
    from_minute: int
    minutes: int
    lessons: int
    capacity: int
    price_fen: int
    audience: str
    min_age: int | None
    max_age: int | None
    home_place_id: int | None
    opens_at: datetime
    closes_at: datetime | None


def new_run(session: Session, me: SignedInStaff, asked: NewRun, now: datetime) -> int:
    """The id of an unpublished class with its lessons. Raises NotFound, Invalid, RoomTaken."""
    path = _check_reach(session, me, asked)
    days = _days(session, asked, path, now)
    start = timedelta(minutes=asked.from_minute)
    spans = [_span(day, start, asked.minutes) for day in days]
    run_id = _insert_run(session, asked, spans)
    lesson_ids = [
        session.execute(
            insert(_lesson)
            .values(
                run_id=run_id, number=number, starts_at=starts_at, ends_at=ends_at,
                room_id=asked.room_id,
            )
            .returning(_lesson.c.id)
        ).scalar_one()
        for number, (starts_at, ends_at) in enumerate(spans, 1)
    ]  # fmt: skip
    if asked.room_id is not None:
        uses = [(ident, *span) for ident, span in zip(lesson_ids, spans, strict=True)]
        take_room(session, asked.room_id, uses)
    return run_id


def _check_reach(session: Session, me: SignedInStaff, asked: NewRun) -> str:
    path = session.scalar(select(Place.path).where(Place.id == asked.place_id))
    if path is None or not me.may(Permission.MANAGE_CLASSES, path):
        raise NotFound()
    if asked.room_id is None:
        return path
    place_id = session.scalar(select(Room.place_id).where(Room.id == asked.room_id))
    if place_id != asked.place_id:
        raise Invalid({"room_id": [_("这个教室不在所选的社区。")]})
    return path


def _days(session: Session, asked: NewRun, path: str, now: datetime) -> list[date]:
    term = session.execute(
        select(Term.name, Term.starts_on, Term.ends_on).where(Term.id == asked.term_id)
    ).one()
    earliest = max(term.starts_on, clock.today(now) + timedelta(days=1))
    known = calendar(session, earliest, term.ends_on)
    days: list[date] = []
    day = first_on(asked.weekday, earliest)
    while len(days) < asked.lessons and day <= term.ends_on:
        if known.why_off(day, path) is None:
            days.append(day)
        day += timedelta(weeks=1)
    if len(days) < asked.lessons:
        raise Invalid(
            {
                "lessons": [
                    _(
                        "学期 %(end)s 结束，这个时间最多能上 %(count)s 次。",
                        count=len(days), end=term.ends_on,
                    )
                ]
            }
        )  # fmt: skip
    return days


def _span(day: date, start: timedelta, minutes: int) -> tuple[datetime, datetime]:
    starts_at = datetime.combine(day, datetime.min.time(), clock.LOCAL) + start
    return starts_at, starts_at + timedelta(minutes=minutes)


def _insert_run(session: Session, asked: NewRun, spans: list[tuple[datetime, datetime]]) -> int:
    first = spans[0][0]
    closes_at = asked.closes_at or first
    if asked.opens_at >= closes_at:
        raise Invalid({"closes_at": [_("报名截止要晚于报名开始。")]})
    title = session.scalar(select(Course.title).where(Course.id == asked.course_id))
    run_id = session.execute(
        insert(_bookable)
        .values(
            kind="course_run", title=title, place_id=asked.place_id, starts_at=first,
            ends_at=spans[-1][1], capacity=asked.capacity, opens_at=asked.opens_at,
            closes_at=closes_at, cancel_until=first - CANCEL_BEFORE, promote_until=first,
        )
        .returning(_bookable.c.id)
    ).scalar_one()  # fmt: skip
    session.execute(
        insert(_run).values(
            id=run_id, course_id=asked.course_id, term_id=asked.term_id,
            teacher_id=asked.teacher_id, room_id=asked.room_id, price_fen=asked.price_fen,
            audience=asked.audience, min_age=asked.min_age, max_age=asked.max_age,
            home_place_id=asked.home_place_id, weekday=asked.weekday,
            from_minute=asked.from_minute,
        )
    )  # fmt: skip
    return int(run_id)
