"""What the form for a new class starts with: its place, or what another was planned by."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.money import in_yuan
from backend.night_school.admission.carrying import portable
from backend.night_school.models import CourseRun, Lesson
from backend.night_school.planning import offers
from backend.night_school.planning.plan import Hour
from backend.night_school.weekly import planned_hours
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

Values = dict[str, Any]


def from_request(session: Session, me: SignedInStaff, asked: Mapping[str, Any]) -> Values:
    """The form's values by field. Without a `place_id` if there is more than one to choose from.

    Raises NotFound for a class out of reach.
    """
    if run_id := asked.get("run_id"):
        values = from_run(session, me, run_id)
        return values | {"term_id": asked.get("term_id"), "like_run_id": run_id}
    if place_id := asked.get("place_id"):
        return _fresh({"place_id": place_id, "term_id": asked.get("term_id")})
    places = offers.places(session, me)
    return _fresh({"place_id": places[0][0]}) if len(places) == 1 else {}


def _fresh(values: Values) -> Values:
    return values | {"audience": "everyone", "price_fen": "0", "minutes_1": 90}


def from_run(session: Session, me: SignedInStaff, run_id: int) -> Values:
    """What a class was planned by, but for its term and dates, and its `rules`. Raises NotFound."""
    run = session.execute(
        select(
            CourseRun.course_id, CourseRun.place_id, CourseRun.room_id, CourseRun.teacher_id,
            CourseRun.capacity, CourseRun.price_fen, CourseRun.audience, CourseRun.min_age,
            CourseRun.max_age, CourseRun.home_place_id, CourseRun.minimum,
            select(func.count()).where(Lesson.run_id == run_id).scalar_subquery().label("lessons"),
        )
        .join(Place, Place.id == CourseRun.place_id)
        .where(CourseRun.id == run_id, me.covers(Permission.MANAGE_CLASSES, Place.path))
    ).first()  # fmt: skip
    if run is None:
        raise NotFound()
    hours = planned_hours(session, [run_id]).get(run_id, [])
    values = dict(run._mapping) | in_lines(Hour(*hour) for hour in hours)
    return values | {
        "price_fen": in_yuan(values["price_fen"]),
        "rules": portable(session, run_id),
    }


def in_lines(hours: Iterable[Hour]) -> Values:
    """Weekly hours, each in a line of the form."""
    values: Values = {}
    for number, hour in enumerate(hours, 1):
        values[f"weekday_{number}"] = hour.weekday
        values[f"from_{number}"] = f"{hour.from_minute // 60:02d}:{hour.from_minute % 60:02d}"
        values[f"minutes_{number}"] = hour.minutes
    return values
