"""A teacher's link: its own class's attendance, by name, until it ends; and nothing else."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from admin.teacher import COOKIE
from backend import clock, config
from backend.db import db
from backend.night_school.models import Attendance, Lesson
from backend.night_school.teacher_links.models import TeacherLink
from backend.staff.models import AuditEntry
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def worker(console: Console, tonight: ClassTonight) -> Console:
    return console.as_(tonight.worker)


def handed_out(worker, tonight, name="沈若兰") -> str:
    """The path that the link given to somebody opens."""
    path = f"/classes/{tonight.run.id}/teacher-links"
    assert worker.post(path, {"name": name}).status_code == 302
    page = worker.get(path)
    address = re.search(r'value="([^"]+/admin/teacher\?key=[^"]+)"', page.text)[1]
    assert "<svg" in page.text
    return address.removeprefix(config.current().public_url + "/admin")


@pytest.fixture
def teacher(console: Console, worker: Console, tonight: ClassTonight) -> Console:
    """A phone that has opened the link, signed in as nobody."""
    phone = Console(console.app)
    assert phone.get(handed_out(worker, tonight)).location == "/admin/teacher/class"
    return phone


def at(tonight, path="") -> str:
    return f"/teacher/lessons/{tonight.lesson.id}{path}"


def marks():
    db.session.expire_all()
    return {
        row.booking_id: row.presence
        for row in db.session.execute(select(Attendance.booking_id, Attendance.presence))
    }


def test_it_opens_tonights_lesson_with_names_alone(teacher, tonight) -> None:
    booking = tonight.enrol(phone="13812345678")
    assert teacher.get("/teacher/class").location.endswith(at(tonight))
    page = teacher.get(at(tonight))
    assert "王秀英" in text_of(page)
    assert "沈若兰老师" in text_of(page)
    for hidden in ("5678", booking.short_code, booking.code, "居民", "班级管理"):
        assert hidden not in text_of(page).replace("有居民报名后", ""), hidden


def test_marks_are_set_undone_and_audited_with_the_links_number(teacher, tonight) -> None:
    first, second = tonight.enrol("李建国"), tonight.enrol()
    answer = teacher.post(at(tonight, f"/marks/{first.id}"), {"presence": "late"})
    assert answer.location.endswith(f"{at(tonight)}#row-{first.id}")
    teacher.post(at(tonight, "/all-present"))
    assert marks() == {first.id: "late", second.id: "present"}
    assert "2 / 2 已到" in text_of(teacher.get(at(tonight)))
    assert teacher.post(at(tonight, "/undo")).status_code == 302
    assert marks() == {first.id: "late"}
    teacher.post(at(tonight, f"/marks/{first.id}"), {"presence": ""})
    assert marks() == {}
    link = db.session.scalars(select(TeacherLink)).one()
    notes = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.startswith("attendance"))
    ).all()
    assert [note.after["link_id"] for note in notes] == [link.id] * 4
    assert {note.staff_id for note in notes} == {tonight.worker.id}


def test_another_class_or_lesson_is_not_found(teacher, tonight) -> None:
    other = tonight.make.run(lead=timedelta(minutes=10), course=tonight.make.course("太极拳"))
    elsewhere = db.session.scalars(select(Lesson).where(Lesson.run_id == other.id)).first()
    mine, tonight.run = tonight.run, other
    theirs = tonight.enrol("赵敏")
    tonight.run = mine
    for path in (f"/teacher/lessons/{elsewhere.id}", "/teacher/lessons/987654"):
        assert teacher.get(path).status_code == 404
        for more in (f"/marks/{theirs.id}", "/all-present", "/undo"):
            assert teacher.post(path + more, {"presence": "present"}).status_code == 404
    stranger = teacher.post(at(tonight, f"/marks/{theirs.id}"), {"presence": "present"})
    assert stranger.status_code == 409
    for bad in ("here", "x" * 300):
        odd = teacher.post(at(tonight, f"/marks/{theirs.id}"), {"presence": bad})
        assert odd.status_code == 422
    assert marks() == {}


def test_every_other_door_refuses(teacher, tonight, console) -> None:
    """Also where the key is sent along by hand; what is public tells nothing of anybody."""
    booking = tonight.enrol()
    key = teacher.http.get_cookie(COOKIE, path="/admin/teacher").value
    teacher.http.set_cookie(COOKIE, key, path="/")
    ids = {"lesson_id": tonight.lesson.id, "run_id": tonight.run.id, "booking_id": booking.id}
    tried = 0
    for rule in console.app.url_map.iter_rules():
        door = getattr(console.app.view_functions[rule.endpoint], "sign_in", None)
        if door not in ("staff", "resident"):
            continue
        given = {name: ids.get(name, 1) for name in rule.arguments}
        with console.app.test_request_context():
            path = rule.build(given, append_unknown=False)[1]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if path.startswith("/admin"):
                path = path.removeprefix("/admin")
                answer = teacher.get(path) if method == "GET" else teacher.post(path, {})
            else:
                answer = teacher.http.open(path, method=method, json={})
            refused = answer.status_code == 401 or "/sign-in" in (answer.location or "")
            assert refused, (rule, method, answer.status_code)
            tried += 1
    assert tried > 100
    assert marks() == {}


@pytest.mark.parametrize("ends", ["revoked", "cancelled", "over", "forged", "none"])
def test_it_ends(console, worker, teacher, tonight, now, ends) -> None:
    booking = tonight.enrol()
    link = db.session.scalars(select(TeacherLink)).one()
    later = now
    if ends == "revoked":
        path = f"/classes/{tonight.run.id}/teacher-links/{link.id}/revoke"
        assert worker.post(path).status_code == 302
        assert worker.post(path).status_code == 302  # once more changes nothing
        assert "收回链接" not in worker.get(f"/classes/{tonight.run.id}/teacher-links").text
    elif ends == "cancelled":
        tonight.run.cancelled_at = now
        db.session.commit()
    elif ends == "over":
        later = tonight.run.ends_at + timedelta(days=2)
        with clock.frozen(later - timedelta(seconds=1)):
            assert teacher.get(at(tonight)).status_code == 200
    else:
        key = {"forged": "MQ.abcdefgh", "none": ""}[ends]
        teacher.http.set_cookie(COOKIE, key, path="/admin/teacher")
        assert teacher.get(f"/teacher?key={key}").status_code == 404
    with clock.frozen(later):
        refused = teacher.get(at(tonight))
        assert refused.status_code == 404
        assert "链接已经失效" in text_of(refused)
        answer = teacher.post(at(tonight, f"/marks/{booking.id}"), {"presence": "present"})
        assert answer.status_code == 404
    assert marks() == {}


def test_a_post_needs_the_pages_token(teacher, tonight) -> None:
    booking = tonight.enrol()
    path = at(tonight, f"/marks/{booking.id}")
    assert teacher.post(path, {"presence": "present"}, csrf=False).status_code == 400
    assert marks() == {}


def test_links_are_handed_out_by_those_who_run_the_class(console, worker, tonight, now) -> None:
    path = f"/classes/{tonight.run.id}/teacher-links"
    for someone, status in ((tonight.stranger, 404), (tonight.teacher, 403)):
        who = console.as_(someone)
        assert who.get(path).status_code == status
        assert who.post(path, {"name": "沈若兰"}).status_code == status
    for bad in ({}, {"name": "x" * 41}):
        assert worker.post(path, bad).status_code == 422
    assert worker.post(f"{path}/987654/revoke").status_code == 404
    assert worker.post(path, {"name": "沈"}, csrf=False).status_code == 400
    assert db.session.scalars(select(TeacherLink)).all() == []
    handed_out(worker, tonight)
    audited = db.session.scalars(select(AuditEntry)).one()
    assert (audited.action, audited.after["name"]) == ("teacher_link.create", "沈若兰")
    with clock.frozen(tonight.run.ends_at + timedelta(days=2)):
        assert console.as_(tonight.worker).post(path, {"name": "沈若兰"}).status_code == 422


def test_the_last_opened_link_counts_and_staff_stay_signed_in(console, tonight) -> None:
    """A tablet of the office on which a link is opened stays what it was for the console."""
    office = console.as_(tonight.worker)
    booking = tonight.enrol()
    office.get(handed_out(office, tonight))
    assert office.get(f"/classes/lessons/{tonight.lesson.id}").status_code == 200
    assert office.get(at(tonight)).status_code == 200
    seen = SimpleNamespace(page=office.get("/teacher/class"))
    assert seen.page.status_code == 302
    assert booking.id
