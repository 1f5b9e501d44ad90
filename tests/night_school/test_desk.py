"""What staff do to a class as a whole."""

import pytest
from sqlalchemy import select

from backend.booking.errors import Cancelled, CapacityTooSmall
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school import desk, publishing
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry
from tests.factories import fresh
from tests.night_school.staffing import signed_in


@pytest.fixture
def worker(make):
    return signed_in(make.staff("worker"))


def run_verb(verb, *args, **kwargs):
    with transaction() as session:
        return verb(session, *args, **kwargs)


def told(kind):
    return db.session.scalars(select(Reminder.booking_id).where(Reminder.kind == kind)).all()


def test_publishing_shows_the_class_once(tonight, worker, now) -> None:
    tonight.run.published_at = None
    db.session.commit()
    run_verb(publishing.publish, worker, tonight.run.id, now)
    assert fresh(tonight.run).published_at == now
    run_verb(publishing.publish, worker, tonight.run.id, now)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions == ["class.publish"]


def test_a_class_without_coming_lessons_is_not_published(tonight, worker, make) -> None:
    empty = make.run(lessons=0, published_at=None, ends_at=tonight.run.ends_at)
    with pytest.raises(Invalid):
        run_verb(publishing.publish, worker, empty.id, make.now)


def test_added_places_go_to_the_line(tonight, worker, now) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    tonight.enrol()
    _, waiting = tonight.enrol("李建国", wait=True)
    run_verb(desk.change_capacity, worker, tonight.run.id, 2, now)
    assert db.session.get_one(Booking, waiting.id, populate_existing=True).state == "offered"
    assert told(Kind.OFFERED) == [waiting.id]


def test_fewer_places_than_taken_need_a_decision_with_a_reason(tonight, worker, now) -> None:
    tonight.enrol()
    tonight.enrol("李建国")
    with pytest.raises(CapacityTooSmall):
        run_verb(desk.change_capacity, worker, tonight.run.id, 1, now)
    with pytest.raises(Invalid):
        run_verb(desk.change_capacity, worker, tonight.run.id, 1, now, overbook=True)
    run_verb(desk.change_capacity, worker, tonight.run.id, 1, now, overbook=True, reason="换小教室")
    run = fresh(tonight.run)
    assert (run.capacity, run.overbooked, run.taken) == (1, 1, 2)
    note = db.session.scalars(select(AuditEntry)).one()
    assert note.after == {"capacity": 1, "overbooked": 1, "reason": "换小教室"}


def test_a_cancelled_class_ends_every_enrolment_and_tells_all(tonight, worker, now) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    _, placed = tonight.enrol()
    _, waiting = tonight.enrol("李建国", wait=True)
    assert run_verb(desk.cancel_class, worker, tonight.run.id, "老师生病", now) == 2
    assert run_verb(desk.cancel_class, worker, tonight.run.id, "老师生病", now) == 0
    run = fresh(tonight.run)
    assert (run.cancelled_at, run.taken, run.waiting) == (now, 0, 0)
    assert sorted(told(Kind.CANCELLED)) == sorted([placed.id, waiting.id])
    for verb, args in ((publishing.publish, ()), (desk.change_capacity, (5,))):
        with pytest.raises(Cancelled):
            run_verb(verb, worker, tonight.run.id, *args, now)


def test_taking_one_off_the_list_moves_the_line_up(tonight, worker, now) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    _, placed = tonight.enrol()
    _, waiting = tonight.enrol("李建国", wait=True)
    run_verb(desk.cancel_enrolment, worker, tonight.run.id, placed.id, "搬家", now)
    assert told(Kind.CANCELLED) == [placed.id]
    assert told(Kind.OFFERED) == [waiting.id]
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    with pytest.raises(NotFound):
        run_verb(desk.cancel_enrolment, worker, other.id, waiting.id, "搬家", now)


@pytest.mark.parametrize("role", ["worker", "manager", "teacher"])
def test_nobody_from_elsewhere_and_no_teacher_decides(tonight, make, now, role) -> None:
    place = None if role == "teacher" else make.place()
    me = signed_in(make.staff(role, place))
    for verb, args in (
        (publishing.publish, ()),
        (desk.change_capacity, (5,)),
        (desk.cancel_class, ("原因",)),
        (desk.cancel_enrolment, (1, "原因")),
    ):
        with pytest.raises(NotFound):
            run_verb(verb, me, tonight.run.id, *args, now)
