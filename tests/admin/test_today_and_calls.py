"""The first page, and the list of people to call."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db
from backend.reminders.models import Delivery, Kind, Reminder
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.desk.test_people import enrol_at_desk
from tests.factories import Make, fresh


@pytest.fixture
def wang(app: Flask, cast: SimpleNamespace) -> Console:
    return Console(app).as_(cast.wang)


@pytest.fixture
def call(make: Make, cast) -> Reminder:
    """Zhao, who has no phone app, was booked for and nothing reached her."""
    zhao = make.person("赵桂兰", phone="13812345678", home_place_id=cast.estate.id)
    enrol_at_desk(make, cast, make.run(), zhao)
    reminder = db.session.scalars(select(Reminder)).one()
    reminder.state, reminder.settled_at = Delivery.UNREACHED, make.now
    reminder.place_id, reminder.reason = cast.here.id, None
    db.session.commit()
    return reminder


def test_todays_lessons_of_my_places(app, wang, cast, make: Make) -> None:
    at = make.now + timedelta(hours=3)
    room = make.room()
    chen = make.teacher("陈老师", staff_id=cast.chen.id)
    run = make.run(starts_at=at, teacher_id=chen.id, room_id=room.id)
    make.run(starts_at=at, place=cast.there, course=make.course("太极拳"))
    make.run(starts_at=make.now + timedelta(days=1), course=make.course("剪纸"))
    make.run(starts_at=at, course=make.course("书法"))
    enrol_at_desk(make, cast, run, make.person("赵桂兰"))
    page = text_of(wang.get("/"))
    assert "15:00" in page
    assert "声乐基础 第 1 次课 春晖社区 201教室 · 陈老师" in page
    assert "0 /1" in page
    assert "书法" in page
    assert "太极拳" not in page
    assert "剪纸" not in page
    own = text_of(Console(app).as_(cast.chen).get("/"))
    assert "声乐基础" in own
    assert "书法" not in own
    assert "待打电话" not in own


def test_an_empty_day_says_so(wang: Console, cast) -> None:
    assert "今天没有课" in text_of(wang.get("/"))


def test_lessons_of_a_year_whose_holidays_are_unknown_are_pointed_out(wang, cast, make) -> None:
    make.run(lessons=2)
    assert "节假日安排还没有公布" not in text_of(wang.get("/"))
    make.run(lessons=2, starts_at=make.now + timedelta(days=365 * 20))
    assert "2046 年的法定节假日安排还没有公布" in text_of(wang.get("/"))


def test_whoever_has_no_role_sees_an_empty_page(app: Flask, cast, make: Make) -> None:
    from backend.staff.models import StaffRole

    nobody = make.staff()
    db.session.execute(StaffRole.__table__.delete().where(StaffRole.staff_id == nobody.id))
    db.session.commit()
    browser = Console(app).as_(nobody)
    assert browser.get("/").status_code == 200
    assert browser.get("/people").status_code == 403


def test_the_first_page_takes_the_same_reads_for_many(wang, cast, make, statements) -> None:
    def somebody_waits(run) -> None:
        enrol_at_desk(make, cast, run, make.person("赵", home_place_id=cast.estate.id), wait=True)

    run = make.run(capacity=1, starts_at=make.now + timedelta(hours=3))
    somebody_waits(run)
    statements.clear()
    wang.get("/")
    few = len(statements)
    for _more in range(8):
        somebody_waits(make.run(capacity=1, starts_at=make.now + timedelta(hours=3)))
        somebody_waits(run)
    statements.clear()
    assert wang.get("/").status_code == 200
    assert len(statements) == few


def test_who_was_not_reached_is_called_and_ticked_off(wang, cast, call: Reminder, make) -> None:
    assert text_of(wang.get("/")).count("1 待打电话") == 1
    page = text_of(wang.get("/calls"))
    assert "赵桂兰" in page
    assert "138****5678" in page
    assert "声乐基础" in page
    shown = wang.post(f"/calls/{call.id}/phone", headers={"HX-Request": "true"})
    assert "13812345678" in shown.text
    assert wang.post(f"/calls/{call.id}/done", {"note": "已告知女儿"}).status_code == 302
    row = fresh(call)
    assert (row.called_by_id, row.call_note, row.called_at) == (
        cast.wang.id, "已告知女儿", make.now)  # fmt: skip
    assert "没有需要打的电话" in text_of(wang.get("/calls"))
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["person.show_phone", "call.tick_off"]
    assert wang.post(f"/calls/{call.id}/phone").status_code == 404


def test_who_works_for_a_canteen_calls_about_meals_only(app, cast, call: Reminder, make) -> None:
    clerk = Console(app).as_(make.staff("clerk", cast.here))
    assert "没有需要打的电话" in text_of(clerk.get("/calls"))
    for door in ("phone", "done"):
        assert clerk.post(f"/calls/{call.id}/{door}").status_code == 404
    assert fresh(call).called_at is None


def test_without_javascript_the_number_is_shown_on_the_page(wang, call: Reminder) -> None:
    page = wang.post(f"/calls/{call.id}/phone")
    assert "13812345678" in page.text
    assert "电话通知" in text_of(page)


def test_a_note_that_is_too_long_is_shown(wang: Console, call: Reminder) -> None:
    response = wang.post(f"/calls/{call.id}/done", {"note": "长" * 101})
    assert response.status_code == 422
    assert fresh(call).called_at is None


def test_other_places_calls_are_not_found(app, cast, call: Reminder) -> None:
    lin = Console(app).as_(cast.lin)
    assert "赵桂兰" not in text_of(lin.get("/calls"))
    for verb in ("phone", "done"):
        assert lin.post(f"/calls/{call.id}/{verb}").status_code == 404
    assert fresh(call).called_at is None
    assert not db.session.scalars(select(AuditEntry)).all()


def test_a_cancelled_class_is_not_told_any_more(wang: Console, call: Reminder) -> None:
    booking = db.session.scalars(select(Booking)).one()
    booking.state = "cancelled"
    db.session.commit()
    assert call.kind == Kind.BOOKED
    assert "没有需要打的电话" in text_of(wang.get("/calls"))


def test_a_clerk_begins_at_the_canteen_and_is_led_to_nothing_of_classes(
    console, cast, make: Make, call
) -> None:
    clerk = console.as_(make.staff("clerk", cast.here))
    assert clerk.get("/").headers["Location"].endswith("/admin/canteens")
    card = clerk.get(f"/people/{call.person_id}")
    assert card.status_code == 200
    assert "帮居民报名" not in text_of(card)
    assert clerk.get("/classes").status_code == 403


def test_a_cook_sees_no_residents(console, cast, make: Make, call) -> None:
    cook = console.as_(make.staff("cook", cast.here))
    assert cook.get("/").headers["Location"].endswith("/admin/kitchen")
    for path in ("/people", f"/people/{call.person_id}", "/canteens", "/classes"):
        assert cook.get(path).status_code == 403


def test_who_brings_hands_out_or_settles_meals_sees_no_residents(
    console, cast, make: Make, call
) -> None:
    for role in ("dispatcher", "courier", "counter", "accountant"):
        someone = console.as_(make.staff(role, cast.here))
        for path in ("/people", f"/people/{call.person_id}", "/canteens", "/classes", "/staff"):
            assert someone.get(path).status_code == 403
