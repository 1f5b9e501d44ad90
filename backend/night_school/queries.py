"""The night school's public reads: the list of runs, one run, the catalogue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from backend import clock, paging
from backend.booking.kept import Seats
from backend.booking.models import Bookable
from backend.db import AnyRow, Prepared, UtcDateTime, table_of
from backend.errors import NotFound
from backend.night_school.models import (
    Course,
    CourseCategory,
    CourseRun,
    Lesson,
    Mode,
    Teacher,
    Term,
)
from backend.night_school.weekly import hour, packed_hours, time_of_day, unpack_hours
from backend.places.models import Place, Room

_run = table_of(CourseRun)
_bookable = table_of(Bookable)
_course = table_of(Course)
_category = table_of(CourseCategory)
_place = table_of(Place)
_street = _place.alias("street")
_kept_for = _place.alias("kept_for")
_first = _place.alias("first")
_kept_in = _place.alias("kept_in")
_needed = _course.alias("needed")
_teacher = table_of(Teacher)
_lesson = table_of(Lesson)

_NOW = bindparam("now", type_=UtcDateTime)
_SOON = bindparam("soon", type_=UtcDateTime)

SOON = timedelta(days=7)
"""How long before sign-up opens a run counts as open to residents who plan their week."""

PARTS_OF_DAY = {"morning": (0, 720), "afternoon": (720, 1050), "evening": (1050, 1440)}
"""Minutes after midnight: up to noon, up to 17:30, from then on."""

LISTED = (
    _bookable.c.id, _bookable.c.title, _bookable.c.starts_at, _bookable.c.ends_at,
    _bookable.c.capacity, _bookable.c.taken, _bookable.c.overbooked, _bookable.c.waiting,
    _bookable.c.kept, _bookable.c.kept_taken, _run.c.kept_from_age,
    _run.c.kept_place_id,
    _bookable.c.opens_at, _bookable.c.closes_at, _bookable.c.cancelled_at,
    _run.c.price_fen, _run.c.audience, _run.c.min_age, _run.c.max_age, _run.c.weekday,
    _run.c.from_minute, _run.c.course_id, _run.c.mode, _run.c.draw_id,
    _course.c.summary, _course.c.picture, _category.c.code.label("category"),
    _place.c.id.label("place_id"), _place.c.name.label("place_name"),
    _street.c.name.label("street_name"), _teacher.c.name.label("teacher_name"),
    select(func.count())
    .where(_lesson.c.run_id == _run.c.id, _lesson.c.cancelled_at.is_(None))
    .scalar_subquery()
    .label("lessons"),
    packed_hours(_run.c.id).label("hours"),
)  # fmt: skip
"""What the list says of a run."""

FROM = (
    _run.join(_bookable, _bookable.c.id == _run.c.id)
    .join(_course, _course.c.id == _run.c.course_id)
    .join(_category, _category.c.id == _course.c.category_id)
    .join(_place, _place.c.id == _bookable.c.place_id)
    .join(_street, _street.c.id == _place.c.parent_id)
    .outerjoin(_teacher, _teacher.c.id == _run.c.teacher_id)
)


def places_left(row: Any) -> int | None:
    """Places any newcomer could take: none while others wait, nor those kept for a group; null
    means no limit.
    """
    if row.capacity is None:
        return None
    return 0 if row.waiting else Seats.of(row).general


def listed(row: AnyRow) -> dict[str, Any]:
    """A run as the list shows it, from a row of `LISTED`."""
    return {
        "id": row.id,
        "course_id": row.course_id,
        "title": row.title,
        "summary": row.summary,
        "picture": row.picture,
        "category": row.category,
        "place_id": row.place_id,
        "place_name": row.place_name,
        "street_name": row.street_name,
        "teacher_name": row.teacher_name,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "weekday": row.weekday,
        "from_time": time_of_day(row.from_minute),
        "hours": unpack_hours(row.hours),
        "lessons": row.lessons,
        "price_fen": row.price_fen,
        "audience": row.audience,
        "min_age": row.min_age,
        "max_age": row.max_age,
        "capacity": row.capacity,
        "places_left": places_left(row),
        "kept_left": Seats.of(row).kept,
        "kept_from_age": row.kept_from_age if row.kept else None,
        "kept_local": bool(row.kept and row.kept_place_id),
        "waiting": row.waiting,
        "opens_at": clock.rfc3339(row.opens_at),
        "closes_at": clock.rfc3339(row.closes_at),
        "cancelled": row.cancelled_at is not None,
        "draw_id": row.draw_id if row.mode == Mode.DRAW else None,
    }


_starts_at, _id = _bookable.c.starts_at, _bookable.c.id
_near = _place.alias("near")

_FILTERS: dict[str, ColumnElement[bool]] = {
    "street_id": _place.c.parent_id == bindparam("street_id"),
    "near": select(_near.c.id)
    .where(_near.c.id == bindparam("near"), _near.c.path.like(_street.c.path + "%"))
    .exists(),
    "course_id": _run.c.course_id == bindparam("course_id"),
    "term_id": _run.c.term_id == bindparam("term_id"),
    "category": _category.c.code == bindparam("category"),
    "part_of_day": and_(
        _run.c.from_minute >= bindparam("since"), _run.c.from_minute < bindparam("until")
    ),
    "audience": _run.c.audience == bindparam("audience"),
    "free_of_charge": _run.c.price_fen == 0,
    "has_places": and_(
        _bookable.c.waiting == 0,
        or_(
            _bookable.c.capacity.is_(None),
            _bookable.c.taken + _bookable.c.kept - _bookable.c.kept_taken
            < _bookable.c.capacity + _bookable.c.overbooked,
        ),
        or_(_bookable.c.closes_at.is_(None), _bookable.c.closes_at > _NOW),
        _bookable.c.cancelled_at.is_(None),
    ),
    "open": and_(
        _bookable.c.cancelled_at.is_(None),
        or_(_bookable.c.closes_at.is_(None), _bookable.c.closes_at > _NOW),
        or_(_bookable.c.opens_at.is_(None), _bookable.c.opens_at <= _SOON),
    ),
    "text": or_(
        *(
            column.ilike(bindparam("text"), escape="\\")
            for column in (_bookable.c.title, _course.c.summary, _place.c.name, _teacher.c.name)
        )
    ),
    "cursor": or_(
        _starts_at > bindparam("after"),
        and_(_starts_at == bindparam("after"), _id > bindparam("last_id")),
    ),
}
"""The filters residents may combine, by the name they are asked under."""

_AMONG: dict[str, ColumnElement[int]] = {
    "community_id": _bookable.c.place_id,
    "weekday": hour.c.weekday,
}
"""Those that take several values, each a parameter of its own: `weekday_0`, `weekday_1`, …"""


@lru_cache(maxsize=256)
def _page(names: tuple[str, ...]) -> Prepared:
    """The statement for what is asked but for its values; everybody asks for the same few pages."""
    where = [condition for name, condition in _FILTERS.items() if name in names]
    for several, column in _AMONG.items():
        values = [name for name in names if name.startswith(f"{several}_")]
        if values:
            among = column.in_([bindparam(name, type_=column.type) for name in values])
            where.append(among if column.table is _bookable else _has_hour(among))
    return Prepared(
        select(*LISTED)
        .select_from(FROM)
        .where(_bookable.c.published_at <= _NOW, _bookable.c.ends_at > _NOW, *where)
        .order_by(_starts_at, _id)
        .limit(bindparam("limit", type_=Integer))
    )


def _has_hour(on_a_day: ColumnElement[bool]) -> ColumnElement[bool]:
    """A run of several weekdays is found under each of them."""
    return _run.c.id.in_(select(hour.c.run_id).where(on_a_day))


def _values(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, by the names of the statement's parameters."""
    values: dict[str, Any] = {}
    for name, value in asked.items():
        if isinstance(value, list):
            values |= {f"{name}_{number}": one for number, one in enumerate(value)}
        elif value:  # a flag that is not set asks for nothing
            values[name] = value
    if cursor := values.get("cursor"):
        values["after"], values["last_id"] = paging.decode(cursor, datetime, int)
    if part := values.get("part_of_day"):
        values["since"], values["until"] = PARTS_OF_DAY[part]
    if text := values.get("text"):
        plain = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        values["text"] = f"%{plain}%"
    return values | {"limit": asked["limit"] + 1}


