"""Lessons made up in another class of the course, and the presences that go with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.booking.errors import CheckInNotOpen, NotHeld
from backend.db import db, transaction
from backend.errors import Invalid
from backend.night_school import attendance, made_up, roster
from backend.night_school.attendance import CAME, mark
from backend.night_school.models import Attendance, CheckInBy, CourseRun, Lesson, Presence
from backend.night_school.wording import PRESENCE
from backend.staff.models import AuditEntry

TAP = CheckInBy.TAP


def sister(tonight, *, course=None, lead=timedelta(days=5)):
    """The first lesson of another run, two days before tonight's unless told."""
    course = course or db.session.get_one(CourseRun, tonight.run.id).course_id
    run = tonight.make.run(lead=lead, course_id=course)
    return db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()


def note(tonight, booking, elsewhere, at):
    with transaction() as session:
        made_up.note(session, tonight.lesson.id, booking.id, elsewhere, tonight.worker.id, at)


def row(booking):
    db.session.expire_all()
    return db.session.scalars(
        select(Attendance).where(Attendance.booking_id == booking.id)
    ).one_or_none()


def test_it_is_noted_with_the_lesson_and_counts_as_attended(tonight) -> None:
    _, booking = tonight.enrol()
    elsewhere, at = sister(tonight), tonight.minutes(100)
    assert [
        one["id"] for one in made_up.lessons_elsewhere(db.session(), tonight.lesson.id, at)
    ] == [elsewhere.id]
    note(tonight, booking, elsewhere.id, at)
    assert (row(booking).presence, row(booking).made_up_lesson_id) == ("made_up", elsewhere.id)
    [one] = roster.sheet(db.session(), tonight.lesson.id, tonight.run.id, at)
    assert (one["presence"], one["made_up"]["number"]) == ("made_up", 1)
    assert roster.roster(db.session(), tonight.run.id, at)[0]["came"] == 1
    audited = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert audited == ["attendance.mark", "attendance.made_up"]


def test_where_may_be_told_later_and_taken_back(tonight) -> None:
    _, booking = tonight.enrol()
    elsewhere, at = sister(tonight), tonight.minutes(100)
    note(tonight, booking, None, at)
    assert (row(booking).presence, row(booking).made_up_lesson_id) == ("made_up", None)
    note(tonight, booking, elsewhere.id, at)
    note(tonight, booking, elsewhere.id, at)  # the same again changes nothing
    assert row(booking).made_up_lesson_id == elsewhere.id
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 2
    with transaction() as session:
        mark(session, tonight.lesson.id, booking.id, Presence.LATE, TAP, tonight.worker.id, at)
    assert (row(booking).presence, row(booking).made_up_lesson_id) == ("late", None)


def test_only_lessons_of_the_course_that_were_held_are_offered(tonight) -> None:
    _, booking = tonight.enrol()
    at = tonight.minutes(100)
    other = tonight.make.run(lead=timedelta(days=5), course=tonight.make.course("太极拳"))
    not_this_course = db.session.scalars(select(Lesson.id).where(Lesson.run_id == other.id)).first()
    to_come = sister(tonight, lead=timedelta(days=30)).id
    cancelled = sister(tonight)
    cancelled.cancelled_at = tonight.make.now
    db.session.commit()
    assert made_up.lessons_elsewhere(db.session(), tonight.lesson.id, at) == []
    for wrong in (not_this_course, to_come, cancelled.id, tonight.lesson.id, 987654):
        with pytest.raises(Invalid):
            note(tonight, booking, wrong, at)
    assert row(booking) is None


def test_it_needs_an_enrolment_and_the_time(tonight) -> None:
    _, booking = tonight.enrol()
    with pytest.raises(CheckInNotOpen):
        note(tonight, booking, None, tonight.minutes(-60))
    tonight.cancel(booking)
    with pytest.raises(NotHeld):
        note(tonight, booking, None, tonight.minutes(10))


def test_every_presence_has_its_word_and_is_counted(tonight) -> None:
    assert set(PRESENCE) == set(Presence)
    at = tonight.minutes(20)
    for number, presence in enumerate(Presence):
        _, booking = tonight.enrol(f"居民{number}")
        with transaction() as session:
            mark(session, tonight.lesson.id, booking.id, presence, TAP, tonight.worker.id, at)
    people = roster.sheet(db.session(), tonight.lesson.id, tonight.run.id, at)
    assert roster.count(people) == attendance.counts(db.session(), tonight.lesson.id)
    assert roster.count(people) == dict.fromkeys(map(str, Presence), 1) | {
        "enrolled": 8, "came": len(CAME), "unmarked": 0,
    }  # fmt: skip
    everyone = roster.roster(db.session(), tonight.run.id, at)
    assert [sum(one[name] for one in everyone) for name in ("came", "absent", "excused")] == [
        4,
        1,
        2,
    ]
