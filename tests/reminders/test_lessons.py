"""Lesson reminders: derived once, doubted when due, worded for the evening and for two hours."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.booking import bookables
from backend.booking import service as booking_service
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.night_school import reminding
from backend.night_school.models import CourseRun, Lesson
from backend.reminders.models import Kind
from tests.factories import Make, Signed, fresh
from tests.reminders.post import Post, inbox, only_reminder, reminders

HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """A moment of March 2026 in Shanghai, like `12T18:30`."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=clock.LOCAL)


def derive(now: datetime) -> int:
    with transaction() as session:
        return reminding.derive(session, now)


def told(kind: Kind) -> list[tuple[str, str]]:
    return [(clock.local(row.due_at).strftime("%dT%H:%M"), row.state) for row in
            reminders(kind=kind)]  # fmt: skip


def evening_class(make: Make, **given: object) -> CourseRun:
    """One lesson, on Friday the 13th at 19:00; the clock stands at noon on the 11th."""
    return make.run(starts_at=at("13T19:00"), lessons=1, room_id=make.room().id, **given)


def lesson_of(run: CourseRun) -> Lesson:
    return db.session.query(Lesson).filter_by(run_id=run.id).one()


@pytest.fixture
def wang(make: Make, post: Post) -> Signed:
    wang = make.resident()
    post.allow(wang, "lesson", "changed", times=5)
    return wang


def test_two_for_each_confirmed_booking(post: Post, make: Make, wang: Signed) -> None:
    run = evening_class(make, capacity=1)
    post.enrol(run, wang)
    post.enrol(run, make.resident("李建国"), wait=True)
    assert derive(at("11T19:00")) == 2
    assert told(Kind.LESSON_EVE) == [("12T18:30", "due")]
    assert told(Kind.LESSON_SOON) == [("13T17:00", "due")]


def test_deriving_twice_changes_nothing(post: Post, make: Make, wang: Signed) -> None:
    post.enrol(evening_class(make), wang)
    assert derive(at("12T12:00")) == 2
    assert derive(at("12T12:00")) == 0
    post.deliver(at("12T18:30"))
    assert derive(at("12T18:31")) == 0
    assert told(Kind.LESSON_EVE) == [("12T18:30", "sent")]


def test_nothing_is_written_long_before(post: Post, make: Make, wang: Signed) -> None:
    post.enrol(evening_class(make), wang)
    assert derive(at("11T12:00")) == 0


def test_what_is_said(post: Post, make: Make, wang: Signed) -> None:
    run = evening_class(make, course=make.course(bring="水杯和老花镜"))
    post.enrol(run, wang)
    post.deliver()
    derive(at("12T12:00"))
    post.deliver(at("12T18:30"))
    post.deliver(at("13T17:00"))
    _booked, eve, soon = inbox(wang)
    assert eve.body == (
        "王秀英您好，您报名的《声乐基础》明晚 19:00 在春晖社区 201教室上课。请带水杯和老花镜。"
    )
    assert soon.body.startswith("王秀英您好，您报名的《声乐基础》今晚 19:00 在春晖社区")
    assert [message["template_id"] for message in post.on_phone(wang)] == ["standin-lesson"] * 2
    assert post.on_phone(wang)[0]["data"]["thing4"] == "请带水杯和老花镜"


def test_who_enrols_late_gets_what_is_still_to_come(post: Post, make: Make, wang: Signed) -> None:
    run = evening_class(make)
    with clock.frozen(at("12T20:00")):
        post.enrol(run, wang)
    assert derive(at("12T20:05")) == 1
    assert told(Kind.LESSON_SOON) == [("13T17:00", "due")]


def test_an_outage_over_the_evening_is_made_up_for(post: Post, make: Make, wang: Signed) -> None:
    post.enrol(evening_class(make), wang)
    derive(at("12T12:00"))
    post.deliver(at("12T21:00"))
    assert told(Kind.LESSON_EVE) == [("12T18:30", "sent")]


