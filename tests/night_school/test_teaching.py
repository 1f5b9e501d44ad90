"""Substitutes, agreements, and the hours each teacher really taught."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school import classes, editing, hours, lessons
from backend.night_school.editing import Edit, Scope
from backend.night_school.errors import TeacherBusy
from backend.night_school.handover import hand_over_classes
from backend.night_school.models import Lesson
from backend.night_school.queries import get_run
from backend.night_school.reach import access_class, access_lesson
from backend.night_school.teaching import reassign
from backend.places.models import Closure
from backend.reminders.models import Kind, Reminder
from backend.staff.access import Permission
from tests.factories import fresh
from tests.night_school.staffing import signed_in

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
TAKE = Permission.TAKE_ATTENDANCE


@pytest.fixture
def worker(make):
    return signed_in(make.staff("worker"))


def lessons_of(run):
    db.session.expire_all()
    query = select(Lesson).where(Lesson.run_id == run.id).order_by(Lesson.number)
    return db.session.scalars(query).all()


def stand_in(make, me, lesson, teacher, scope=Scope.THIS):
    asked = Edit(
        starts_at=lesson.starts_at, ends_at=lesson.ends_at, room_id=lesson.room_id,
        teacher_id=teacher and teacher.id, scope=scope,
    )  # fmt: skip
    with transaction() as session:
        return editing.edit_lessons(session, me, lesson.id, asked, make.now)


def taught(me, now, **asked):
    period = hours.period(db.session, asked, now)
    return hours.lessons_taught(db.session, me, period, now)


def test_a_substitute_is_told_shown_and_taken_back(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    li = make.teacher("李雪梅")
    stand_in(make, worker, tonight.lesson, li)
    stand_in(make, worker, fresh(tonight.lesson), li)
    told = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CHANGED)).all()
    assert [(row.booking_id, row.facts["other_teacher"]) for row in told] == [(booking.id, True)]
    seen = get_run(db.session, tonight.run.id, make.now)["lesson_list"]
    assert [one["substitute_name"] for one in seen] == ["李雪梅", None]
    stand_in(make, worker, fresh(tonight.lesson), None)
    assert fresh(tonight.lesson).teacher_id is None


def test_a_substitute_reaches_that_lesson_and_nothing_else(make, worker) -> None:
    own = make.staff("teacher", name="陈国栋")
    account = make.staff("teacher", name="李雪梅")
    li = make.teacher("李雪梅", staff_id=account.id)
    run = make.run(teacher_id=make.teacher(staff_id=own.id).id, lead=HOUR)
    first, second = lessons_of(run)
    me = signed_in(account)
    with pytest.raises(NotFound):
        access_lesson(db.session, me, TAKE, first.id)
    stand_in(make, worker, first, li)
    found = access_lesson(db.session, me, TAKE, first.id)
    assert (found.teacher_name, found.reaches_class) == ("李雪梅", False)
    assert [one["id"] for one in classes.lessons_today(db.session, me, make.now)] == [first.id]
    for ident in (second.id, first.id + 999):
        with pytest.raises(NotFound):
            access_lesson(db.session, me, TAKE, ident)
    with pytest.raises(NotFound):
        access_class(db.session, me, Permission.SEE_CLASSES, run.id)
    assert access_lesson(db.session, signed_in(own), TAKE, first.id).reaches_class


def test_a_substitute_cannot_be_in_two_places(make, worker) -> None:
    li = make.teacher("李雪梅")
    make.run(course=make.course("太极拳"), teacher_id=li.id)
    run = make.run(teacher_id=make.teacher().id)
    with pytest.raises(TeacherBusy, match="太极拳"):
        stand_in(make, worker, lessons_of(run)[0], li)
    asked = Edit(starts_at=make.now + DAY, ends_at=make.now + DAY + HOUR, room_id=None,
                 teacher_id=987654)  # fmt: skip
    with pytest.raises(Invalid):
        editing.plan_edit(db.session, worker, lessons_of(run)[0].id, asked, make.now)
    db.session.rollback()


def test_who_stands_in_is_busy_there(make, worker) -> None:
    """The substitute's own class cannot be moved onto the lesson they stand in for."""
    li = make.teacher("李雪梅")
    theirs = make.run(course=make.course("太极拳"), teacher_id=li.id, lead=9 * DAY)
    run = make.run(teacher_id=make.teacher().id)
    stand_in(make, worker, lessons_of(run)[0], li)
    lesson = lessons_of(theirs)[0]
    asked = Edit(starts_at=lesson.starts_at - 2 * DAY, ends_at=lesson.ends_at - 2 * DAY,
                 room_id=None)  # fmt: skip
    with pytest.raises(TeacherBusy, match="声乐基础"), transaction() as session:
        editing.edit_lessons(session, worker, lesson.id, asked, make.now)


def test_a_lesson_is_put_back_under_the_substitute_if_they_are_free(make, worker) -> None:
    li = make.teacher("李雪梅")
    run = make.run(teacher_id=make.teacher().id)
    lesson = lessons_of(run)[0]
    stand_in(make, worker, lesson, li)
    with transaction() as session:
        lessons.cancel_lesson(session, worker, lesson.id, "停电", make.now)
    make.run(course=make.course("太极拳"), teacher_id=li.id)
    with pytest.raises(TeacherBusy, match="太极拳"), transaction() as session:
        lessons.put_back(
            session, worker, lesson.id, lesson.starts_at, lesson.ends_at, None, make.now
        )


