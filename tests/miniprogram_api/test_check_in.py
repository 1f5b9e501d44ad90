"""Check-in by the class's rotating QR, the resident's own code, the lessons of a booking."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school import class_codes
from backend.night_school.models import Attendance, Lesson
from tests.api import ApiClient
from tests.factories import Make, Signed


def enrolled(api: ApiClient, run, who: Signed, person=None) -> int:
    body = {"person_id": (person or who.person).id}
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, body, as_=who.token).json["data"]["booking_id"]


def first_lesson(run) -> Lesson:
    return db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()


def scan(api: ApiClient, who: Signed, lesson: Lesson, at: datetime, **more):
    with clock.frozen(at):
        body = {"lesson_id": lesson.id, "code": class_codes.class_code(lesson.id, at)} | more
        return api.post("/check-in", body, as_=who.token)


def test_a_scan_checks_in_once(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    booking_id = enrolled(api, run, wang)
    lesson = first_lesson(run)
    done = scan(api, wang, lesson, lesson.starts_at)
    assert done.status_code == 200, done.json
    assert (done.json["data"]["presence"], done.json["data"]["already"]) == ("present", False)
    again = scan(api, wang, lesson, lesson.starts_at + timedelta(minutes=20))
    assert (again.json["data"]["presence"], again.json["data"]["already"]) == ("present", True)
    assert len(db.session.scalars(select(Attendance)).all()) == 1
    lessons = api.get(f"/bookings/{booking_id}/lessons", as_=wang.token).json["data"]
    assert [(one["number"], one["presence"]) for one in lessons] == [(1, "present"), (2, None)]


def test_a_photo_in_the_group_chat_is_useless(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    enrolled(api, run, wang)
    lesson = first_lesson(run)
    old = class_codes.class_code(lesson.id, lesson.starts_at - timedelta(minutes=10))
    refused = scan(api, wang, lesson, lesson.starts_at, code=old)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40916)
    assert db.session.scalars(select(Attendance)).all() == []


@pytest.mark.parametrize("off", [timedelta(hours=-3), timedelta(hours=3)])
def test_only_around_the_lesson(api: ApiClient, make: Make, off: timedelta) -> None:
    run, wang = make.run(), make.resident()
    enrolled(api, run, wang)
    lesson = first_lesson(run)
    assert scan(api, wang, lesson, lesson.starts_at + off).json["errcode"] == 40915


def test_who_has_no_place_is_told(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    lesson = first_lesson(run)
    assert scan(api, wang, lesson, lesson.starts_at).json["errcode"] == 40914


def test_the_daughter_scans_for_the_mother(api: ApiClient, make: Make) -> None:
    run, fang, mother = make.run(), make.resident("王芳"), make.person("王秀英")
    make.consent(fang.account, mother)
    enrolled(api, run, fang, mother)
    lesson = first_lesson(run)
    assert scan(api, fang, lesson, lesson.starts_at).json["data"]["person_name"] == "王秀英"


def test_a_stranger_scans_for_nobody(api: ApiClient, make: Make) -> None:
    run, mother, li = make.run(), make.resident("王秀英"), make.resident("李建国")
    enrolled(api, run, mother)
    lesson = first_lesson(run)
    refused = scan(api, li, lesson, lesson.starts_at, person_id=mother.person.id)
    assert refused.status_code in (404, 409)
    assert db.session.scalars(select(Attendance)).all() == []


@pytest.mark.parametrize(
    "body",
    [{}, {"lesson_id": 1}, {"lesson_id": "1", "code": "x"}, {"lesson_id": 1, "code": ""},
     {"lesson_id": 1, "code": "x" * 65}, {"lesson_id": 1, "code": "1\x00"},
     {"lesson_id": 1, "code": "x", "person_id": -1}],
)  # fmt: skip
def test_odd_bodies_are_refused(api: ApiClient, make: Make, body: dict) -> None:
    assert api.post("/check-in", body, as_=make.resident().token).status_code == 422


def test_the_residents_code_is_a_drawing(api: ApiClient, make: Make) -> None:
    run, wang, li = make.run(), make.resident(), make.resident("李建国")
    booking_id = enrolled(api, run, wang)
    drawn = api.get(f"/bookings/{booking_id}/qr.svg", as_=wang.token)
    assert drawn.content_type.startswith("image/svg+xml")
    assert drawn.data.startswith(b"<?xml")
    assert b"<svg" in drawn.data
    for path in (f"/bookings/{booking_id}/qr.svg", f"/bookings/{booking_id}/lessons"):
        assert api.get(path, as_=li.token).status_code == 404
        assert api.get(path).status_code == 401
