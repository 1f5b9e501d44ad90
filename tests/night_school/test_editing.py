"""Moving several lessons at once, putting one back, adding one; what follows from the first."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backend import clock
from backend.booking.errors import Cancelled
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.errors import Invalid, NotFound
from backend.night_school import deadlines, editing, lessons
from backend.night_school.editing import Edit, Scope
from backend.night_school.errors import ClassMeets, LessonCancelled, TeacherBusy
from backend.night_school.models import Lesson
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry
from tests.factories import fresh
from tests.night_school.staffing import signed_in

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)


@pytest.fixture
def worker(make):
    return signed_in(make.staff("worker"))


def lessons_of(run):
    db.session.expire_all()
    query = select(Lesson).where(Lesson.run_id == run.id).order_by(Lesson.number)
    return db.session.scalars(query).all()


def edit_of(lesson, scope, *, by=timedelta(), room_id=None, longer=timedelta()):
    return Edit(
        starts_at=lesson.starts_at + by, ends_at=lesson.ends_at + by + longer, room_id=room_id,
        scope=scope,
    )  # fmt: skip


def edit(make, me, lesson, scope=Scope.THIS, **changed):
    with transaction() as session:
        return editing.edit_lessons(session, me, lesson.id, edit_of(lesson, scope, **changed),
                                    make.now)  # fmt: skip


def plan(make, me, lesson, scope=Scope.THIS, **changed):
    with transaction() as session:
        return editing.plan_edit(session, me, lesson.id, edit_of(lesson, scope, **changed),
                                 make.now)  # fmt: skip


def put_back(make, me, lesson, *, by=timedelta(), room_id=None):
    with transaction() as session:
        return lessons.put_back(
            session, me, lesson.id, lesson.starts_at + by, lesson.ends_at + by, room_id, make.now
        )


def cancel(make, me, lesson):
    with transaction() as session:
        lessons.cancel_lesson(session, me, lesson.id, "停电", make.now)


def told(booking):
    query = select(Reminder).where(
        Reminder.kind == Kind.CHANGED, Reminder.booking_id == booking.id
    )  # fmt: skip
    return db.session.scalars(query).all()


def occupied():
    query = select(Occupancy.occupant_id, Occupancy.starts_at).order_by(Occupancy.starts_at)
    return [tuple(row) for row in db.session.execute(query)]


@pytest.mark.parametrize(
    ("scope", "moved"),
    [(Scope.THIS, [2]), (Scope.ONWARDS, [2, 3, 4]), (Scope.ALL, [1, 2, 3, 4])],
)
def test_a_change_is_carried_as_far_as_asked(make, worker, scope, moved) -> None:
    run = make.run(lessons=4, room_id=make.room().id)
    was = [(one.starts_at, one.ends_at) for one in lessons_of(run)]
    edit(make, worker, lessons_of(run)[1], scope, by=DAY - HOUR, room_id=None)
    for one, (starts_at, ends_at) in zip(lessons_of(run), was, strict=True):
        by = DAY - HOUR if one.number in moved else timedelta()
        assert (one.starts_at - starts_at, one.ends_at - ends_at) == (by, by)
        assert (one.room_id is None) == (one.number in moved)


def test_only_what_differs_is_carried_over(make, worker) -> None:
    """A lesson that has a room and an hour of its own keeps them when the others change days."""
    run = make.run(lessons=3)
    second, room = lessons_of(run)[1], make.room()
    its = second.starts_at + 2 * HOUR
    edit(make, worker, second, by=2 * HOUR, room_id=room.id)
    edit(make, worker, lessons_of(run)[0], Scope.ALL, by=DAY)
    assert lessons_of(run)[1].starts_at == its + DAY
    assert lessons_of(run)[1].room_id == room.id
    assert occupied() == [(second.id, its + DAY)]


def test_everybody_is_told_once_however_many_lessons_move(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    becomes = clock.local(tonight.starts_at + DAY)
    edit(make, worker, tonight.lesson, Scope.ALL, by=DAY)
    assert [row.facts["series"] for row in told(booking)] == [2]
    assert db.session.scalars(select(AuditEntry.action)).all() == ["class.move_lessons"]
    assert fresh(tonight.run).weekday == becomes.weekday()


def test_all_or_nothing(make, worker) -> None:
    """The fourth lesson runs into another class: none of the four moves."""
    room = make.room()
    taken = make.run(
        course=make.course("太极拳"), room_id=room.id, lessons=1, lead=4 * WEEK + HOUR / 2
    )
    with transaction() as session:
        there = lessons_of(taken)[0]
        lessons.take_room(session, room.id, [(there.id, there.starts_at, there.ends_at)], make.now)
    run = make.run(lessons=4)
    was = [one.starts_at for one in lessons_of(run)]
    found = plan(make, worker, lessons_of(run)[0], Scope.ALL, room_id=room.id)
    assert [(one.number, one.kind) for one in found.clashes] == [(4, "room")]
    assert str(found.clashes[0]).endswith("已有“太极拳”")
    with pytest.raises(RoomTaken, match="太极拳"):
        edit(make, worker, lessons_of(run)[0], Scope.ALL, room_id=room.id)
    assert [one.starts_at for one in lessons_of(run)] == was
    assert {one.room_id for one in lessons_of(run)} == {None}
    assert len(occupied()) == 1


def test_lessons_may_take_each_others_places(make, worker) -> None:
    """A week later for all: each moves to where the next one was."""
    run = make.run(lessons=3)
    room = make.room()
    edit(make, worker, lessons_of(run)[0], Scope.ALL, room_id=room.id)
    edit(make, worker, lessons_of(run)[0], Scope.ALL, by=WEEK, room_id=room.id)
    assert [at for _, at in occupied()] == [make.now + n * WEEK for n in (2, 3, 4)]


def test_a_teacher_is_at_one_place_at_a_time(make, worker) -> None:
    chen = make.teacher()
    make.run(course=make.course("太极拳"), teacher_id=chen.id, lead=8 * DAY)
    run = make.run(teacher_id=chen.id)
    with pytest.raises(TeacherBusy, match="太极拳") as refused:
        edit(make, worker, lessons_of(run)[0], Scope.ALL, by=DAY)
    assert refused.value.data["clashes"] == 2
    edit(make, worker, lessons_of(run)[0], Scope.ALL, by=2 * HOUR)


def test_a_double_booking_that_was_there_before_does_not_keep_a_room_from_being_changed(
    make, worker
) -> None:
    chen = make.teacher()
    make.run(course=make.course("太极拳"), teacher_id=chen.id)
    run = make.run(teacher_id=chen.id)
    edit(make, worker, lessons_of(run)[0], room_id=make.room().id)
    assert lessons_of(run)[0].room_id is not None


def test_a_class_does_not_meet_twice_at_once(make, worker) -> None:
    run = make.run()
    with pytest.raises(ClassMeets):
        edit(make, worker, lessons_of(run)[0], by=WEEK + HOUR)


def test_what_is_over_and_what_is_cancelled_stays(make, worker) -> None:
    run = make.run(lessons=3, lead=-DAY)
    over, coming, last = lessons_of(run)
    cancel(make, worker, last)
    edit(make, worker, coming, Scope.ALL, by=HOUR)
    assert lessons_of(run)[0].starts_at == over.starts_at
    assert lessons_of(run)[2].starts_at == last.starts_at
    with pytest.raises(LessonCancelled):
        edit(make, worker, last, by=HOUR)


@pytest.mark.parametrize("by", [-7 * DAY - HOUR, 61 * DAY])
def test_no_lesson_goes_into_the_past_or_out_of_sight(make, worker, by) -> None:
    run = make.run()
    with pytest.raises(Invalid):
        edit(make, worker, lessons_of(run)[0], Scope.ALL, by=by)


def test_deadlines_follow_the_first_lesson(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    first = tonight.starts_at
    found = plan(make, worker, tonight.lesson, by=DAY)
    assert {name: becomes for name, (_, becomes) in found.deadlines.items()} == {
        "closes_at": first + DAY, "promote_until": first + DAY, "cancel_until": first,
    }  # fmt: skip
    edit(make, worker, tonight.lesson, by=DAY)
    run, booked = fresh(tonight.run), db.session.get_one(Booking, booking.id)
    assert (run.starts_at, run.closes_at, run.promote_until) == (first + DAY,) * 3
    assert (run.cancel_until, booked.cancel_until) == (first, first)
    second = lessons_of(tonight.run)[1]
    assert plan(make, worker, second, by=DAY).deadlines == {}


def test_deadlines_that_staff_set_stay(make, worker) -> None:
    closes, until = make.now + 2 * DAY, make.now + 3 * DAY
    run = make.run(closes_at=closes, cancel_until=until)
    edit(make, worker, lessons_of(run)[0], by=DAY)
    run = fresh(run)
    assert (run.closes_at, run.cancel_until) == (closes, until + DAY)
    assert run.promote_until == run.starts_at


D, L = timedelta(days=7), timedelta(days=8)  # a deadline, and the first lesson, from now


@pytest.mark.parametrize(
    ("until", "by", "of_run", "becomes"),
    [
        (D, DAY, D + DAY, D + DAY),  # later: along with the lesson
        (D, -2 * DAY, D - 2 * DAY, D),  # earlier: as promised
        (L - HOUR, DAY, D + DAY, L - HOUR + DAY),  # a kinder promise of one's own moves, too
        (L - HOUR, -DAY, D - DAY, L - HOUR),
        (L + DAY, 3 * DAY, D + 3 * DAY, D + 3 * DAY),  # left from an earlier move: no pile
        (-HOUR, HOUR, None, DAY),  # over already, and the lesson moves: a day to say no
        (-HOUR, HOUR - L, None, HOUR),  # or until it begins
        (-HOUR, timedelta(), None, -HOUR),  # nothing moved
    ],
)
def test_nobody_loses_time_they_were_promised(now, until, by, of_run, becomes) -> None:
    first, of_run = now + L + by, of_run and now + of_run
    assert deadlines.promised(now + until, now + L, first, of_run, now) == now + becomes


def test_who_is_in_keeps_the_deadline_and_who_comes_has_the_new_one(tonight, make, worker) -> None:
    _, early = tonight.enrol()
    promised = early.cancel_until
    edit(make, worker, tonight.lesson, by=-2 * DAY)
    _, late = tonight.enrol("李建国")
    assert (fresh(early).cancel_until, fresh(late).cancel_until) == (promised, promised - 2 * DAY)
    edit(make, worker, fresh(tonight.lesson), by=2 * DAY)
    assert (fresh(early).cancel_until, fresh(late).cancel_until) == (promised, promised)


def test_the_deadline_is_told_where_the_class_begins_at_another_time(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    edit(make, worker, lessons_of(tonight.run)[1], by=HOUR)
    edit(make, worker, tonight.lesson, by=HOUR)
    ids = {one.number: one.id for one in lessons_of(tonight.run)}
    assert {row.lesson_id: row.facts.get("first_moved") for row in told(booking)} == {
        ids[1]: True, ids[2]: None,
    }  # fmt: skip


def test_what_calling_off_the_first_lesson_moves_is_seen_before(tonight, make, worker) -> None:
    first, second = lessons_of(tonight.run)
    moved = deadlines.without(db.session(), tonight.run.id, [first.id])
    assert {name: becomes - was for name, (was, becomes) in moved.items()} == {
        "closes_at": WEEK, "cancel_until": WEEK, "promote_until": WEEK,
    }  # fmt: skip
    assert deadlines.without(db.session(), tonight.run.id, [second.id]) == {}
    assert deadlines.without(db.session(), tonight.run.id, [first.id, second.id]) == {}


def test_an_open_offer_lasts_as_long_as_promised(tonight, make, worker) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    _, placed = tonight.enrol()
    _, waiting = tonight.enrol("李建国", wait=True)
    tonight.cancel(placed)
    offered = db.session.get_one(Booking, waiting.id, populate_existing=True)
    assert offered.state == "offered"
    until = offered.offer_until
    edit(make, worker, tonight.lesson, by=-7 * DAY + HOUR)
    offered = db.session.get_one(Booking, waiting.id, populate_existing=True)
    assert fresh(tonight.run).promote_until == make.now + HOUR < until
    assert offered.offer_until == fresh(tonight.run).next_expiry_at == until


def test_a_cancelled_lesson_is_put_back_where_it_was(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    room = make.room()
    edit(make, worker, tonight.lesson, room_id=room.id)
    cancel(make, worker, fresh(tonight.lesson))
    assert fresh(tonight.run).starts_at == tonight.starts_at + WEEK
    assert put_back(make, worker, fresh(tonight.lesson), room_id=room.id) == tonight.run.id
    lesson, run = fresh(tonight.lesson), fresh(tonight.run)
    assert (lesson.cancelled_at, lesson.number, lesson.room_id) == (None, 1, room.id)
    assert (run.starts_at, run.closes_at) == (tonight.starts_at, tonight.starts_at)
    assert occupied() == [(lesson.id, lesson.starts_at)]
    assert told(booking)[-1].facts["put_back"] is True
    put_back(make, worker, lesson, room_id=room.id)
    assert len(told(booking)) == 3  # another room, cancelled, back: not a fourth


def test_a_lesson_is_put_back_on_another_day_or_not_where_a_room_is_taken(make, worker) -> None:
    room = make.room()
    run = make.run()
    lesson = lessons_of(run)[0]
    edit(make, worker, lesson, room_id=room.id)
    cancel(make, worker, lesson)
    other = lessons_of(make.run(course=make.course("太极拳")))[0]
    edit(make, worker, other, room_id=room.id)
    with pytest.raises(RoomTaken, match="太极拳"):
        put_back(make, worker, lesson, room_id=room.id)
    assert lessons_of(run)[0].cancelled_at is not None
    with pytest.raises(Invalid):
        put_back(make, worker, lesson, by=-9 * DAY)
    becomes = lesson.starts_at + DAY
    put_back(make, worker, lesson, by=DAY, room_id=room.id)
    assert lessons_of(run)[0].starts_at == becomes


def test_an_added_lesson_has_a_number_of_its_own(tonight, make, worker) -> None:
    _, booking = tonight.enrol()
    cancel(make, worker, lessons_of(tonight.run)[1])
    with transaction() as session:
        added = lessons.add_lesson(
            session, worker, tonight.run.id, tonight.starts_at + DAY,
            tonight.starts_at + DAY + HOUR, None, make.now,
        )  # fmt: skip
    assert [one.number for one in lessons_of(tonight.run)] == [1, 2, 3]
    assert lessons_of(tonight.run)[2].id == added
    assert fresh(tonight.run).ends_at == tonight.starts_at + DAY + HOUR
    assert told(booking)[-1].facts["added"] is True
    with pytest.raises(ClassMeets), transaction() as session:
        lessons.add_lesson(
            session, worker, tonight.run.id, tonight.starts_at, tonight.starts_at + HOUR, None,
            make.now,
        )  # fmt: skip


def test_a_cancelled_class_gets_no_lessons(make, worker) -> None:
    run = make.run(cancelled_at=make.now)
    with pytest.raises(Cancelled), transaction() as session:
        lessons.add_lesson(
            session, worker, run.id, make.now + DAY, make.now + DAY + HOUR, None, make.now
        )


@pytest.mark.parametrize("role", ["worker", "manager", "teacher"])
def test_nobody_from_elsewhere_and_no_teacher_changes_lessons(make, role) -> None:
    run = make.run()
    me = signed_in(make.staff(role, None if role == "teacher" else make.place()))
    lesson = lessons_of(run)[0]
    for verb in (edit, plan, put_back):
        with pytest.raises(NotFound):
            verb(make, me, lesson)
    with pytest.raises(NotFound), transaction() as session:
        lessons.add_lesson(session, me, run.id, lesson.starts_at + DAY, lesson.ends_at + DAY,
                           None, make.now)  # fmt: skip


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["cancel", "put_back", *Scope]),
            st.integers(0, 3), st.integers(-3, 8), st.booleans(),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_rooms_and_span_are_true_whatever_staff_do(make, worker, steps) -> None:
    """After each step a lesson that takes place has its room, and the run lasts as they do."""
    room = make.once("shared", make.room)
    with transaction() as session:
        session.query(Occupancy).delete()
    run = make.run(lessons=4)
    for what, index, days, indoors in steps:
        lesson, room_id = lessons_of(run)[index], room.id if indoors else None
        try:
            if what == "cancel":
                cancel(make, worker, lesson)
            elif what == "put_back":
                put_back(make, worker, lesson, by=days * DAY, room_id=room_id)
            else:
                edit(make, worker, lesson, what, by=days * DAY, room_id=room_id)
        except (Invalid, RoomTaken, ClassMeets, LessonCancelled):
            db.session.rollback()
    held = [one for one in lessons_of(run) if one.cancelled_at is None]
    wanted = sorted((one.id, one.starts_at) for one in held if one.room_id is not None)
    assert sorted(occupied()) == wanted
    if held:
        span = fresh(run).starts_at, fresh(run).ends_at
        assert span == (min(o.starts_at for o in held), max(o.ends_at for o in held))
