"""What staff read about classes: the list in their reach, and one class with its lessons."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock, paging
from backend.booking.kept import Seats
from backend.booking.models import Booking, State
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.attendance import CAME, OPENS_BEFORE
from backend.night_school.draws.models import Draw
from backend.night_school.models import Attendance, Course, Lesson, RunHour, Teacher, Term
from backend.night_school.reach import (
    LESSONS,
    RUNS,
    bookable,
    lesson,
    place,
    reaches,
    reaches_lesson,
    run,
    substitute,
    teacher,
)
from backend.night_school.teaching import outside_agreement
from backend.night_school.weekly import hours_of, packed_hours, time_of_day, unpack_hours
from backend.places.holidays import is_known
from backend.places.models import Place, Room
from backend.staff.access import Permission, SignedInStaff

PAGE = 30
WHEN = ("current", "drafts", "past", "cancelled")
"""The tabs of the list: to come or under way, not published yet, over, cancelled."""

_course = table_of(Course)
_term = table_of(Term)
_room = table_of(Room)
_gives = aliased(Teacher)
_draw = table_of(Draw)
_kept_in = table_of(Place).alias("kept_in")
_LESSONS = (
    select(func.count())
    .where(Lesson.run_id == run.c.id, Lesson.cancelled_at.is_(None))
    .scalar_subquery()
)
_LISTED = (
    bookable.c.id, bookable.c.title, bookable.c.starts_at, bookable.c.ends_at, bookable.c.capacity,
    bookable.c.overbooked, bookable.c.taken, bookable.c.waiting, bookable.c.published_at,
    bookable.c.cancelled_at, bookable.c.closes_at, run.c.weekday, run.c.from_minute,
    place.c.name.label("place_name"), teacher.c.name.label("teacher_name"),
    _LESSONS.label("lessons"),
)  # fmt: skip


def _listed(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "place_name": row.place_name,
        "teacher_name": row.teacher_name,
        "weekday": row.weekday,
        "from_time": time_of_day(row.from_minute),
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "closes_at": clock.rfc3339(row.closes_at),
        "lessons": row.lessons,
        "capacity": row.capacity,
        "overbooked": row.overbooked,
        "taken": row.taken,
        "waiting": row.waiting,
        "published": row.published_at is not None,
        "published_at": clock.rfc3339(row.published_at),
        "cancelled": row.cancelled_at is not None,
    }


def _when(which: str, now: datetime) -> ColumnElement[bool]:
    cancelled = bookable.c.cancelled_at.is_not(None)
    drafts = or_(bookable.c.published_at.is_(None), bookable.c.published_at > now)
    return {
        "current": and_(~cancelled, ~drafts, bookable.c.ends_at > now),
        "drafts": and_(~cancelled, drafts),
        "past": and_(~cancelled, ~drafts, bookable.c.ends_at <= now),
        "cancelled": cancelled,
    }[which]


def _wanted(asked: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.get("term_id"):
        where.append(run.c.term_id == asked["term_id"])
    if asked.get("place_id"):
        where.append(bookable.c.place_id == asked["place_id"])
    if asked.get("weekday") is not None:
        on_it = select(RunHour.run_id).where(RunHour.weekday == asked["weekday"])
        where.append(run.c.id.in_(on_it))
    if text := asked.get("text"):
        where.append(
            or_(
                *(
                    column.contains(text, autoescape=True)
                    for column in (bookable.c.title, place.c.name, teacher.c.name)
                )
            )
        )
    return where


def list_classes(
    session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """A page of the classes in reach; the past ones newest first."""
    which = asked.get("when") or "current"
    query = (
        select(*_LISTED)
        .select_from(RUNS)
        .where(reaches(me, Permission.SEE_CLASSES), _when(which, now), *_wanted(asked))
        .limit(PAGE + 1)
    )
    newest_first = which in ("past", "cancelled")
    if asked.get("cursor"):
        starts_at, last_id = paging.decode(asked["cursor"], float, int)
        after = datetime.fromtimestamp(starts_at, clock.LOCAL)
        at, ident = bookable.c.starts_at, bookable.c.id
        beyond = at < after if newest_first else at > after
        query = query.where(or_(beyond, and_(at == after, ident > last_id)))
    order = bookable.c.starts_at.desc() if newest_first else bookable.c.starts_at
    rows = session.execute(query.order_by(order, bookable.c.id)).all()
    hours = hours_of(session, [row.id for row in rows])
    return paging.page(
        rows, PAGE, lambda row: (row.starts_at.timestamp(), row.id),
        lambda row: _listed(row) | {"hours": hours.get(row.id, [])},
    )  # fmt: skip


def filters(session: Session, me: SignedInStaff) -> dict[str, list[tuple[int, str]]]:
    """What the list can be narrowed to: the terms and communities of the classes in reach."""
    scope = reaches(me, Permission.SEE_CLASSES)
    terms = session.execute(
        select(_term.c.id, _term.c.name)
        .where(_term.c.id.in_(select(run.c.term_id).select_from(RUNS).where(scope)))
        .order_by(_term.c.starts_on.desc())
    )
    places = session.execute(
        select(Place.id, Place.name)
        .where(Place.id.in_(select(bookable.c.place_id).select_from(RUNS).where(scope)))
        .order_by(Place.path)
    )
    return {
        "terms": [(row.id, row.name) for row in terms],
        "places": [(row.id, row.name) for row in places],
    }


def get_class(session: Session, me: SignedInStaff, run_id: int) -> dict[str, Any]:
    """One class in reach with its facts. Raises NotFound."""
    row = session.execute(
        select(
            *_LISTED, packed_hours(run.c.id).label("hours"), bookable.c.place_id,
            bookable.c.opens_at, bookable.c.cancel_until, bookable.c.promote_until,
            bookable.c.kept, bookable.c.kept_taken, bookable.c.kept_until, run.c.kept_from_age,
            _kept_in.c.name.label("kept_place"),
            run.c.price_fen, run.c.audience,
            run.c.min_age, run.c.max_age, run.c.room_id, place.c.path, place.c.phone,
            run.c.minimum, run.c.run_anyway_at, run.c.draw_id,
            (run.c.draw_id.is_not(None) & _draw.c.drawn_at.is_(None)).label("awaits_draw"),
            _term.c.name.label("term_name"), _room.c.name.label("room_name"),
            _course.c.bring, _course.c.picture,
        )
        .select_from(
            RUNS.join(_term, _term.c.id == run.c.term_id)
            .join(_course, _course.c.id == run.c.course_id)
            .outerjoin(_room, _room.c.id == run.c.room_id)
            .outerjoin(_draw, _draw.c.id == run.c.draw_id)
            .outerjoin(_kept_in, _kept_in.c.id == run.c.kept_place_id)
        )
        .where(bookable.c.id == run_id, reaches(me, Permission.SEE_CLASSES))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    moments = ("opens_at", "cancel_until", "promote_until", "kept_until", "run_anyway_at")
    plain = (
        "place_id", "kept", "kept_taken", "kept_from_age", "kept_place", "price_fen", "audience",
        "min_age",
        "max_age", "room_id", "term_name", "room_name", "bring", "picture", "phone", "minimum",
        "awaits_draw", "draw_id",
    )  # fmt: skip
    return (
        _listed(row)
        | {name: clock.rfc3339(row._mapping[name]) for name in moments}
        | {name: row._mapping[name] for name in plain}
        | {"hours": unpack_hours(row.hours)}
        | {"kept_left": Seats.of(row).kept}
        | {"unannounced": _unannounced(session, row)}
        | {"cancel_hours": _cancel_hours(row)}
        | {"may_manage": me.may(Permission.MANAGE_CLASSES, row.path)}
    )


def _cancel_hours(row: AnyRow) -> int | None:
    """How many hours before the first lesson places may be given back; None: to the end."""
    if row.cancel_until is None:
        return None
    return max(int((row.starts_at - row.cancel_until) / timedelta(hours=1)), 0)


def _unannounced(session: Session, row: AnyRow) -> int | None:
    """The year whose public holidays are not known yet, if a draft's lessons reach into it."""
    last = clock.today(row.ends_at)
    return None if row.published_at is not None or is_known(session, last) else last.year


