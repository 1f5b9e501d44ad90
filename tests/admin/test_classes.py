"""The class pages: what they show, to whom, and what a post does."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


PAGES = (
    "/classes/{run}", "/classes/{run}/sign-in-sheet", "/classes/{run}/roster.xlsx",
    "/classes/lessons/{lesson}", "/classes/lessons/{lesson}/rows",
    "/classes/lessons/{lesson}/code", "/classes/lessons/{lesson}/code/now",
)  # fmt: skip
DECISIONS = (
    "/classes/{run}/capacity", "/classes/{run}/cancel",
    "/classes/{run}/enrolments/{booking}/cancel", "/classes/{run}/enrolments/{booking}/pass-over",
    "/classes/lessons/{lesson}/change",
)  # fmt: skip


def filled(path, tonight, booking=None):
    return path.format(
        run=tonight.run.id, lesson=tonight.lesson.id, booking=booking.id if booking else 1
    )


@pytest.mark.parametrize("path", PAGES)
def test_pages_open_for_the_worker_and_the_teacher_and_nobody_else(
    console: Console, tonight: ClassTonight, path
) -> None:
    tonight.enrol()
    path = filled(path, tonight)
    assert console.as_(tonight.worker).get(path).status_code == 200
    assert console.as_(tonight.teacher).get(path).status_code == 200
    assert console.as_(tonight.stranger).get(path).status_code == 404
    assert console.as_(tonight.other_teacher).get(path).status_code == 404
    assert console.get(path).status_code == 302


@pytest.mark.parametrize("path", DECISIONS)
def test_decisions_are_the_workers_alone(console, tonight, path) -> None:
    path = filled(path, tonight, tonight.enrol())
    assert console.as_(tonight.worker).get(path).status_code == 200
    assert console.as_(tonight.stranger).get(path).status_code == 404
    assert console.as_(tonight.teacher).get(path).status_code == 403


def test_the_list_shows_what_is_in_reach(console, tonight) -> None:
    tonight.make.run(course=tonight.make.course("太极拳"))
    seen = text_of(console.as_(tonight.worker).get("/classes"))
    assert "声乐基础" in seen
    assert "太极拳" in seen
    seen = text_of(console.as_(tonight.teacher).get("/classes"))
    assert "声乐基础" in seen
    assert "太极拳" not in seen
    assert "没有符合条件的班级" in text_of(console.as_(tonight.stranger).get("/classes"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", True), ("text=声乐", True), ("text=陈国栋", True), ("text=没有的课", False),
        ("weekday=2", True), ("weekday=3", False), ("when=past", False), ("when=drafts", False),
        ("text=%25", False),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(console, tonight, query, shown) -> None:
    page = text_of(console.as_(tonight.worker).get(f"/classes?{query}"))
    assert ("声乐基础" in page) is shown


@pytest.mark.parametrize("query", ["weekday=9", "when=never", "cursor=xyz", "term_id=-1"])
def test_odd_filters_are_refused_in_words(console, tonight, query) -> None:
    response = console.as_(tonight.worker).get(f"/classes?{query}")
    assert response.status_code == 422
    assert "填写" in text_of(response)


def test_the_list_is_paged(console, tonight) -> None:
    for hour in range(31):
        tonight.make.run(lead=timedelta(hours=hour + 1))
    worker = console.as_(tonight.worker)
    first = worker.get("/classes")
    assert first.text.count('class="row-item"') == 30
    link = first.text.split('btn btn-outline" href="')[-1].split('"')[0].replace("&amp;", "&")
    second = worker.get(link.removeprefix("/admin"))
    assert second.text.count('class="row-item"') == 2


def test_the_roster_of_sixty_takes_few_queries(console, tonight, statements) -> None:
    for number in range(60):
        tonight.enrol(f"居民{number}", phone=f"138{number:08d}")
    worker = console.as_(tonight.worker)
    statements.clear()
    page = worker.get(f"/classes/{tonight.run.id}")
    assert "居民59" in page.text
    reads = [one for one in statements if "staff_session" not in one and "staff_role" not in one]
    assert len(reads) <= 6  # the class, its lessons, roster, waiting list, fees and rules


def test_the_attendance_of_sixty_takes_few_queries(console, tonight, statements, now) -> None:
    """With marks, an excuse, a lesson made up elsewhere and an upload that waits."""
    from backend.night_school.excuses.models import Excuse
    from backend.night_school.models import Attendance
    from backend.night_school.uploads.models import UploadedEntry

    make, ids = tonight.make, {"lesson_id": tonight.lesson.id}
    account = make.resident("李梅").account.id
    booked = [tonight.enrol(f"居民{number}", phone=f"138{number:08d}").id for number in range(60)]
    for number, booking in enumerate(booked[:50]):
        presence = "made_up" if number == 7 else "present"
        elsewhere = tonight.lesson.id if number == 7 else None
        make.add(Attendance(booking_id=booking, presence=presence, taken_by="tap", at=now,
                            made_up_lesson_id=elsewhere, **ids))  # fmt: skip
    make.add(Excuse(booking_id=booked[50], account_id=account, reason="出差", asked_at=now, **ids))
    make.add(UploadedEntry(nonce="n", device="d", kind="mark", at=now, received_at=now,
                           clock_off=0, clamped=False, booking_id=booked[51], presence="present",
                           outcome="conflict", errcode=40966, staff_id=tonight.worker.id,
                           **ids))  # fmt: skip
    worker = console.as_(tonight.worker)
    for path in ("", "/rows", "/sheet.json"):
        statements.clear()
        page = worker.get(f"/classes/lessons/{tonight.lesson.id}{path}")
        assert "居民59" in page.text or "\\u5c45\\u6c1159" in page.text
        assert len(statements) <= 6, statements


def test_phones_are_masked_everywhere(console, tonight) -> None:
    tonight.enrol(phone="13812345678")
    worker = console.as_(tonight.worker)
    for path in PAGES:
        response = worker.get(filled(path, tonight))
        assert b"13812345678" not in response.data
    assert "138****5678" in worker.get(f"/classes/{tonight.run.id}").text


def test_publishing(console, tonight) -> None:
    tonight.run.published_at = None
    db.session.commit()
    path = f"/classes/{tonight.run.id}/publish"
    assert console.as_(tonight.stranger).post(path).status_code == 404
    assert console.as_(tonight.worker).post(path, csrf=False).status_code == 400
    assert fresh(tonight.run).published_at is None
    assert console.as_(tonight.worker).post(path).status_code == 302
    assert fresh(tonight.run).published_at is not None


def test_the_capacity_form(console, tonight) -> None:
    tonight.enrol()
    tonight.enrol("李建国")
    worker, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/capacity"
    assert worker.post(path, {"capacity": "70"}).status_code == 302
    assert fresh(tonight.run).capacity == 70
    refused = worker.post(path, {"capacity": "1"})
    assert refused.status_code == 409
    assert "少于已报名人数" in text_of(refused)
    refused = worker.post(path, {"capacity": "1", "overbook": "true"})
    assert "请写明原因" in text_of(refused)
    for bad in ("", "0", "x", "99999999999"):
        assert worker.post(path, {"capacity": bad}).status_code == 422
    assert fresh(tonight.run).capacity == 70


def test_cancelling_one_enrolment_needs_a_reason(console, tonight) -> None:
    booking = tonight.enrol()
    worker = console.as_(tonight.worker)
    path = f"/classes/{tonight.run.id}/enrolments/{booking.id}/cancel"
    refused = worker.post(path, {"reason": "  "})
    assert refused.status_code == 422
    assert "王秀英" in text_of(refused)
    assert worker.post(path, {"reason": "搬家"}).status_code == 302
    assert db.session.get_one(Booking, booking.id, populate_existing=True).state == "cancelled"
    assert worker.get(path.replace(str(booking.id), "999999")).status_code == 404


def test_cancelling_the_class(console, tonight) -> None:
    tonight.enrol()
    worker = console.as_(tonight.worker)
    response = worker.post(f"/classes/{tonight.run.id}/cancel", {"reason": "老师生病"})
    assert response.status_code == 302
    assert "1 位" in text_of(worker.get(f"/classes/{tonight.run.id}"))
    assert fresh(tonight.run).cancelled_at is not None


def test_moving_a_lesson(console, tonight) -> None:
    room = tonight.make.room()
    worker, path = console.as_(tonight.worker), f"/classes/lessons/{tonight.lesson.id}/change"
    form = {"day": "2026-03-12", "start": "19:00", "until": "20:30", "room_id": room.id}
    seen = text_of(worker.post(path, form))  # the first lesson: deadlines follow, shown first
    assert "会动 1 次课" in seen
    assert "报名截止" in seen
    form["confirmed"] = "true"
    assert worker.post(path, form).status_code == 302
    lesson = fresh(tonight.lesson)
    assert f"{clock.local(lesson.starts_at):%m-%d %H:%M}" == "03-12 19:00"
    assert lesson.room_id == room.id
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    second = db.session.query(type(lesson)).filter_by(run_id=other.id, number=1).one()
    clash = worker.post(f"/classes/lessons/{second.id}/change", form)
    assert clash.status_code == 409
    assert "声乐基础" in text_of(clash)
    for bad in (
        {"day": "2026-13-40"}, {"start": "25:00"}, {"until": "18:00"}, {"day": "2026-03-01"},
        {"day": ""}, {"room_id": "-3"},
    ):  # fmt: skip
        assert worker.post(path, form | bad).status_code == 422, bad


def test_the_roster_as_a_spreadsheet(console, tonight) -> None:
    tonight.enrol("=1+1")
    response = console.as_(tonight.worker).get(f"/classes/{tonight.run.id}/roster.xlsx")
    sheet = load_workbook(BytesIO(response.data)).active
    assert [cell.value for cell in sheet[1]][:3] == ["序号", "姓名", "年龄"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert "filename*=UTF-8''%E5%A3%B0" in response.headers["Content-Disposition"]


def test_the_sheet_to_print_has_a_column_per_lesson(console, tonight) -> None:
    tonight.enrol(phone="13812345678")
    page = console.as_(tonight.worker).get(f"/classes/{tonight.run.id}/sign-in-sheet").text
    assert page.count('class="sign"') == 2
    assert "5678" in page