def test_the_evening_reminder_is_moot_two_hours_before(
    post: Post, make: Make, wang: Signed
) -> None:
    post.enrol(evening_class(make), wang)
    derive(at("12T12:00"))
    post.deliver(at("13T17:00"))
    assert told(Kind.LESSON_EVE) == [("12T18:30", "dropped")]
    assert told(Kind.LESSON_SOON) == [("13T17:00", "sent")]


def test_an_early_lesson_rings_at_seven(post: Post, make: Make, wang: Signed) -> None:
    run = make.run(starts_at=at("13T08:00"), lessons=1)
    post.enrol(run, wang)
    derive(at("12T12:00"))
    assert told(Kind.LESSON_SOON) == [("13T07:00", "due")]


@pytest.mark.parametrize("moment", ["12T12:00", "12T20:00"])
def test_a_moved_lesson_is_reminded_of_anew(
    post: Post, make: Make, wang: Signed, moment: str
) -> None:
    """Before the evening reminder and after it."""
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    derive(at("12T10:00"))
    post.deliver(at(moment))
    lesson = lesson_of(run)
    with transaction() as session:
        lesson.starts_at, lesson.ends_at = at("20T19:00"), at("20T20:30")
        run.ends_at = lesson.ends_at
        session.add_all([lesson, run])
        session.flush()
        assert (
            reminding.tell_lesson_changed(
                session, lesson.id, at(moment), was_at=at("13T19:00"), was_room="201教室"
            )
            == 1
        )
    post.deliver(at(moment))
    assert inbox(wang)[-1].body == (
        "王秀英您好，您报名的《声乐基础》原定明晚 19:00 的课改到3月20日（周五）19:00，"
        "在春晖社区 201教室上课。"
    )
    post.deliver(at("13T17:00"))
    derive(at("19T12:00"))
    post.deliver(at("19T18:30"))
    post.deliver(at("20T17:00"))
    before = "dropped" if moment == "12T12:00" else "sent"
    assert told(Kind.LESSON_EVE) == [("12T18:30", before), ("19T18:30", "sent")]
    assert told(Kind.LESSON_SOON) == [("13T17:00", "dropped"), ("20T17:00", "sent")]


def test_a_cancelled_lesson_is_told_once_and_not_reminded_of(
    post: Post, make: Make, wang: Signed
) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    derive(at("12T12:00"))
    with transaction() as session:
        session.get_one(Lesson, lesson_of(run).id).cancelled_at = at("12T13:00")
        session.flush()
        reminding.tell_lesson_changed(
            session, lesson_of(run).id, at("12T13:00"), was_at=at("13T19:00"), was_room=None
        )
    post.deliver(at("12T13:00"))
    post.deliver(at("13T17:00"))
    assert [copy.title for copy in inbox(wang)] == ["报名成功", "停课通知"]
    assert inbox(wang)[1].body.endswith("原定明晚 19:00 的课停课一次，请不要跑空。")
    assert {row.state for row in reminders(kind=Kind.LESSON_SOON)} == {"dropped"}
    assert derive(at("12T14:00")) == 0


def test_moved_twice_before_anybody_is_told_is_told_once(
    post: Post, make: Make, wang: Signed
) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    lesson = lesson_of(run)
    for day in ("14T19:00", "15T19:00"):
        with transaction() as session:
            moved = session.get_one(Lesson, lesson.id)
            moved.starts_at, moved.ends_at = at(day), at(day) + HOUR
            session.flush()
            reminding.tell_lesson_changed(
                session, lesson.id, at("11T23:00"), was_at=at("13T19:00"), was_room="201教室"
            )
    assert {clock.local(row.due_at) for row in reminders(kind=Kind.CHANGED)} == {at("12T07:00")}
    post.deliver(at("12T07:00"))
    assert [copy.title for copy in inbox(wang)] == ["报名成功", "上课时间有变"]
    assert "3月15日（周日）19:00" in inbox(wang)[1].body


def test_a_move_back_is_not_told(post: Post, make: Make, wang: Signed) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    with transaction() as session:
        reminding.tell_lesson_changed(
            session, lesson_of(run).id, at("11T13:00"), was_at=at("13T19:00"), was_room="201教室"
        )
    post.deliver(at("11T13:00"))
    assert only_reminder(kind=Kind.CHANGED).state == "dropped"


