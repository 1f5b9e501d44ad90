"""Somebody at the door without a booking: found, judged, added and checked in, or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.night_school.models import Attendance
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


def at(tonight, path="/walk-in") -> str:
    return f"/classes/lessons/{tonight.lesson.id}{path}"


def rows():
    db.session.expire_all()
    booked = db.session.execute(select(Booking.person_id, Booking.state)).all()
    marks = db.session.execute(select(Attendance.presence)).scalars().all()
    return [tuple(one) for one in booked], marks


def test_somebody_is_found_added_and_checked_in(worker, tonight) -> None:
    li = tonight.make.person("李建国", phone="13900005678")
    assert "现场加人" in text_of(worker.get(at(tonight, "")))
    for text in ("李建国", "5678", "13900005678"):
        page = worker.get(at(tonight) + f"?q={text}")
        assert "加入并签到" in text_of(page)
        assert "139****5678" in text_of(page)
    answer = worker.post(at(tonight), {"person_id": str(li.id)})
    assert answer.status_code == 302
    assert rows() == ([(li.id, "confirmed")], ["present"])
    page = text_of(worker.get(at(tonight, "")))
    assert "李建国已加入本班并签到" in page
    assert "1 / 1 已到" in page
    audited = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert audited == ["booking.book", "attendance.mark"]
    again = worker.post(at(tonight), {"person_id": str(li.id)})
    assert again.status_code == 409
    assert "不用重复报名" in text_of(again)


def test_after_the_start_it_takes_a_reason_and_is_late(console, tonight, now) -> None:
    """Sign-up closed when the class began: a rule that staff may set aside."""
    li = tonight.make.person("李建国")
    with clock.frozen(now + timedelta(minutes=25)):
        worker = console.as_(tonight.worker)
        assert "破例加入并签到" in text_of(worker.get(at(tonight) + "?q=李建国"))
        assert worker.post(at(tonight), {"person_id": str(li.id)}).status_code == 409
        assert rows() == ([], [])
        form = {"person_id": str(li.id), "reason": "现场来上课"}
        assert worker.post(at(tonight), form).status_code == 302
    assert rows() == ([(li.id, "confirmed")], ["late"])
    assert db.session.scalars(select(BookingEvent.reason)).all() == ["现场来上课"]


def test_a_full_class_takes_nobody(worker, tonight) -> None:
    tonight.enrol()
    tonight.run.capacity = 1
    db.session.commit()
    li = tonight.make.person("李建国")
    assert "名额已满，不能现场加人" in text_of(worker.get(at(tonight) + "?q=李建国"))
    before = rows()
    for reason in ("", "老学员"):
        answer = worker.post(at(tonight), {"person_id": str(li.id), "reason": reason})
        assert answer.status_code == 409
        assert "名额已满" in text_of(answer)
    assert rows() == before


@pytest.mark.parametrize("minutes", [-31, 91])
def test_only_while_codes_are_taken(console, tonight, now, minutes) -> None:
    li = tonight.make.person("李建国")
    with clock.frozen(tonight.lesson.starts_at + timedelta(minutes=minutes)):
        worker = console.as_(tonight.worker)
        form = {"person_id": str(li.id), "reason": "现场来上课"}
        assert worker.post(at(tonight), form).status_code == 409
        assert "现场加人" not in text_of(worker.get(at(tonight, "")))
    assert rows() == ([], [])


def test_it_is_for_those_who_may_book_here(console, worker, tonight) -> None:
    li = tonight.make.person("李建国")
    form = {"person_id": str(li.id)}
    teacher = console.as_(tonight.teacher)
    assert teacher.get(at(tonight)).status_code == 403
    assert teacher.post(at(tonight), form).status_code == 403
    assert "现场加人" not in text_of(teacher.get(at(tonight, "")))
    stranger = console.as_(tonight.stranger)
    assert stranger.get(at(tonight)).status_code == 404
    assert stranger.post(at(tonight), form).status_code == 404
    assert worker.post(at(tonight), form, csrf=False).status_code == 400
    assert worker.post(at(tonight), {"person_id": "987654"}).status_code == 404
    for bad in ({}, {"person_id": "x"}, {"person_id": str(li.id), "reason": "x" * 101}):
        assert worker.post(at(tonight), bad).status_code == 422
    assert rows() == ([], [])


def test_a_kept_scan_of_a_cancelled_enrolment_leads_there(worker, tonight, now) -> None:
    from backend.booking import service
    from backend.booking.service import Actor
    from backend.db import transaction
    from backend.night_school.uploads.models import UploadedEntry

    gone = tonight.enrol("李建国")
    with transaction() as session:
        service.cancel(session, gone.id, Actor(staff_id=tonight.worker.id), now, "搬家")
    tonight.enrol("王秀英")
    tonight.make.add(UploadedEntry(
        nonce="n", lesson_id=tonight.lesson.id, device="d", kind="scan", at=now, received_at=now,
        clock_off=7200, clamped=False, booking_id=gone.id, outcome="kept", errcode=40932,
        staff_id=tonight.worker.id,
    ))  # fmt: skip
    page = worker.get(at(tonight, ""))
    assert "加入本班" in text_of(page)
    assert "平板的时钟不准" in text_of(page)
    assert "walk-in?q=" in page.text