def lessons_of(session: Session, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """The lessons of a class with how many came, and which one is next."""
    came = func.count().filter(Attendance.presence.in_(CAME))
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at,
            Lesson.room_id, Room.name.label("room_name"), came.label("came"),
            func.count(Attendance.id).label("marked"), _gives.id.label("teacher_id"),
            _gives.name.label("teacher_name"), _gives.agreement_from, _gives.agreement_until,
            Lesson.teacher_id.is_not(None).label("substituted"),
        )
        .join(run, run.c.id == Lesson.run_id)
        .outerjoin(_gives, _gives.id == func.coalesce(Lesson.teacher_id, run.c.teacher_id))
        .outerjoin(Room, Room.id == Lesson.room_id)
        .outerjoin(Attendance, Attendance.lesson_id == Lesson.id)
        .where(Lesson.run_id == run_id)
        .group_by(Lesson.id, Room.name, _gives.id)
        .order_by(Lesson.starts_at)
    ).all()  # fmt: skip
    coming = [row.id for row in rows if row.ends_at > now and row.cancelled_at is None]
    return [
        {
            "id": row.id,
            "number": row.number,
            "starts_at": clock.rfc3339(row.starts_at),
            "ends_at": clock.rfc3339(row.ends_at),
            "room_id": row.room_id,
            "room_name": row.room_name,
            "substitute_name": row.teacher_name if row.substituted else None,
            "outside_agreement": row.cancelled_at is None and outside_agreement(row, row.starts_at),
            "cancelled": row.cancelled_at is not None,
            "over": row.ends_at <= now,
            "next": row.id in coming[:1],
            "came": row.came,
            "marked": row.marked,
        }
        for row in rows
    ]