def test_a_move_of_today_is_told_at_night(post: Post, make: Make, wang: Signed) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    with transaction() as session:
        lesson = session.get_one(Lesson, lesson_of(run).id)
        lesson.starts_at = at("13T07:30")
        session.flush()
        reminding.tell_lesson_changed(
            session, lesson.id, at("13T05:00"), was_at=at("13T19:00"), was_room=None
        )
    post.deliver(at("13T05:00"))
    assert inbox(wang)[-1].title == "上课时间有变"
    assert len(post.on_phone(wang)) == 1


def test_a_cancelled_run_is_told_to_each_and_reminds_nobody(
    post: Post, make: Make, wang: Signed
) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    derive(at("12T12:00"))
    with transaction() as session:
        bookables.cancel(session, run.id, Actor(staff_id=None), at("12T13:00"))
    post.deliver(at("12T13:00"))
    assert inbox(wang)[-1].body == (
        "王秀英您好，您报名的《声乐基础》因故取消，不再开课。给您带来不便，请谅解。"
    )
    post.deliver(at("12T18:30"))
    assert told(Kind.LESSON_EVE) == [("12T18:30", "dropped")]


def test_an_offer_names_its_deadline_and_is_dropped_after_it(post: Post, make: Make) -> None:
    run, wang, li = evening_class(make, capacity=1), make.resident(), make.resident("李建国")
    post.allow(li, "offered")
    first, second = post.enrol(run, wang), post.enrol(run, li, wait=True)
    post.deliver()
    assert inbox(li)[0].body.endswith("目前排在第 1 位。有名额时会马上通知您。")
    with transaction() as session:
        booking_service.cancel(session, first.id, Actor(account_id=wang.account.id), make.now)
    until = fresh(second).offer_until
    post.deliver()
    [message] = post.on_phone(li)
    assert message["template_id"] == "standin-offered"
    assert message["data"]["time3"] == f"2026年{clock.local(until):%-m月%-d日 %H:%M}"
    assert "有名额了，为您保留到" in inbox(li)[1].body


def test_an_offer_that_ran_out_is_not_made(post: Post, make: Make) -> None:
    run, wang, li = evening_class(make, capacity=1), make.resident(), make.resident("李建国")
    first, second = post.enrol(run, wang), post.enrol(run, li, wait=True)
    with transaction() as session:
        booking_service.cancel(session, first.id, Actor(account_id=wang.account.id), make.now)
    post.deliver(fresh(second).offer_until)
    assert only_reminder(kind="offered").state == "dropped"


@pytest.mark.parametrize(
    ("facts", "title", "said"),
    [
        ({"put_back": True}, "恢复上课", "原来停课的一次课恢复上课：3月13日（周五）19:00，在"),
        (
            {"put_back": True, "first_moved": True},
            "恢复上课",
            "在春晖社区 201教室。来不了的话，明晚 19:00 前都可以取消。",
        ),
        ({"added": True}, "加课通知", "加上一次课：3月13日（周五）19:00，在春晖社区 201教室。"),
        ({"series": 8}, "课程安排有变", "有 8 次课调整了安排：原定3月20日（周五）19:00 的课改为"),
    ],
)
def test_what_else_is_told_of_lessons(
    post: Post, make: Make, wang: Signed, facts: dict[str, object], title: str, said: str
) -> None:
    run = evening_class(make)
    post.enrol(run, wang)
    post.deliver()
    with transaction() as session:
        reminding.tell_lesson_changed(
            session, lesson_of(run).id, at("11T12:00"), was_at=at("20T19:00"), was_room="201教室",
            **facts,
        )  # fmt: skip
    post.deliver(at("11T12:00"))
    told = inbox(wang)[-1]
    assert told.title == title
    assert said.replace("3月13日（周五）", "后天晚上 ") in told.body or said in told.body
    assert len(post.on_phone(wang)) == 1
