"""The attendance page: taps, codes, everybody at once, undo, and the code on the screen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def worker(console: Console, tonight: ClassTonight) -> Console:
    return console.as_(tonight.worker)


def marks():
    db.session.expire_all()
    return {
        row.booking_id: row.presence
        for row in db.session.execute(select(Attendance.booking_id, Attendance.presence))
    }


def at(tonight, path):
    return f"/classes/lessons/{tonight.lesson.id}{path}"


def test_a_tap_marks_and_answers_with_the_row_and_the_count(worker, tonight) -> None:
    booking = tonight.enrol()
    path = at(tonight, f"/marks/{booking.id}")
    answer = worker.post(path, {"presence": "present"}, headers=HTMX)
    assert answer.status_code == 200
    assert f'id="row-{booking.id}"' in answer.text
    assert "1 / 1 已到" in text_of(answer)
    assert marks() == {booking.id: "present"}
    worker.post(path, {"presence": ""}, headers=HTMX)
    assert marks() == {}


def test_it_works_without_script(worker, tonight) -> None:
    booking = tonight.enrol()
    answer = worker.post(at(tonight, f"/marks/{booking.id}"), {"presence": "late"})
    assert answer.status_code == 302
    assert marks() == {booking.id: "late"}


@pytest.mark.parametrize("presence", ["here", "PRESENT", "x" * 300])
def test_odd_marks_are_refused(worker, tonight, presence) -> None:
    booking = tonight.enrol()
    answer = worker.post(at(tonight, f"/marks/{booking.id}"), {"presence": presence})
    assert answer.status_code == 422
    assert marks() == {}


@pytest.mark.parametrize("path", ["/marks/{booking}", "/all-present", "/undo", "/codes"])
def test_posts_are_for_those_in_reach_with_a_token(console, worker, tonight, path) -> None:
    booking = tonight.enrol()
    path = at(tonight, path.format(booking=booking.id))
    form = {"presence": "present", "code": "123456"}
    assert worker.post(path, form, csrf=False).status_code == 400
    for someone in (tonight.stranger, tonight.other_teacher):
        assert console.as_(someone).post(path, form).status_code == 404
    assert marks() == {}


def test_the_teacher_takes_attendance_of_the_own_class(console, tonight) -> None:
    booking = tonight.enrol()
    answer = console.as_(tonight.teacher).post(at(tonight, "/all-present"), headers=HTMX)
    assert "1 / 1 已到" in text_of(answer)
    assert marks() == {booking.id: "present"}


def test_all_present_and_undo(worker, tonight) -> None:
    first, second = tonight.enrol("李建国"), tonight.enrol("王秀英")
    worker.post(at(tonight, f"/marks/{first.id}"), {"presence": "excused"})
    answer = worker.post(at(tonight, "/all-present"), headers=HTMX)
    assert "撤销" in text_of(answer)
    assert marks() == {first.id: "excused", second.id: "present"}
    worker.post(at(tonight, "/undo"), headers=HTMX)
    assert marks() == {first.id: "excused"}
    worker.post(at(tonight, "/undo"), headers=HTMX)
    assert marks() == {}
    answer = worker.post(at(tonight, "/undo"), headers=HTMX)
    assert answer.status_code == 409
    assert "没有可以撤销" in text_of(answer)


@pytest.mark.parametrize("form", ["xf:b:{code}", "{short}"])
def test_a_code_shows_the_name_large(worker, tonight, form) -> None:
    booking = tonight.enrol()
    code = form.format(code=booking.code, short=booking.short_code)
    answer = worker.post(at(tonight, "/codes"), {"code": code}, headers=HTMX)
    assert 'data-verdict="good"' in answer.text
    assert "王秀英" in answer.text
    assert f'id="row-{booking.id}"' in answer.text
    assert marks() == {booking.id: "present"}
    again = worker.post(at(tonight, "/codes"), {"code": code}, headers=HTMX)
    assert 'data-verdict="again"' in again.text
    assert f"{clock.local(tonight.make.now):%H:%M} 已经签过到" in text_of(again)


def test_a_refused_code_is_a_red_card(worker, tonight) -> None:
    tonight.enrol()
    answer = worker.post(at(tonight, "/codes"), {"code": "xf:b:nobody"}, headers=HTMX)
    assert answer.status_code == 409
    assert 'data-verdict="bad"' in answer.text
    assert "没有找到这个签到码" in text_of(answer)
    without_script = worker.post(at(tonight, "/codes"), {"code": "000000"})
    assert "没有找到这个签到码" in text_of(without_script)
    for bad in ("", "x" * 201):
        assert worker.post(at(tonight, "/codes"), {"code": bad}, headers=HTMX).status_code == 422
    assert marks() == {}


def test_several_with_the_same_digits_are_offered(worker, tonight) -> None:
    first, second = tonight.enrol("李建国"), tonight.enrol("王秀英")
    first.short_code = second.short_code = "246810"
    db.session.commit()
    answer = worker.post(at(tonight, "/codes"), {"code": "246810"}, headers=HTMX)
    assert 'data-verdict="ask"' in answer.text
    assert "李建国" in answer.text
    assert marks() == {}


def test_the_page_asks_for_news_cheaply(worker, tonight) -> None:
    booking = tonight.enrol()
    page = worker.get(at(tonight, "")).text
    seen = page.split('id="seen" name="seen" value="')[1].split('"')[0]
    assert worker.get(at(tonight, f"/rows?seen={seen}")).status_code == 204
    worker.post(at(tonight, f"/marks/{booking.id}"), {"presence": "present"})
    assert worker.get(at(tonight, f"/rows?seen={seen}")).status_code == 200


def test_the_screen_shows_another_code_each_time(worker, tonight, now) -> None:
    first = worker.get(at(tonight, "/code/now")).text
    with clock.frozen(now + timedelta(seconds=20)):
        second = worker.get(at(tonight, "/code/now")).text
    assert "<svg" in first
    assert first.split("<svg")[1].split("</svg")[0] != second.split("<svg")[1].split("</svg")[0]


def test_the_code_is_hidden_until_check_in_opens(worker, tonight, now) -> None:
    with clock.frozen(now - timedelta(minutes=21)):
        page = worker.get(at(tonight, "/code/now"))
    assert "<svg" not in page.text
    assert "开始签到" in text_of(page)


def test_a_cancelled_lesson_is_said_to_be(worker, tonight) -> None:
    tonight.enrol()
    tonight.lesson.cancelled_at = tonight.make.now
    db.session.commit()
    page = worker.get(at(tonight, ""))
    assert "这次课已经取消" in text_of(page)
    assert "data-codes" not in page.text


@pytest.mark.parametrize(
    ("minutes", "scans", "says"),
    [(-31, False, "现在可以先记请假"), (0, True, ""), (120, False, "已经下课")],
)
def test_the_page_offers_what_may_be_done_now(console, tonight, now, minutes, scans, says) -> None:
    tonight.enrol()
    with clock.frozen(now + timedelta(minutes=minutes + 10)):
        page = console.as_(tonight.worker).get(at(tonight, ""))
    assert ("data-codes" in page.text) is scans
    assert says in text_of(page)
    assert ("全部到齐" in text_of(page)) is (minutes >= -30)
    assert (page.text.count(" disabled") == 7) is (minutes < -30)


def test_scan_goes_straight_to_the_one_lesson_that_is_on(console, worker, tonight) -> None:
    assert worker.get("/scan").location == f"/admin/classes/lessons/{tonight.lesson.id}"
    tonight.make.run(course=tonight.make.course("太极拳"), starts_at=tonight.lesson.starts_at)
    both = text_of(worker.get("/scan"))
    assert "声乐基础" in both
    assert "太极拳" in both
    assert "今天没有课" in text_of(console.as_(tonight.stranger).get("/scan"))


def test_the_reason_of_an_excuse_stands_beside_the_name(worker, tonight) -> None:
    from backend.night_school.excuses.models import Excuse

    booking = tonight.enrol()
    tonight.make.add(Excuse(lesson_id=tonight.lesson.id, booking_id=booking.id, reason="去医院复查",
                            account_id=tonight.make.resident("李梅").account.id,
                            asked_at=tonight.make.now))  # fmt: skip
    assert "请假：去医院复查" in text_of(worker.get(at(tonight, "")))
    [one] = worker.get(at(tonight, "/sheet.json")).json["people"]
    assert one["excuse_reason"] == "去医院复查"
