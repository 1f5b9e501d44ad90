"""Opening a class: weekly lessons, public holidays passed over, the room occupied, a draft."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school.errors import PlanClashes
from backend.night_school.models import CourseRun, Lesson, Term
from backend.night_school.planning.opening import new_run
from backend.night_school.planning.plan import Hour, Plan
from backend.places.holidays import calendar, is_known, is_public_holiday
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


@pytest.mark.parametrize(
    ("day", "why", "made_up"),
    [
        (date(2026, 5, 1), "劳动节", False),
        (date(2026, 5, 8), None, False),
        (date(2026, 5, 9), None, True),  # a Saturday, published as worked
        (date(2026, 5, 4), None, True),  # published as off, worked here
        (date(2026, 5, 15), "社区运动会", False),
        (date(2026, 5, 20), "装修", False),
        (date(2026, 5, 21), "装修", False),
        (date(2026, 5, 22), None, False),  # closed next door only
        (date(2026, 6, 1), "防汛值守", False),  # the whole street
        (date(2031, 10, 1), "国庆节", False),  # entered for a year not announced
        (date(2031, 10, 12), None, True),
        (date(2031, 10, 2), None, False),
    ],
)
def test_the_calendar_says_why_a_day_is_off(make, day, why, made_up) -> None:
    here, there = make.once("community", make.place), make.place(name="滨江社区")
    for on, kind, name in (
        (date(2026, 5, 4), "work", "调休"), (date(2026, 5, 15), "off", "社区运动会"),
        (date(2031, 10, 1), "off", "国庆节"), (date(2031, 10, 12), "work", "国庆调休"),
    ):  # fmt: skip
        make.day(on, kind=kind, name=name)
    street = make.once("street", lambda: None)
    for place, first, last, reason in (
        (here, 20, 21, "装修"), (there, 22, 22, "停电"), (street, 32, 32, "防汛值守"),
    ):  # fmt: skip
        start = date(2026, 5, 1) + timedelta(days=first - 1)
        end = date(2026, 5, 1) + timedelta(days=last - 1)
        make.closure(place, starts_on=start, ends_on=end, reason=reason)
    known = calendar(db.session(), date(2026, 1, 1), date(2031, 12, 31))
    assert (known.why_off(day, here.path), known.is_made_up(day)) == (why, made_up)


def test_a_year_is_known_once_announced_or_entered(make) -> None:
    assert is_known(db.session(), date(2026, 3, 1))
    assert not is_known(db.session(), date(2099, 3, 1))
    make.day(date(2099, 10, 1))
    assert is_known(db.session(), date(2099, 3, 1))


@pytest.fixture
def term(make):
    return make.add(Term(name="2026年春季", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))


def wish(make, term, **given) -> Plan:
    place = make.once("community", make.place)
    return Plan(
        **{
            "course_id": make.once("course", make.course).id, "term_id": term.id,
            "place_id": place.id, "room_id": None, "teacher_id": None,
            "hours": (Hour(4, 1140, 90),), "lessons": 4, "capacity": 20, "price_fen": 0,
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
    with pytest.raises(PlanClashes, match="声乐基础"):
        plan(make, term, room_id=room.id, hours=(Hour(4, 1200, 90),))
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 1
    plan(make, term, room_id=room.id, hours=(Hour(4, 1230, 90),))  # right after the other


def test_too_many_lessons_for_the_term_are_refused(make, term) -> None:
    with pytest.raises(Invalid) as refused:
        plan(make, term, lessons=40)
    assert "最多能上 11 次" in refused.value.errors["lessons"][0]


def test_lessons_pass_over_closures(make, term) -> None:
    make.closure(starts_on=date(2026, 4, 9), ends_on=date(2026, 4, 17))
    run_id = plan(make, term)
    first, second, *_rest = db.session.scalars(
        select(Lesson.starts_at).where(Lesson.run_id == run_id).order_by(Lesson.number)
    )
    days = [clock.local(starts_at).date() for starts_at in (first, second)]
    assert days == [date(2026, 4, 3), date(2026, 4, 24)]


def test_nobody_plans_elsewhere_or_in_other_peoples_rooms(make, term) -> None:
    elsewhere = make.place()
    with pytest.raises(NotFound):
        plan(make, term, me=signed_in(make.staff("manager", elsewhere)))
    with pytest.raises(Invalid):
        plan(make, term, room_id=make.room(elsewhere).id)