@pytest.mark.parametrize(
    ("since", "until", "warned"),
    [
        (None, None, []), (None, date(2026, 3, 19), [2]), (date(2026, 3, 26), None, [1]),
        (date(2026, 3, 19), date(2026, 3, 26), []),
    ],
)  # fmt: skip
def test_lessons_outside_the_agreement_are_a_warning(make, worker, since, until, warned) -> None:
    chen = make.teacher(agreement_from=since, agreement_until=until)
    run = make.run(teacher_id=chen.id)  # on the 18th and 25th
    first = lessons_of(run)[0]
    asked = Edit(
        starts_at=first.starts_at + DAY, ends_at=first.ends_at + DAY, room_id=None,
        scope=Scope.ALL, teacher_id=None,
    )  # fmt: skip
    plan = editing.plan_edit(db.session, worker, first.id, asked, make.now)
    db.session.rollback()
    assert [(one.number, one.kind) for one in plan.clashes] == [(n, "agreement") for n in warned]
    assert not plan.refused
    with transaction() as session:
        editing.edit_lessons(session, worker, first.id, asked, make.now)
    shown = classes.lessons_of(db.session, run.id, make.now)
    assert [one["number"] for one in shown if one["outside_agreement"]] == warned


def test_a_day_off_is_a_warning(make, worker) -> None:
    """One would be on 清明, one while the place is shut."""
    run = make.run(starts_at=make.now + 7 * DAY, lessons=3)  # 18, 25 March and 1 April
    make.add(
        Closure(
            place_id=run.place_id,
            starts_on=date(2026, 3, 30),
            ends_on=date(2026, 3, 30),
            reason="电路检修",
        )
    )
    first = lessons_of(run)[0]
    asked = Edit(starts_at=first.starts_at + 5 * DAY, ends_at=first.ends_at + 5 * DAY,
                 room_id=None, scope=Scope.ALL)  # fmt: skip
    plan = editing.plan_edit(db.session, worker, first.id, asked, make.now)
    db.session.rollback()
    assert [(one.number, one.kind) for one in plan.clashes] == [(2, "day_off"), (3, "day_off")]
    assert "电路检修" in str(plan.clashes[0])
    assert not plan.refused


def test_hours_count_what_was_held_by_who_held_it(make, worker) -> None:
    chen, li = make.teacher(), make.teacher("李雪梅")
    run = make.run(teacher_id=chen.id, lessons=4)
    first, second, third, _ = lessons_of(run)
    stand_in(make, worker, second, li)
    third.cancelled_at = make.now
    make.run(teacher_id=chen.id, published_at=None)  # a draft never meets
    make.run(teacher_id=chen.id, cancelled_at=make.now)
    make.run(teacher_id=chen.id, place=make.place())  # out of reach
    db.session.commit()
    assert taught(worker, first.ends_at - HOUR / 2) == []
    after = make.now + 5 * WEEK
    march = taught(worker, after, month=date(2026, 3, 1))
    assert {(one["teacher_name"], one["number"], one["minutes"]) for one in march} == {
        ("李雪梅", 2, 90), ("陈国栋", 1, 90),
    }  # fmt: skip
    sums = hours.by_teacher(taught(worker, after, term_id=run.term_id))
    assert {(one["name"], one["lessons"], one["minutes"]) for one in sums} == {
        ("陈国栋", 2, 180), ("李雪梅", 1, 90),
    }  # fmt: skip
    assert [one["runs"][0]["substituted"] for one in sums if one["name"] == "李雪梅"] == [1]
    sheet = load_workbook(BytesIO(hours.sheet("三月", march))).active
    assert [cell.value for cell in sheet["H"]][1:] == [90, 90, 90, 90]  # two lessons, two sums
    with pytest.raises(NotFound):
        taught(worker, after, term_id=98765)


def test_a_new_teacher_does_not_get_the_old_ones_hours(make, worker) -> None:
    chen, li = make.teacher(), make.teacher("李雪梅")
    run = make.run(teacher_id=chen.id, lead=-WEEK, lessons=3)
    now = make.now + HOUR
    with transaction() as session:
        reassign(session, [run.id], li.id, now)
    assert [one.teacher_id for one in lessons_of(run)] == [chen.id, chen.id, None]
    with transaction() as session:
        reassign(session, [run.id], chen.id, now)
    assert [one.teacher_id for one in lessons_of(run)] == [None, None, None]


def test_who_leaves_hands_over_the_lessons_they_would_stand_in_for(make, worker) -> None:
    leaver, heir = make.staff("teacher"), make.staff("teacher", name="李雪梅")
    stands_in = make.teacher("周敏", staff_id=leaver.id)
    run = make.run(teacher_id=make.teacher().id)
    stand_in(make, worker, lessons_of(run)[1], stands_in)
    with transaction() as session:
        hand_over_classes(session, worker, leaver.id, heir.id, make.now)
    first, second = lessons_of(run)
    assert first.teacher_id is None
    assert access_lesson(db.session, signed_in(heir), TAKE, second.id).teacher_name == "李雪梅"
    assert clock.today(second.starts_at) == date(2026, 3, 25)
    assert db.session.scalars(select(Booking)).all() == []
