"""Asking to be excused from a lesson: when, for whom, over which marks; and taking it back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, CourseRun, Lesson
from tests.api import ApiClient
from tests.factories import Make, Signed

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


@pytest.fixture
def run(make: Make) -> CourseRun:
    return make.run()


@pytest.fixture
def lesson(run: CourseRun) -> Lesson:
    return db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()


def enrolled(api: ApiClient, run, who: Signed, person=None) -> int:
    body = {"person_id": (person or who.person).id}
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, body, as_=who.token).json["data"]["booking_id"]


def ask(api, who, booking, lesson, at=None, reason="去医院复查", way=""):
    body = None if way else {"reason": reason}
    with clock.frozen(at or clock.now()):
        return api.post(f"/bookings/{booking}/lessons/{lesson.id}/excuse{way}", body, as_=who.token)


def mark(booking):
    db.session.expire_all()
    row = db.session.scalars(
        select(Attendance).where(Attendance.booking_id == booking)
    ).one_or_none()
    return row and (row.presence, row.taken_by)


def lessons(api, who, booking, at=None):
    with clock.frozen(at or clock.now()):
        return api.get(f"/bookings/{booking}/lessons", as_=who.token).json["data"]


@pytest.mark.parametrize(
    ("after", "status", "presence"),
    [
        (-7 * DAY, 200, "excused"),
        (-MINUTE, 200, "excused"),
        (timedelta(), 200, "excused_after"),
        (3 * DAY + 90 * MINUTE, 200, "excused_after"),
        (3 * DAY + 91 * MINUTE, 409, None),
    ],
)
def test_when_it_may_be_asked(api, run, lesson, wang, after, status, presence) -> None:
    booking = enrolled(api, run, wang)
    at = lesson.starts_at + after
    assert lessons(api, wang, booking, at)[0]["may_excuse"] is (status == 200)
    answer = ask(api, wang, booking, lesson, at)
    assert answer.status_code == status, answer.json
    assert mark(booking) == (presence and (presence, "resident"))
    if status == 409:
        assert answer.json["errcode"] == 40969
        assert db.session.scalars(select(Excuse)).all() == []
        return
    seen = lessons(api, wang, booking, at)[0]
    assert (seen["presence"], seen["excuse_reason"]) == (presence, "去医院复查")
    assert (seen["may_excuse"], seen["may_withdraw"]) == (False, presence == "excused")


def test_again_it_only_changes_the_reason(api, run, lesson, wang) -> None:
    booking = enrolled(api, run, wang)
    for reason in ("出差", "出差", "家里有事"):
        assert ask(api, wang, booking, lesson, reason=reason).status_code == 200
    assert db.session.scalars(select(Excuse.reason)).all() == ["家里有事"]
    assert mark(booking) == ("excused", "resident")


def test_it_is_taken_back_until_the_lesson_starts(api, run, lesson, wang) -> None:
    booking = enrolled(api, run, wang)
    for _again in range(2):
        ask(api, wang, booking, lesson)
        assert ask(api, wang, booking, lesson, way="/withdraw").status_code == 200
        assert ask(api, wang, booking, lesson, way="/withdraw").status_code == 200
        assert mark(booking) is None
        seen = lessons(api, wang, booking)[0]
        assert (seen["excuse_reason"], seen["may_excuse"]) == (None, True)
    ask(api, wang, booking, lesson)
    late = ask(api, wang, booking, lesson, lesson.starts_at, way="/withdraw")
    assert (late.status_code, late.json["errcode"]) == (409, 40969)
    assert mark(booking) == ("excused", "resident")


@pytest.mark.parametrize(
    ("before", "status", "then"),
    [
        ("absent", 200, "excused_after"), ("unknown", 200, "excused_after"),
        ("excused", 200, "excused"), ("present", 409, "present"), ("late", 409, "late"),
        ("made_up", 409, "made_up"),
    ],
)  # fmt: skip
def test_what_staff_marked_otherwise_holds(
    api, make, run, lesson, wang, before, status, then
) -> None:
    booking = enrolled(api, run, wang)
    make.add(Attendance(lesson_id=lesson.id, booking_id=booking, presence=before, taken_by="tap",
                        at=lesson.starts_at))  # fmt: skip
    at = lesson.ends_at + DAY
    assert ask(api, wang, booking, lesson, at).status_code == status
    assert mark(booking)[0] == then


def test_the_mark_of_staff_is_not_taken_back(api, make, run, lesson, wang) -> None:
    booking = enrolled(api, run, wang)
    make.add(Attendance(lesson_id=lesson.id, booking_id=booking, presence="excused",
                        taken_by="tap", at=clock.now()))  # fmt: skip
    assert ask(api, wang, booking, lesson, way="/withdraw").status_code == 200
    assert mark(booking) == ("excused", "tap")


def test_a_daughter_asks_for_her_father(api, make: Make, run, lesson, wang) -> None:
    father = make.person("王建国")
    make.consent(wang.account, father)
    booking = enrolled(api, run, wang, father)
    assert ask(api, wang, booking, lesson).status_code == 200
    stranger = make.resident("赵敏")
    for way in ("", "/withdraw"):
        refused = ask(api, stranger, booking, lesson, way=way)
        assert (refused.status_code, refused.json["errcode"]) == (404, 40400)
    assert mark(booking) == ("excused", "resident")


def test_odd_lessons_bodies_and_bookings(api, make: Make, run, lesson, wang) -> None:
    booking = enrolled(api, run, wang)
    other = make.run(course=make.course("太极拳"))
    elsewhere = db.session.scalars(select(Lesson).where(Lesson.run_id == other.id)).first()
    assert ask(api, wang, booking, elsewhere).status_code == 404
    path = f"/bookings/{booking}/lessons"
    for missing in (f"{path}/987654/excuse", f"/bookings/987654/lessons/{lesson.id}/excuse"):
        assert api.post(missing, {"reason": "x"}, as_=wang.token).status_code == 404
    for bad in ({}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 61}, {"reason": 7}, {"x": 1}):
        answer = api.post(f"{path}/{lesson.id}/excuse", bad, as_=wang.token)
        assert answer.status_code == 422, bad
    assert api.post(f"{path}/{lesson.id}/excuse", {"reason": "x"}).status_code == 401
    assert mark(booking) is None


def test_not_without_a_place_or_a_lesson(api, make: Make, lesson, run, wang) -> None:
    booking = enrolled(api, run, wang)
    lesson.cancelled_at = clock.now()
    db.session.commit()
    refused = ask(api, wang, booking, lesson)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40930)
    lesson.cancelled_at = None
    db.session.commit()
    api.post(f"/bookings/{booking}/cancel", as_=wang.token)
    refused = ask(api, wang, booking, lesson)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40914)
    assert lessons(api, wang, booking)[0]["may_excuse"] is False


def test_who_comes_after_all_is_checked_in(api, run, lesson, wang) -> None:
    from backend.night_school import class_codes

    booking = enrolled(api, run, wang)
    ask(api, wang, booking, lesson)
    at: datetime = lesson.starts_at
    with clock.frozen(at):
        body = {"lesson_id": lesson.id, "code": class_codes.class_code(lesson.id, at)}
        assert api.post("/check-in", body, as_=wang.token).status_code == 200
    assert mark(booking) == ("present", "class_code")


def test_the_reason_goes_with_the_account_and_stands_in_my_data(api, run, lesson, wang) -> None:
    booking = enrolled(api, run, wang)
    ask(api, wang, booking, lesson)
    told = api.get("/me/data", as_=wang.token)
    assert "去医院复查" in told.text
    with clock.frozen(lesson.starts_at - DAY):
        assert api.post("/me/delete", {"confirm": True}, as_=wang.token).status_code == 200
    assert db.session.scalars(select(Excuse.reason)).all() == [None]
