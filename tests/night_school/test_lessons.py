"""Moving and cancelling lessons: rooms, participants, and who may."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school import editing, lessons
from backend.night_school.editing import Edit, Scope
from backend.night_school.errors import LessonCancelled, LessonOver
from backend.night_school.models import Lesson
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry
from tests.factories import fresh
from tests.night_school.staffing import signed_in

DAY = timedelta(days=1)


@pytest.fixture
def worker(make):
    return signed_in(make.staff("worker"))


def move(tonight, me, lesson=None, *, by=DAY, room=None, now=None, scope=Scope.THIS):
    lesson = lesson or tonight.lesson
    with transaction() as session:
        asked = Edit(
            starts_at=lesson.starts_at + by, ends_at=lesson.ends_at + by, room_id=room and room.id,
            scope=scope,
        )  # fmt: skip
        return editing.edit_lessons(session, me, lesson.id, asked, now or tonight.make.now)


def cancel(tonight, me, now=None):
    with transaction() as session:
        return lessons.cancel_lesson(
            session, me, tonight.lesson.id, "停电", now or tonight.make.now
        )


def told():
    return db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CHANGED)).all()


def test_a_moved_lesson_moves_the_class_and_tells_it(tonight, worker) -> None:
    _, booking = tonight.enrol()
    was = tonight.starts_at
    room = tonight.make.room()
    assert move(tonight, worker, room=room) == tonight.run.id
    assert fresh(tonight.lesson).starts_at == was + DAY
    assert fresh(tonight.run).starts_at == was + DAY
    assert db.session.get_one(Booking, booking.id).starts_at == was + DAY
    assert [row.booking_id for row in told()] == [booking.id]
    used = db.session.scalars(select(Occupancy)).one()
    assert (used.occupant_id, used.starts_at) == (tonight.lesson.id, was + DAY)
    note = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "lesson.move")).one()
    assert note.before["starts_at"] != note.after["starts_at"]


def test_a_room_in_use_is_refused_and_what_is_there_named(tonight, worker) -> None:
    room = tonight.make.room()
    move(tonight, worker, room=room)
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    theirs = db.session.scalars(select(Lesson).where(Lesson.run_id == other.id)).first()
    with pytest.raises(RoomTaken, match="声乐基础"):
        move(tonight, worker, theirs, room=room)
    assert fresh(theirs).room_id is None
    assert len(db.session.scalars(select(Occupancy)).all()) == 1


def test_the_same_time_and_room_again_changes_nothing(tonight, worker) -> None:
    tonight.enrol()
    move(tonight, worker, by=timedelta())
    assert told() == []


def test_a_cancelled_lesson_frees_its_room_and_tells_once(tonight, worker) -> None:
    tonight.enrol()
    move(tonight, worker, room=tonight.make.room())
    cancel(tonight, worker)
    cancel(tonight, worker)
    assert fresh(tonight.lesson).cancelled_at is not None
    assert db.session.scalars(select(Occupancy)).all() == []
    assert len(told()) == 2  # moved, cancelled
    assert fresh(tonight.run).cancelled_at is None
    with pytest.raises(LessonCancelled):
        move(tonight, worker)


def test_what_is_over_or_would_be_past_is_refused(tonight, worker) -> None:
    with pytest.raises(LessonOver):
        cancel(tonight, worker, now=tonight.minutes(91))
    with pytest.raises(Invalid):
        move(tonight, worker, by=-8 * DAY)


def test_who_may(tonight, make) -> None:
    elsewhere = make.place()
    strangers = [
        make.staff("worker", elsewhere),
        make.staff("manager", elsewhere),
        make.staff("teacher"),
    ]
    for someone in strangers:
        with pytest.raises(NotFound):
            move(tonight, signed_in(someone))
    with pytest.raises(NotFound):  # a room of another community
        move(tonight, signed_in(make.staff("worker")), room=make.room(elsewhere))
