"""Opening a class: weekly lessons, public holidays passed over, the room occupied, a draft."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school.holidays import first_on, is_announced, is_public_holiday, weekly
from backend.night_school.models import CourseRun, Lesson, Term
from backend.night_school.planning import NewRun, new_run
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy
from tests.night_school.staffing import signed_in


@pytest.mark.parametrize(
    ("day", "free"),
    [
        (date(2026, 2, 17), True),  # Spring Festival
        (date(2026, 5, 1), True),  # Labour Day
        (date(2026, 3, 14), False),  # a Saturday like any other
        (date(2026, 3, 11), False),
        (date(2026, 2, 28), False),  # a Saturday worked to make up
        (date(2099, 1, 1), False),  # not announced: a plain weekday
    ],
)
def test_public_holidays_are_not_weekends(day, free) -> None:
    assert is_public_holiday(day) is free
    assert is_announced(day) is (day.year < 2030)


def test_lessons_pass_over_holidays() -> None:
    assert weekly(date(2026, 4, 24), 3) == [date(2026, 4, 24), date(2026, 5, 8), date(2026, 5, 15)]
    assert first_on(4, date(2026, 4, 22)) == date(2026, 4, 24)
    assert first_on(2, date(2026, 4, 22)) == date(2026, 4, 22)


@pytest.fixture
def term(make):
    return make.add(Term(name="2026年春季", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))


def wish(make, term, **given) -> NewRun:
    place = make.once("community", make.place)
    return NewRun(
        **{
            "course_id": make.once("course", make.course).id, "term_id": term.id,
            "place_id": place.id, "room_id": None, "teacher_id": None, "weekday": 4,
            "from_minute": 1140, "minutes": 90, "lessons": 4, "capacity": 20, "price_fen": 0,
            "audience": "everyone", "min_age": None, "max_age": None, "home_place_id": None,
            "opens_at": make.now, "closes_at": None,
        }
        | given
    )  # fmt: skip


def plan(make, term, me=None, **given) -> int:
    me = me or signed_in(make.staff("manager"))
    with transaction() as session:
        return new_run(session, me, wish(make, term, **given), make.now)


def test_a_new_class_is_a_draft_with_its_lessons_in_its_room(make, term) -> None:
    room = make.room()
    run = db.session.get_one(CourseRun, plan(make, term, room_id=room.id, lessons=5))
    lessons = db.session.scalars(
        select(Lesson).where(Lesson.run_id == run.id).order_by(Lesson.number)
    ).all()
    days = [clock.local(lesson.starts_at).date() for lesson in lessons]
    assert days == [date(2026, 4, day) for day in (3, 10, 17, 24)] + [date(2026, 5, 8)]
    assert f"{clock.local(lessons[0].starts_at):%H:%M}" == "19:00"
    assert lessons[0].ends_at - lessons[0].starts_at == timedelta(minutes=90)
    assert (run.published_at, run.starts_at, run.ends_at) == (
        None, lessons[0].starts_at, lessons[-1].ends_at,
    )  # fmt: skip
    assert run.closes_at == run.starts_at
    assert db.session.scalar(select(func.count()).select_from(Occupancy)) == 5


def test_a_taken_room_leaves_nothing_behind(make, term) -> None:
    room = make.room()
    plan(make, term, room_id=room.id)
    with pytest.raises(RoomTaken, match="声乐基础"):
        plan(make, term, room_id=room.id, from_minute=1200)
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 1
    plan(make, term, room_id=room.id, from_minute=1230)  # right after the other


def test_too_many_lessons_for_the_term_are_refused(make, term) -> None:
    with pytest.raises(Invalid) as refused:
        plan(make, term, lessons=40)
    assert "超出学期" in refused.value.errors["lessons"][0]


def test_nobody_plans_elsewhere_or_in_other_peoples_rooms(make, term) -> None:
    elsewhere = make.place()
    with pytest.raises(NotFound):
        plan(make, term, me=signed_in(make.staff("manager", elsewhere)))
    with pytest.raises(Invalid):
        plan(make, term, room_id=make.room(elsewhere).id)
