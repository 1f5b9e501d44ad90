"""The lesson pages: what is shown before several lessons move, putting back, adding."""

import html
import re
from datetime import date, timedelta

import pytest

from backend.db import db, transaction
from backend.night_school.models import Lesson
from backend.staff import audit
from tests.admin.classes import ClassTonight
from tests.console import text_of
from tests.factories import fresh

SPAN = {"day": "2026-03-19", "start": "19:00", "until": "20:30"}


@pytest.fixture
def tonight(make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def second(tonight):
    return db.session.query(Lesson).filter_by(run_id=tonight.run.id, number=2).one()


def test_several_lessons_are_shown_before_they_move(console, tonight, second) -> None:
    worker, was = console.as_(tonight.worker), second.starts_at
    path = f"/classes/lessons/{tonight.lesson.id}/change"
    form = {"day": "2026-03-12", "start": "18:00", "until": "19:00", "scope": "all"}
    seen = text_of(worker.post(path, form))
    assert "会动 2 次课" in seen
    assert "确认调整" in seen
    assert fresh(second).starts_at == was
    assert worker.post(path, form | {"confirmed": "true"}).status_code == 302
    assert f"{fresh(second).starts_at:%m-%d %H:%M}" == "03-19 10:00"


def test_the_way_back_from_the_look_keeps_what_was_filled_in(console, tonight) -> None:
    worker = console.as_(tonight.worker)
    path = f"/classes/lessons/{tonight.lesson.id}/change"
    form = {"day": "2026-03-12", "start": "18:00", "until": "19:00", "scope": "onwards"}
    look = worker.post(path, form)
    back = re.findall(r'href="/admin(/classes/lessons/[^"]+day=[^"]+)"', look.text)
    assert len(back) == 1
    page = worker.get(html.unescape(back[0])).text
    for kept in ('value="2026-03-12"', 'value="18:00"', '<option value="onwards" selected'):
        assert kept in page


def test_a_clash_is_named_and_cannot_be_confirmed(console, tonight, second) -> None:
    room = tonight.make.room()
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    theirs = db.session.query(Lesson).filter_by(run_id=other.id, number=1).one()
    worker = console.as_(tonight.worker)
    form = SPAN | {"room_id": room.id, "confirmed": "true"}
    assert worker.post(f"/classes/lessons/{theirs.id}/change", form).status_code == 302
    path = f"/classes/lessons/{second.id}/change"
    seen = text_of(worker.post(path, SPAN | {"room_id": room.id, "scope": "onwards"}))
    assert "教室有人用" in seen
    assert "太极拳" in seen
    assert "确认调整" not in seen
    assert worker.post(path, form | {"scope": "onwards"}).status_code == 409
    assert fresh(second).room_id is None


def test_putting_back(console, tonight, second) -> None:
    worker = console.as_(tonight.worker)
    worker.post(f"/classes/lessons/{second.id}/cancel", {"reason": "停电"})
    page = worker.get(f"/classes/{tonight.run.id}")
    assert "恢复第 2 次课" in page.text
    assert "恢复这次课" in text_of(worker.get(f"/classes/lessons/{second.id}/change"))
    path = f"/classes/lessons/{second.id}/put-back"
    assert console.as_(tonight.stranger).post(path, SPAN).status_code == 404
    assert console.as_(tonight.teacher).post(path, SPAN).status_code == 403
    for bad in ({"day": "2026-03-01"}, {"start": "99"}, {"until": "18:00"}, {"room_id": "x"}):
        assert worker.post(path, SPAN | bad).status_code == 422, bad
    assert worker.post(path.replace(str(second.id), "99999"), SPAN).status_code == 404
    assert worker.post(path, SPAN).status_code == 302
    assert fresh(second).cancelled_at is None
    assert worker.post(path, SPAN).status_code == 302  # it takes place already


def test_adding(console, tonight) -> None:
    worker, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/lessons/new"
    assert "加一次课" in text_of(worker.get(path))
    assert console.as_(tonight.stranger).get(path).status_code == 404
    assert console.as_(tonight.stranger).post(path, SPAN).status_code == 404
    assert worker.post(path, {}).status_code == 422
    assert worker.post(path, SPAN).status_code == 302
    numbers = [row.number for row in db.session.query(Lesson).filter_by(run_id=tonight.run.id)]
    assert sorted(numbers) == [1, 2, 3]
    clash = worker.post(path, SPAN)
    assert clash.status_code == 409
    assert "同一时间本班还有一次课" in text_of(clash)


def test_the_substitute_takes_attendance_of_that_lesson_alone(console, tonight, second) -> None:
    booking = tonight.enrol()
    account = tonight.other_teacher
    li = tonight.make.teacher("李雪梅", staff_id=account.id)
    worker = console.as_(tonight.worker)
    form = {"day": "2026-03-11", "start": "12:10", "until": "13:40", "teacher_id": li.id}
    path = f"/classes/lessons/{tonight.lesson.id}/change"
    assert "代课老师" in text_of(worker.get(path))
    assert worker.post(path, form).status_code == 302
    assert "李雪梅代课" in text_of(worker.get(f"/classes/{tonight.run.id}"))
    me = console.as_(account)
    page = me.get(f"/classes/lessons/{tonight.lesson.id}")
    assert page.status_code == 200
    assert f'href="/admin/classes/{tonight.run.id}"' not in page.text
    mark = f"/classes/lessons/{tonight.lesson.id}/marks/{booking.id}"
    assert me.post(mark, {"presence": "present"}).status_code in (200, 302)
    assert me.get(f"/classes/lessons/{second.id}").status_code == 404
    assert me.get(f"/classes/{tonight.run.id}").status_code == 404
    assert worker.post(path, form | {"teacher_id": "98765"}).status_code == 422


def test_an_agreement_is_warned_of_before_saving(console, tonight, second) -> None:
    li = tonight.make.teacher("李雪梅", agreement_until=date(2026, 3, 12))
    path = f"/classes/lessons/{second.id}/change"
    form = {"day": "2026-03-18", "start": "12:10", "until": "13:40", "teacher_id": li.id}
    worker = console.as_(tonight.worker)
    assert "不在李雪梅老师的协议期内" in text_of(worker.post(path, form))
    assert fresh(second).teacher_id is None
    assert worker.post(path, form | {"confirmed": "true"}).status_code == 302
    assert "协议期外" in text_of(worker.get(f"/classes/{tonight.run.id}"))


def test_hours_taught(console, tonight, second) -> None:
    worker = console.as_(tonight.worker)
    assert "这段时间没有上过课" in text_of(worker.get("/classes/hours"))
    tonight.lesson.starts_at -= timedelta(days=1)
    tonight.lesson.ends_at -= timedelta(days=1)
    db.session.commit()
    for query in ("", "?month=2026-03", f"?term_id={tonight.run.term_id}"):
        seen = text_of(worker.get(f"/classes/hours{query}"))
        assert "陈国栋" in seen
        assert "1 次课，1.5 小时" in seen
        assert worker.get(f"/classes/hours.xlsx{query}").data[:2] == b"PK"
    assert worker.get("/classes/hours?month=soon").status_code == 422
    assert worker.get("/classes/hours?term_id=98765").status_code == 404
    assert "陈国栋" not in text_of(console.as_(tonight.stranger).get("/classes/hours"))
    assert console.as_(tonight.teacher).get("/classes/hours").status_code == 403


def test_dates_left_out_in_planning_are_offered_to_be_put_back(console, tonight) -> None:
    with transaction() as session:
        audit.record(
            session, tonight.worker.id, "class.plan", "course_run", tonight.run.id,
            after={"skipped": ["2026-03-25T12:10", "2026-03-18T12:10", "2026-03-04T12:10"]},
        )  # fmt: skip
    worker, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/lessons/new"
    page = worker.get(path)
    assert page.text.count("?day=") == 1  # one is over, one is a lesson
    assert 'value="2026-03-25"' in worker.get(f"{path}?day=2026-03-25").text
    form = {"day": "2026-03-25", "start": "12:10", "until": "13:40"}
    assert worker.post(path, form).status_code == 302
    assert "跳过的日子" not in text_of(worker.get(path))