def lessons_today(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Today's lessons in reach with their counts; `open` ones take codes now."""
    start = datetime.combine(clock.today(now), datetime.min.time(), clock.LOCAL)
    came = (
        select(func.count())
        .where(Attendance.lesson_id == lesson.c.id, Attendance.presence.in_(CAME))
        .scalar_subquery()
    )
    enrolled = (
        select(func.count())
        .where(Booking.bookable_id == run.c.id, Booking.state == State.CONFIRMED)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            lesson.c.id, lesson.c.number, lesson.c.starts_at, lesson.c.ends_at, lesson.c.run_id,
            lesson.c.cancelled_at, bookable.c.title, bookable.c.cancelled_at.label("run_cancelled"),
            place.c.name.label("place_name"),
            func.coalesce(substitute.c.name, teacher.c.name).label("teacher_name"),
            _room.c.name.label("room_name"), came.label("came"), enrolled.label("enrolled"),
        )
        .select_from(
            LESSONS.outerjoin(_room, _room.c.id == lesson.c.room_id)
        )
        .where(
            reaches_lesson(me, Permission.SEE_CLASSES),
            bookable.c.published_at <= now,
            lesson.c.starts_at >= start,
            lesson.c.starts_at < start + timedelta(days=1),
        )
        .order_by(lesson.c.starts_at, bookable.c.title)
    )  # fmt: skip
    return [_today(row, now) for row in rows]


def _today(row: AnyRow, now: datetime) -> dict[str, Any]:
    cancelled = row.cancelled_at is not None or row.run_cancelled is not None
    return {
        "id": row.id,
        "run_id": row.run_id,
        "title": row.title,
        "number": row.number,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "place_name": row.place_name,
        "teacher_name": row.teacher_name,
        "room_name": row.room_name,
        "came": row.came,
        "enrolled": row.enrolled,
        "cancelled": cancelled,
        "open": not cancelled and row.starts_at - OPENS_BEFORE <= now <= row.ends_at,
        "over": row.ends_at < now,
    }


def rooms_of(session: Session, place_id: int) -> list[tuple[int, str]]:
    """The rooms a class of this place may be moved to."""
    rows = session.execute(
        select(Room.id, Room.name).where(Room.place_id == place_id).order_by(Room.name, Room.id)
    )
    return [(row.id, row.name) for row in rows]


def teachers_of(session: Session, known: int | None = None) -> list[tuple[int, str]]:
    """Who could give a lesson instead: every teacher of the district but `known`."""
    rows = session.execute(
        select(Teacher.id, Teacher.name, Teacher.organisation)
        .where(Teacher.id != (known or 0))
        .order_by(Teacher.name, Teacher.id)
    )
    return [
        (row.id, f"{row.name}（{row.organisation}）" if row.organisation else row.name)
        for row in rows
    ]
