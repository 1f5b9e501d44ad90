"""Who stays away is warned once, and staff may then offer the place on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.db import db, transaction
from backend.night_school import absences
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.service import Enrolment, enrol
from backend.reminders.models import InboxMessage, Kind, Reminder
from backend.scheduler import run_once
from backend.staff.models import AuditEntry
from tests.console import Console, text_of

MARKS = {"p": "present", "a": "absent", "x": "excused", "X": "excused_after", "m": "made_up",
         "?": "unknown"}  # fmt: skip


@pytest.fixture
def run(make):
    return make.run(lessons=8, capacity=1)


@pytest.fixture
def wang(make, run):
    return signed_up(make, run, "王秀英")


def signed_up(make, run, name: str, *, wait: bool = False):
    who = make.resident(name)
    asked = Enrolment(run_id=run.id, person_id=who.person.id, wait=wait)
    with transaction() as session:
        booked = enrol(session, who.me, asked, make.now)
    return db.session.get_one(Booking, booked.booking_id)


def marked(booking, marks: str):
    """The lessons so far, one mark each ('.': none); the moment a day after the last."""
    lessons = db.session.scalars(
        select(Lesson).where(Lesson.run_id == booking.bookable_id).order_by(Lesson.number)
    ).all()[: len(marks)]
    for lesson, mark in zip(lessons, marks, strict=True):
        if mark != ".":
            db.session.add(
                Attendance(
                    lesson_id=lesson.id, booking_id=booking.id, presence=Presence(MARKS[mark]),
                    taken_by=CheckInBy.TAP, at=lesson.starts_at,
                )
            )  # fmt: skip
    db.session.commit()
    return lessons[-1].ends_at + timedelta(days=1)


def warned_about() -> list[int]:
    rows = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.ABSENT_AGAIN))
    return [row.facts["absent"] for row in rows]


def warn(now) -> int:
    with transaction() as session:
        return absences.warn(session, now)


@pytest.mark.parametrize(
    ("marks", "warned"),
    [
        ("paa", [2]),
        ("aa", [2]),
        ("pa", []),
        ("aap", []),  # came again
        ("aam", []),  # made it up elsewhere
        ("axa", [2]),  # an excuse neither counts nor ends the row
        ("aXx", []),
        ("a?.a", [2]),  # nor does a mark nobody knows, or none
        ("aaa", [3]),
    ],
)
def test_the_second_absence_in_a_row_is_told(wang, marks: str, warned: list[int]) -> None:
    now = marked(wang, marks)
    assert (warn(now), warned_about()) == (len(warned), warned)


def test_it_is_told_once_and_anew_after_having_come(wang) -> None:
    first = marked(wang, "aa")
    assert [warn(first), warn(first), warn(first + timedelta(days=5))] == [1, 0, 0]
    db.session.execute(Attendance.__table__.delete())
    db.session.commit()
    assert warn(marked(wang, "aapaa")) == 1
    assert warned_about() == [2, 2]


def test_not_before_mistakes_are_corrected(wang) -> None:
    now = marked(wang, "aa")
    assert warn(now - timedelta(hours=13)) == 0
    assert warn(now - timedelta(hours=12)) == 1


def test_nobody_is_told_of_a_class_that_is_over(wang) -> None:
    now = marked(wang, "paaaaaaa")
    assert warn(now) == 0


def test_the_message_reaches_the_inbox(app, make, wang) -> None:
    now = marked(wang, "aa")
    with clock.frozen(now):
        assert run_once(app) == []
    [told] = db.session.scalars(
        select(InboxMessage.body).where(InboxMessage.title == "好几次没见到您了")
    )
    assert "已经连续 2 次没有到课" in told
    assert "连续 3 次不来，名额可能会让给候补的邻居" in told


@pytest.fixture
def worker(make):
    return make.staff("worker")


def offered_on(console: Console, worker, booking, now):
    path = f"/classes/{booking.bookable_id}/enrolments/{booking.id}/offer-on"
    with clock.frozen(now):
        return console.as_(worker).post(path, {"reason": "三次没来，电话联系不上"})


def state_of(booking) -> str:
    db.session.expire_all()
    return db.session.get_one(Booking, booking.id).state


def test_staff_give_the_place_to_the_next_in_line(make, console, worker, run, wang) -> None:
    lee = signed_up(make, run, "李雪梅", wait=True)
    now = marked(wang, "aaa")
    warn(now)
    assert offered_on(console, worker, wang, now).status_code == 302
    assert (state_of(wang), state_of(lee)) == ("cancelled", "offered")
    stands = db.session.get_one(Bookable, run.id)
    assert stands.promote_until > now  # it had ended at the first lesson: staff let it go on
    told = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CANCELLED)).one()
    assert told.facts["reason"] == "三次没来，电话联系不上"
    audited = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "enrolment.offer_on")
    ).one()
    assert audited.after["offered_to"] == 1


@pytest.mark.parametrize(
    ("marks", "is_warned"), [("aa", True), ("aaa", False), ("aaap", True), ("axxa", True)]
)
def test_not_before_the_limit_nor_without_a_warning(
    console, worker, wang, marks: str, is_warned: bool
) -> None:
    now = marked(wang, marks)
    if is_warned:
        warn(now)
    assert offered_on(console, worker, wang, now).status_code == 409
    assert state_of(wang) == "confirmed"


def test_out_of_reach_it_is_not_found(make, console, wang) -> None:
    far = make.staff("worker", make.place(name="滨江社区"))
    now = marked(wang, "aaa")
    warn(now)
    assert offered_on(console, far, wang, now).status_code == 404
    assert state_of(wang) == "confirmed"


def test_staff_see_them_today_and_on_the_class(console, worker, wang) -> None:
    now = marked(wang, "aaa")
    with clock.frozen(now):
        desk = console.as_(worker)
        for path in ("/", f"/classes/{wang.bookable_id}"):
            page = text_of(desk.get(path))
            assert "连续 3 次没来" in page
            assert "待提醒" in page
        path = f"/classes/{wang.bookable_id}/enrolments/{wang.id}/offer-on"
        assert "系统会先提醒，之后才能让出名额" in text_of(desk.get(path))
