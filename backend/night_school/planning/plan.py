"""A plan: what a class is to be opened with, and the rows it refers to, looked up."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import Invalid, NotFound
from backend.night_school.models import Course, Teacher, Term
from backend.places.models import Place, Room
from backend.staff.access import Permission, SignedInStaff


@dataclass(frozen=True, slots=True, order=True)
class Hour:
    """A weekly hour: `weekday` 0 Monday .. 6 Sunday, minutes after local midnight, its length."""

    weekday: int
    from_minute: int
    minutes: int

    @property
    def until_minute(self) -> int:
        return self.from_minute + self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a class is opened with. Ages are inclusive.

    `lessons`: how many, None: until the term ends. `first_day`: no lesson before it, None: from
    the term's first day. `published_at`: None for a draft. `minimum`: how many have to sign up.
    """

    course_id: int
    term_id: int
    place_id: int
    room_id: int | None
    teacher_id: int | None
    hours: tuple[Hour, ...]
    lessons: int | None
    capacity: int
    price_fen: int
    audience: str
    min_age: int | None
    max_age: int | None
    home_place_id: int | None
    opens_at: datetime
    closes_at: datetime | None
    first_day: date | None = None
    published_at: datetime | None = None
    minimum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a plan refers to: its term, place, room and teacher as they stand."""

    path: str
    place_name: str
    title: str
    term_name: str
    term_starts_on: date
    term_ends_on: date
    room_name: str | None
    room_capacity: int | None
    teacher_name: str | None


def frame_of(session: Session, me: SignedInStaff, plan: Plan, now: datetime) -> Frame:
    """The rows a plan refers to, if the plan makes sense with them.

    Raises NotFound for a place out of reach, Invalid by field for what does not fit.
    """
    place = session.execute(select(Place.path, Place.name).where(Place.id == plan.place_id)).first()
    if place is None or not me.may(Permission.MANAGE_CLASSES, place.path):
        raise NotFound()
    term = session.execute(
        select(Term.name, Term.starts_on, Term.ends_on).where(Term.id == plan.term_id)
    ).first()
    title = session.scalar(select(Course.title).where(Course.id == plan.course_id))
    room = _room(session, plan)
    if term is None or title is None:
        field = "term_id" if term is None else "course_id"
        raise Invalid({field: [_("请选择列出的一项。")]})
    check_plan(plan, now)
    return Frame(
        path=place.path, place_name=place.name, title=title, term_name=term.name,
        term_starts_on=term.starts_on, term_ends_on=term.ends_on,
        room_name=None if room is None else room.name,
        room_capacity=None if room is None else room.capacity,
        teacher_name=_teacher_name(session, plan),
    )  # fmt: skip


def _room(session: Session, plan: Plan) -> AnyRow | None:
    if plan.room_id is None:
        return None
    room = session.execute(
        select(Room.name, Room.capacity).where(
            Room.id == plan.room_id, Room.place_id == plan.place_id
        )
    ).first()
    if room is None:
        raise Invalid({"room_id": [_("这个教室不在所选的社区。")]})
    return room


def _teacher_name(session: Session, plan: Plan) -> str | None:
    if plan.teacher_id is None:
        return None
    name = session.scalar(select(Teacher.name).where(Teacher.id == plan.teacher_id))
    if name is None:
        raise Invalid({"teacher_id": [_("请选择列出的一项。")]})
    return name


def check_plan(plan: Plan, now: datetime) -> None:
    """What must hold within a plan. Raises Invalid by field."""
    hours = sorted(plan.hours)
    if not hours:
        raise Invalid({"hours": [_("请至少填写一个上课时间。")]})
    if any(hour.until_minute > 24 * 60 for hour in hours):
        raise Invalid({"hours": [_("下课时间不能过半夜十二点。")]})
    for one, other in pairwise(hours):
        if one.weekday == other.weekday and other.from_minute < one.until_minute:
            raise Invalid({"hours": [_("同一天的两个上课时间重叠了。")]})
    if plan.min_age is not None and plan.max_age is not None and plan.max_age < plan.min_age:
        raise Invalid({"max_age": [_("最大年龄不能小于最小年龄。")]})
    if plan.minimum is not None and plan.minimum > plan.capacity:
        raise Invalid({"minimum": [_("开班人数不能多于名额。")]})
    if plan.published_at is not None and plan.published_at <= now:
        raise Invalid({"published_at": [_("定时发布的时间要在现在之后。")]})
