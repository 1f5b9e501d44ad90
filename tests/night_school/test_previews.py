"""Previews: weekly hours against days off, rooms and teachers; what is made is the same."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from backend import clock
from backend.db import db, transaction
from backend.errors import Invalid
from backend.night_school.errors import PlanChanged, PlanClashes
from backend.night_school.models import CourseRun, Lesson, RunHour, Term
from backend.night_school.planning.opening import plan_class
from backend.night_school.planning.plan import Hour
from backend.night_school.planning.preview import preview
from backend.places.models import Atom, CalendarDay, Closure, Occupancy, OccupantKind
from backend.staff.models import AuditEntry
from tests.factories import Make
from tests.night_school.staffing import signed_in
from tests.night_school.test_planning import wish

FRIDAY, SATURDAY = Hour(4, 1140, 90), Hour(5, 570, 90)
TUESDAY, THURSDAY = Hour(1, 1140, 90), Hour(3, 1140, 90)


@pytest.fixture
def term(make: Make) -> Term:
    return make.add(Term(name="2026年春季", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))


@pytest.fixture
def me(make: Make):
    return signed_in(make.staff("worker"))


def look(make, me, plan, skipped=()):
    return preview(db.session(), me, plan, make.now, skipped)


def told(looked_at) -> list[str]:
    """Each date as 04-03 1, its number; or why it is none."""
    return [
        f"{one.key[5:10]} {one.why or one.number or '跳过'}{' 调休' * one.made_up}"
        for one in looked_at.meetings
    ]


@pytest.mark.parametrize(
    ("hours", "lessons", "expected"),
    [
        ([FRIDAY], 3, ["04-03 1", "04-10 2", "04-17 3"]),
        (
            [Hour(0, 1140, 90)], 2,
            ["04-06 清明", "04-13 1", "04-20 2"],
        ),
        ([TUESDAY, THURSDAY], 4, ["04-02 1", "04-07 2", "04-09 3", "04-14 4"]),
        ([SATURDAY, Hour(5, 840, 60)], 3, ["04-04 清明", "04-04 清明", "04-11 1", "04-11 2",
                                           "04-18 3"]),
        ([SATURDAY], 6, ["04-04 清明", "04-11 1", "04-18 2", "04-25 3", "05-02 劳动节",
                         "05-09 4 调休", "05-16 装修", "05-23 5", "05-30 6"]),
        ([Hour(2, 540, 60)], 7, ["04-01 1", "04-08 2", "04-15 3", "04-22 4", "04-29 5", "05-06 6",
                                 "05-13 装修", "05-20 社区运动会", "05-27 7"]),
    ],
)  # fmt: skip
def test_hours_become_dates(make, me, term, hours, lessons, expected) -> None:
    make.closure()
    make.day()
    looked_at = look(make, me, wish(make, term, hours=tuple(hours), lessons=lessons))
    assert told(looked_at) == expected
    assert looked_at.fits


def test_without_a_number_it_goes_on_until_the_term_ends(make, me, term) -> None:
    looked_at = look(make, me, wish(make, term, lessons=None))
    assert looked_at.lessons[-1].key == "2026-06-26T19:00"
    assert [one.key for one in looked_at.meetings if one.beyond] == []


def test_the_first_day_may_be_later(make, me, term) -> None:
    looked_at = look(make, me, wish(make, term, first_day=date(2026, 4, 20), lessons=1))
    assert told(looked_at) == ["04-24 1"]


def test_what_is_skipped_is_made_up_for(make, me, term) -> None:
    plan = wish(make, term, lessons=3)
    looked_at = look(make, me, plan, {"2026-04-10T19:00"})
    assert told(looked_at) == ["04-03 1", "04-10 跳过", "04-17 2", "04-24 3"]


def test_dates_past_the_term_are_named_and_can_be_left_out(make, me, term) -> None:
    plan = wish(make, term, first_day=date(2026, 6, 20), lessons=3)
    looked_at = look(make, me, plan)
    assert told(looked_at) == ["06-26 1", "07-03 2", "07-10 3"]
    assert [len(one.clashes) for one in looked_at.meetings] == [0, 1, 1]
    assert "超出学期" in looked_at.clashing[0].clashes[0].sentence
    left_out = look(make, me, plan, {one.key for one in looked_at.clashing})
    assert told(left_out) == ["06-26 1", "07-03 跳过", "07-10 跳过"]
    assert left_out.fits


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"hours": ()}, "hours"),
        ({"hours": (Hour(4, 1140, 90), Hour(4, 1200, 60))}, "hours"),
        ({"hours": (Hour(4, 1400, 90),)}, "hours"),
        ({"min_age": 60, "max_age": 50}, "max_age"),
        ({"course_id": 999999}, "course_id"),
        ({"term_id": 999999}, "term_id"),
        ({"teacher_id": 999999}, "teacher_id"),
        ({"room_id": 999999}, "room_id"),
        ({"published_at": datetime(2026, 3, 1, tzinfo=clock.LOCAL)}, "published_at"),
        ({"closes_at": datetime(2026, 3, 1, tzinfo=clock.LOCAL)}, "closes_at"),
        ({"first_day": date(2027, 6, 1)}, "hours"),
    ],
)
def test_what_makes_no_sense_is_named(make, me, term, given, field) -> None:
    with pytest.raises(Invalid) as refused:
        look(make, me, wish(make, term, **given))
    assert list(refused.value.errors) == [field]


def open_class(make, me, plan, **more) -> int:
    with transaction() as session:
        return plan_class(session, me, plan, make.now, **more)


def test_a_taken_room_and_a_busy_teacher_are_told_apart(make, me, term) -> None:
    room, teacher = make.room(), make.teacher()
    elsewhere = make.place(name="滨江社区")
    other = signed_in(make.staff("worker", elsewhere))
    hall = make.room(elsewhere)
    open_class(make, me, wish(make, term, room_id=room.id, lessons=1))
    open_class(make, other, wish(make, term, place_id=elsewhere.id, room_id=hall.id, lessons=2,
                                 teacher_id=teacher.id, hours=(Hour(4, 1200, 60),)))  # fmt: skip
    plan = wish(make, term, room_id=room.id, teacher_id=teacher.id, lessons=3)
    looked_at = look(make, me, plan)
    said = [[clash.sentence for clash in one.clashes] for one in looked_at.lessons]
    assert said == [
        ["201教室 19:00–20:30 已有“声乐基础”",
         "陈国栋老师 20:00–21:00 在滨江社区上“声乐基础”"],
        ["陈国栋老师 20:00–21:00 在滨江社区上“声乐基础”"],
        [],
    ]  # fmt: skip
    with pytest.raises(PlanClashes, match="有 2 次课有冲突"):
        open_class(make, me, plan)
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 2
    open_class(make, me, plan, skipped={"2026-04-03T19:00", "2026-04-10T19:00"})


def test_a_substitute_is_busy_and_the_usual_teacher_is_not(make, me, term) -> None:
    usual, other = make.teacher(), make.teacher("李雪梅")
    run_id = open_class(make, me, wish(make, term, teacher_id=usual.id, lessons=1))
    db.session.execute(update(Lesson).where(Lesson.run_id == run_id).values(teacher_id=other.id))
    db.session.commit()
    assert look(make, me, wish(make, term, teacher_id=usual.id, lessons=1)).fits
    assert not look(make, me, wish(make, term, teacher_id=other.id, lessons=1)).fits


def test_lessons_outside_the_agreement_are_named(make, me, term) -> None:
    teacher = make.teacher(agreement_from=date(2026, 4, 10), agreement_until=date(2026, 4, 17))
    looked_at = look(make, me, wish(make, term, teacher_id=teacher.id, lessons=4))
    said = [[clash.sentence for clash in one.clashes] for one in looked_at.lessons]
    outside = ["不在陈国栋老师的协议期内"]
    assert said == [outside, [], [], outside]


def test_part_of_a_divided_hall_clashes_with_the_whole(make, me, term) -> None:
    left = make.room(name="左厅")
    whole = make.room(name="大厅", atoms=list(db.session.scalars(select(Atom))))
    open_class(make, me, wish(make, term, room_id=left.id, lessons=1))
    looked_at = look(make, me, wish(make, term, room_id=whole.id, lessons=1))
    assert looked_at.clashing[0].clashes[0].sentence == "大厅 19:00–20:30 已有“声乐基础”"


def test_a_room_that_is_blocked_says_so(make, me, term) -> None:
    room = make.room()
    start = datetime(2026, 4, 3, 18, tzinfo=clock.LOCAL)
    make.add(Occupancy(atom_id=db.session.scalars(select(Atom.id)).one(), starts_at=start,
                       ends_at=start + timedelta(hours=2), occupant_kind=OccupantKind.BLOCK,
                       occupant_id=1))  # fmt: skip
    looked_at = look(make, me, wish(make, term, room_id=room.id, lessons=1))
    assert looked_at.clashing[0].clashes[0].sentence == "201教室 18:00–20:00 已有“场地停用”"


def test_what_is_new_since_the_preview_is_shown_again(make, me, term) -> None:
    plan = wish(make, term, room_id=make.room().id, lessons=3)
    seen = {one.mark for one in look(make, me, plan).meetings}
    make.closure(starts_on=date(2026, 4, 10), ends_on=date(2026, 4, 10))
    with pytest.raises(PlanChanged):
        open_class(make, me, plan, seen=seen)
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 0
    looked_at = look(make, me, plan)
    assert [looked_at.is_new(one, seen) for one in looked_at.meetings] == [
        False, True, False, True,
    ]  # fmt: skip
    open_class(make, me, plan, seen={one.mark for one in looked_at.meetings})


def test_a_new_class_keeps_its_pattern_and_is_audited(make, me, term) -> None:
    run_id = open_class(make, me, wish(make, term, hours=(TUESDAY, THURSDAY), lessons=4))
    run = db.session.get_one(CourseRun, run_id)
    assert (run.weekday, run.from_minute) == (3, 1140)  # that of the first lesson
    hours = db.session.execute(
        select(RunHour.weekday, RunHour.from_minute, RunHour.minutes).order_by(RunHour.weekday)
    ).all()
    assert hours == [(1, 1140, 90), (3, 1140, 90)]
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_id, note.after["lessons"]) == ("class.plan", run_id, 4)


_hours = st.lists(
    st.builds(Hour, st.integers(0, 6), st.sampled_from([540, 840, 1140]), st.just(90)),
    min_size=1, max_size=3, unique_by=lambda hour: (hour.weekday, hour.from_minute),
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hours=_hours, lessons=st.one_of(st.none(), st.integers(1, 20)),
    closed=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=2),
    off=st.sets(st.integers(0, 90), max_size=4), skip=st.sets(st.integers(0, 20), max_size=4),
    in_room=st.booleans(),
)  # fmt: skip
def test_what_is_made_is_what_was_previewed(
    make, me, term, hours, lessons, closed, off, skip, in_room
) -> None:
    for model in (CalendarDay, Closure):
        db.session.execute(delete(model))
    db.session.commit()
    room = make.once("room", make.room)
    start = date(2026, 4, 1)
    for first, days in closed:
        make.closure(starts_on=start + timedelta(first), ends_on=start + timedelta(first + days))
    for day in off:
        make.day(start + timedelta(day))
    plan = wish(make, term, hours=tuple(hours), lessons=lessons,
                room_id=room.id if in_room else None)  # fmt: skip
    first_look = look(make, me, plan)
    skipped = {one.key for number, one in enumerate(first_look.lessons) if number in skip}
    skipped |= {one.key for one in first_look.clashing}
    assume(len(skipped) < len(first_look.lessons))
    looked_at = look(make, me, plan, skipped)
    seen = {one.mark for one in looked_at.meetings}
    written = count_lessons()
    if not looked_at.fits:
        with pytest.raises(PlanClashes):
            open_class(make, me, plan, skipped=skipped, seen=seen)
        assert count_lessons() == written
        return
    run_id = open_class(make, me, plan, skipped=skipped, seen=seen)
    made = db.session.execute(
        select(Lesson.starts_at, Lesson.ends_at, Lesson.number)
        .where(Lesson.run_id == run_id)
        .order_by(Lesson.number)
    ).all()
    assert made == [(one.starts_at, one.ends_at, one.number) for one in looked_at.lessons]
    assert not skipped & {one.key for one in looked_at.lessons}


def count_lessons() -> int:
    return db.session.scalar(select(func.count()).select_from(Lesson))