def list_runs(session: Session, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A page of published runs that are not over, by first lesson, then id."""
    values = _values(asked)
    rows = _page(tuple(sorted(values))).all(session, values | {"now": now, "soon": now + SOON})
    return paging.page(rows, asked["limit"], lambda row: (row.starts_at, row.id), listed)


def get_run(session: Session, run_id: int, now: datetime) -> dict[str, Any]:
    """One published run with its lessons, teacher, place and rules. Raises NotFound."""
    row = session.execute(
        select(
            *LISTED, Course.description, Course.bring, Place.address, Place.phone,
            Teacher.intro.label("teacher_intro"), Teacher.organisation,
            Room.name.label("room_name"), Room.directions, _bookable.c.cancel_until,
            Term.name.label("term_name"), _kept_for.c.name.label("kept_for"),
            _first.c.name.label("priority_for"), _run.c.priority_until,
            _kept_in.c.name.label("kept_place"), _bookable.c.kept_until,
            _needed.c.title.label("needs_course"), _run.c.once_a_year, Term.most_per_person,
            _run.c.most_missed,
        )
        .select_from(
            FROM.join(Term.__table__, Term.id == _run.c.term_id)
            .outerjoin(Room.__table__, Room.id == _run.c.room_id)
            .outerjoin(_kept_for, _kept_for.c.id == _run.c.home_place_id)
            .outerjoin(_first, _first.c.id == _run.c.priority_place_id)
            .outerjoin(_kept_in, _kept_in.c.id == _run.c.kept_place_id)
            .outerjoin(_needed, _needed.c.id == _run.c.needs_course_id)
        )
        .where(_bookable.c.id == run_id, _bookable.c.published_at <= now)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return listed(row) | {
        "description": row.description,
        "bring": row.bring,
        "term_name": row.term_name,
        "kept_for": row.kept_for,
        "priority_for": row.priority_for,
        "priority_until": clock.rfc3339(row.priority_until),
        "kept": row.kept,
        "kept_place": row.kept_place if row.kept else None,
        "kept_until": clock.rfc3339(row.kept_until) if row.kept else None,
        "needs_course": row.needs_course,
        "once_a_year": row.once_a_year,
        "most_per_person": row.most_per_person,
        "most_missed": row.most_missed,
        "address": row.address,
        "phone": row.phone,
        "room_name": row.room_name,
        "directions": row.directions,
        "teacher_intro": row.teacher_intro,
        "organisation": row.organisation,
        "cancel_until": clock.rfc3339(row.cancel_until),
        "lesson_list": _lessons(session, run_id),
    }


def _lessons(session: Session, run_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at,
            Room.name.label("room_name"), Teacher.name.label("substitute_name"),
        )
        .outerjoin(Room, Room.id == Lesson.room_id)
        .outerjoin(Teacher, Teacher.id == Lesson.teacher_id)
        .where(Lesson.run_id == run_id)
        .order_by(Lesson.starts_at)
    )  # fmt: skip
    return [shown_lesson(row) for row in rows]


def shown_lesson(row: AnyRow) -> dict[str, Any]:
    """A lesson as residents see it, from a row with its facts, its room's and substitute's name."""
    return {
        "id": row.id,
        "number": row.number,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "room_name": row.room_name,
        "substitute_name": row.substitute_name,
        "cancelled": row.cancelled_at is not None,
    }


def list_categories(session: Session) -> list[dict[str, Any]]:
    """The shelves of the catalogue, in their order."""
    rows = session.execute(
        select(CourseCategory.code, CourseCategory.name, CourseCategory.name_en).order_by(
            CourseCategory.sort, CourseCategory.id
        )
    )
    return [dict(row._mapping) for row in rows]
