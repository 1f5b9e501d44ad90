"""Attendance: who may be checked in to what, when, and what a second try does."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.booking.errors import CheckInNotOpen, CodeExpired, NotHeld
from backend.db import db, transaction
from backend.errors import NotFound
from backend.night_school import attendance
from backend.night_school.attendance import check_in_self, mark, mark_all_present
from backend.night_school.class_codes import SECONDS, class_code
from backend.night_school.errors import ChoosePerson, LessonCancelled
from backend.night_school.models import Attendance, CheckInBy, Presence
from backend.staff.models import AuditEntry

TAP = CheckInBy.TAP


def own(tonight, who, at, code=None, person=None):
    with transaction() as session:
        return check_in_self(
            session, who.me, tonight.lesson.id, code or class_code(tonight.lesson.id, at), at,
            person_id=person.id if person else None,
        )  # fmt: skip


def tap(tonight, booking, presence, at):
    with transaction() as session:
        return mark(session, tonight.lesson.id, booking.id, presence, TAP, tonight.worker.id, at)


def row(booking):
    return db.session.scalars(
        select(Attendance).where(Attendance.booking_id == booking.id)
    ).one_or_none()


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (-31, CheckInNotOpen),
        (-30, "present"),
        (0, "present"),
        (10, "present"),
        (11, "late"),
        (90, "late"),
        (91, CheckInNotOpen),
    ],
)
def test_the_window_of_self_check_in(tonight, minute, expected) -> None:
    wang, booking = tonight.enrol()
    if expected is CheckInNotOpen:
        with pytest.raises(CheckInNotOpen):
            own(tonight, wang, tonight.minutes(minute))
        assert row(booking) is None
        return
    seen = own(tonight, wang, tonight.minutes(minute))
    assert (seen["presence"], seen["already"], seen["person_name"]) == (expected, False, "王秀英")
    assert (row(booking).presence, row(booking).taken_by) == (expected, "class_code")


@pytest.mark.parametrize(
    ("windows", "accepted"), [(-1, False), (0, True), (1, True), (2, False), (180, False)]
)
def test_a_code_is_good_for_its_window_and_the_next(tonight, windows, accepted) -> None:
    wang, booking = tonight.enrol()
    shown = class_code(tonight.lesson.id, tonight.starts_at)
    at = tonight.starts_at + timedelta(seconds=windows * SECONDS)
    if accepted:
        assert own(tonight, wang, at, shown.lower())["presence"] == "present"
    else:
        with pytest.raises(CodeExpired):
            own(tonight, wang, at, shown)
        assert row(booking) is None


@pytest.mark.parametrize("code", ["", "AAAAAAAA", "签到", "A" * 300])
def test_it_refuses_codes_nobody_shows(tonight, code) -> None:
    wang, _ = tonight.enrol()
    with pytest.raises(CodeExpired):
        own(tonight, wang, tonight.starts_at, code or " ")


def test_a_code_may_be_typed_as_it_is_read(tonight, monkeypatch) -> None:
    wang, _ = tonight.enrol()
    monkeypatch.setattr("backend.booking.rotating_codes._code", lambda *_: "OIB2QWER")
    assert own(tonight, wang, tonight.starts_at, " 018 2qwer ")["presence"] == "present"


def test_the_code_of_another_lesson_is_not_this_ones(tonight) -> None:
    wang, _ = tonight.enrol()
    other = class_code(tonight.lesson.id + 1, tonight.starts_at)
    with pytest.raises(CodeExpired):
        own(tonight, wang, tonight.starts_at, other)


def test_scanning_twice_changes_nothing_and_says_when(tonight) -> None:
    wang, _ = tonight.enrol()
    first = own(tonight, wang, tonight.minutes(-8))
    again = own(tonight, wang, tonight.minutes(30))
    assert (again["already"], again["presence"], again["at"]) == (True, "present", first["at"])


def test_a_daughter_checks_her_father_in(tonight) -> None:
    daughter, _ = tonight.make.resident("李梅"), None
    father, booking = tonight.enrol("李建国")
    tonight.make.consent(daughter.account, father.person)
    assert own(tonight, daughter, tonight.starts_at)["person_name"] == "李建国"
    assert row(booking).presence == "present"


def test_it_asks_whom_where_several_of_the_household_attend(tonight) -> None:
    mother = tonight.make.resident("李梅")
    (son, _), (girl, booking) = tonight.enrol("李小明"), tonight.enrol("李小红")
    for child in (son, girl):
        tonight.make.consent(mother.account, child.person, relation="child")
    with pytest.raises(ChoosePerson) as refused:
        own(tonight, mother, tonight.starts_at)
    assert {one["name"] for one in refused.value.data["people"]} == {"李小明", "李小红"}
    assert own(tonight, mother, tonight.starts_at, person=girl.person)["booking_id"] == booking.id


def test_it_refuses_strangers_the_waiting_and_other_peoples_family(tonight) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    wang, _ = tonight.enrol()
    waiting, _ = tonight.enrol("李建国", wait=True)
    stranger = tonight.make.resident("赵敏")
    for who, person in ((waiting, None), (stranger, None), (stranger, wang.person)):
        with pytest.raises(NotHeld):
            own(tonight, who, tonight.starts_at, person=person)


def test_a_cancelled_lesson_takes_nobody(tonight) -> None:
    wang, booking = tonight.enrol()
    tonight.lesson.cancelled_at = tonight.make.now
    db.session.commit()
    with pytest.raises(LessonCancelled):
        own(tonight, wang, tonight.starts_at)
    with pytest.raises(LessonCancelled):
        tap(tonight, booking, Presence.PRESENT, tonight.starts_at)


def test_an_unknown_lesson_is_not_found(tonight) -> None:
    wang, _ = tonight.enrol()
    with pytest.raises(NotFound), transaction() as session:
        check_in_self(session, wang.me, 999999, "AAAAAAAA", tonight.starts_at)


@pytest.mark.parametrize(
    ("presence", "minute", "allowed"),
    [
        (Presence.EXCUSED, -3 * 1440, True),
        (Presence.PRESENT, -31, False),
        (Presence.ABSENT, -31, False),
        (Presence.PRESENT, -30, True),
        (Presence.LATE, 20, True),
        (Presence.LEFT_EARLY, 3 * 1440, True),
    ],
)
def test_when_staff_may_mark(tonight, presence, minute, allowed) -> None:
    _, booking = tonight.enrol()
    if allowed:
        assert tap(tonight, booking, presence, tonight.minutes(minute))["presence"] == presence
        assert row(booking).presence == presence
    else:
        with pytest.raises(CheckInNotOpen):
            tap(tonight, booking, presence, tonight.minutes(minute))


def test_a_tap_changes_the_mark_and_the_audit_knows_both(tonight) -> None:
    _, booking = tonight.enrol()
    tap(tonight, booking, Presence.PRESENT, tonight.starts_at)
    assert tap(tonight, booking, Presence.LATE, tonight.starts_at)["before"] == "present"
    tap(tonight, booking, Presence.LATE, tonight.starts_at)
    assert tap(tonight, booking, None, tonight.starts_at)["before"] == "late"
    assert row(booking) is None
    notes = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    changes = [(note.before["marks"], note.after["marks"]) for note in notes]
    key = str(booking.id)
    assert changes == [
        ({key: None}, {key: "present"}),
        ({key: "present"}, {key: "late"}),
        ({key: "late"}, {key: None}),
    ]


def test_a_scan_makes_an_absent_person_late(tonight) -> None:
    wang, booking = tonight.enrol()
    tap(tonight, booking, Presence.ABSENT, tonight.minutes(12))
    assert own(tonight, wang, tonight.minutes(15))["presence"] == "late"
    assert row(booking).presence == "late"


def test_a_mark_needs_a_confirmed_enrolment_of_this_class(tonight) -> None:
    _, booking = tonight.enrol()
    tonight.cancel(booking)
    with pytest.raises(NotHeld):
        tap(tonight, booking, Presence.PRESENT, tonight.starts_at)


def test_all_present_leaves_marks_alone(tonight) -> None:
    _, excused = tonight.enrol("李建国")
    tonight.enrol("王秀英")
    tonight.enrol("张国强")
    tap(tonight, excused, Presence.EXCUSED, tonight.minutes(-60))
    with transaction() as session:
        assert mark_all_present(
            session, tonight.lesson.id, tonight.worker.id, tonight.starts_at
        ) == 2  # fmt: skip
    with transaction() as session:
        assert mark_all_present(
            session, tonight.lesson.id, tonight.worker.id, tonight.starts_at
        ) == 0  # fmt: skip
    seen = attendance.counts(db.session(), tonight.lesson.id)
    assert (seen["enrolled"], seen["came"], seen["excused"], seen["unmarked"]) == (3, 2, 1, 0)


def test_two_workers_at_once_make_one_row_each(own_app, now) -> None:
    """Both tap everybody while a third scans the class's code; nobody fails, nothing doubles."""
    from tests.factories import Make
    from tests.night_school.conftest import Class

    with own_app.app_context():
        make = Make(now)
        run = make.run(lead=timedelta(minutes=20))
        lesson = db.session.scalars(
            select(attendance.Lesson).where(attendance.Lesson.run_id == run.id)
        ).first()
        from backend.staff.models import Staff

        workers = [
            make.add(Staff(username=name, name=name, password_hash="x", created_at=now))
            for name in ("chen", "zhou")
        ]
        tonight = Class(make, run, lesson, workers[0])
        bookings = [tonight.enrol(f"居民{number}")[1].id for number in range(6)]
        lesson_id, ids = lesson.id, [worker.id for worker in workers]
    failed: list[BaseException] = []

    def work(staff_id, order):
        try:
            with own_app.app_context():
                for booking_id in order:
                    with transaction() as session:
                        mark(session, lesson_id, booking_id, Presence.PRESENT, TAP, staff_id, now)
                with transaction() as session:
                    mark_all_present(session, lesson_id, staff_id, now)
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=work, args=(ids[0], bookings)),
        threading.Thread(target=work, args=(ids[1], bookings[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failed
    with own_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attendance)) == 6
