"""The doors of the attendance page that a tablet keeps: its sheet, its uploads, the decisions."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance
from backend.night_school.uploads.models import UploadedEntry
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make

TABLET = str(uuid4())


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def worker(console: Console, tonight: ClassTonight) -> Console:
    return console.as_(tonight.worker)


def at(tonight, path="") -> str:
    return f"/classes/lessons/{tonight.lesson.id}{path}"


def marks():
    db.session.expire_all()
    return {
        row.booking_id: row.presence
        for row in db.session.execute(select(Attendance.booking_id, Attendance.presence))
    }


def tapped(booking, presence="present", seen=None, **more):
    return {
        "nonce": str(uuid4()), "kind": "mark", "at": clock.rfc3339(clock.now()),
        "booking_id": booking.id, "presence": presence, "seen": seen,
    } | more  # fmt: skip


def body(*entries, **more):
    return {
        "device": TABLET, "device_now": clock.rfc3339(clock.now()), "entries": list(entries)
    } | more  # fmt: skip


def send(who, tonight, sent, *, csrf=True):
    return who.post(at(tonight, "/uploads"), json=sent, csrf=csrf)


def test_the_sheet_has_what_the_tablet_needs_and_no_phone_number(worker, tonight) -> None:
    booking = tonight.enrol(phone="13812345678")
    answer = worker.get(at(tonight, "/sheet.json"))
    [one] = answer.json["people"]
    assert one["booking_id"] == booking.id
    assert one["code_hash"] == hashlib.sha256(booking.code.encode()).hexdigest()
    assert (one["short_code"], one["presence"], one["name"]) == (booking.short_code, None, "王秀英")
    assert answer.json["lesson"]["starts_at"] == clock.rfc3339(tonight.lesson.starts_at)
    assert answer.json["counts"]["enrolled"] == 1
    assert {"server_now", "version", "csrf", "to_decide"} <= set(answer.json)
    assert "13812345678" not in answer.text
    assert "138****5678" not in answer.text
    assert booking.code not in answer.text


def test_an_upload_is_applied_once_and_answers_with_the_sheet(worker, tonight) -> None:
    booking = tonight.enrol()
    sent = body(tapped(booking), {
        "nonce": str(uuid4()), "kind": "scan", "at": clock.rfc3339(clock.now()), "code": "999999",
    })  # fmt: skip
    answer = send(worker, tonight, sent)
    assert answer.status_code == 200, answer.text
    assert [one["outcome"] for one in answer.json["results"]] == ["done", "kept"]
    assert answer.json["sheet"]["people"][0]["presence"] == "present"
    assert (answer.json["sheet"]["to_decide"], answer.json["server_now"]) == (
        1, clock.rfc3339(clock.now()),
    )  # fmt: skip
    again = send(worker, tonight, sent)
    assert [one["outcome"] for one in again.json["results"]] == ["repeated", "repeated"]
    assert marks() == {booking.id: "present"}


def test_another_communitys_lesson_is_not_found_and_nothing_is_written(console, tonight) -> None:
    booking = tonight.enrol()
    for someone in (tonight.stranger, tonight.other_teacher):
        who = console.as_(someone)
        answer = send(who, tonight, body(tapped(booking)))
        assert (answer.status_code, answer.json["errcode"]) == (404, 40400)
        assert who.get(at(tonight, "/sheet.json")).json["errcode"] == 40400
    assert marks() == {}
    assert db.session.scalar(select(func.count()).select_from(UploadedEntry)) == 0


def test_a_sign_in_that_expired_is_told_and_uploads_after_the_next(console, tonight, now) -> None:
    booking = tonight.enrol()
    who = console.as_(tonight.worker)
    token, sent = who.token(), body(tapped(booking))
    with clock.frozen(now + timedelta(days=2)):
        late = who.post(
            at(tonight, "/uploads"), csrf=False, json=sent, headers={"X-CSRFToken": token}
        )
        assert (late.status_code, late.json["errcode"]) == (401, 40101)
        assert who.get(at(tonight, "/sheet.json")).status_code == 401
        stranger = console.post(at(tonight, "/uploads"), csrf=False, json=sent)
        assert (stranger.status_code, stranger.json["errcode"]) == (401, 40100)
        assert marks() == {}
        sent["device_now"] = clock.rfc3339(clock.now())
        answer = send(console.as_(tonight.worker), tonight, sent)
    assert [one["outcome"] for one in answer.json["results"]] == ["done"]
    assert marks() == {booking.id: "present"}


def test_without_a_token_nothing_is_taken(worker, tonight) -> None:
    answer = send(worker, tonight, body(tapped(tonight.enrol())), csrf=False)
    assert (answer.status_code, answer.json["errcode"]) == (400, 40001)
    assert marks() == {}


@pytest.mark.parametrize(
    "more",
    [
        {"device": "tablet"}, {"device_now": "now"}, {"device_now": "2026-03-11T19:00:00"},
        {"device_now": "0001-01-01T00:00:00Z"}, {"device_now": "9999-12-31T23:59:59-12:00"},
        {"entries": []}, {"entries": "x"}, {"entries": [7]}, {"entries": None}, {"more": 1},
    ],
)  # fmt: skip
def test_odd_bodies_are_refused(worker, tonight, more) -> None:
    answer = send(worker, tonight, body(tapped(tonight.enrol())) | more)
    assert (answer.status_code, answer.json["errcode"]) == (422, 42200)
    assert answer.json["errors"]
    assert marks() == {}


@pytest.mark.parametrize(
    "more",
    [
        {"nonce": "1"}, {"kind": "walk"}, {"at": "19:00"}, {"booking_id": -1},
        {"booking_id": "1"}, {"booking_id": 2**63}, {"presence": "here"}, {"seen": 3},
        {"code": "x" * 201}, {"code": "a\x00b"},
    ],
)  # fmt: skip
def test_odd_entries_are_refused(worker, tonight, more) -> None:
    answer = send(worker, tonight, body(tapped(tonight.enrol(), **more)))
    assert answer.status_code == 422
    assert marks() == {}


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"null", b'"x"'])
def test_what_is_no_json_is_refused(worker, tonight, sent) -> None:
    answer = worker.post(
        at(tonight, "/uploads"), sent, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json["errcode"]) == (400, 40001)


def test_conflicts_are_shown_and_decided(console, worker, tonight) -> None:
    booking = tonight.enrol()
    worker.post(at(tonight, f"/marks/{booking.id}"), {"presence": "absent"})
    answer = send(worker, tonight, body(tapped(booking, "late")))
    assert answer.json["results"][0]["outcome"] == "conflict"
    page = worker.get(at(tonight))
    assert "需要核对的现场记录" in text_of(page)
    assert "改为迟到" in text_of(page)
    assert "保留缺席" in text_of(page)
    entry = db.session.scalars(select(UploadedEntry.id)).one()
    path = at(tonight, f"/uploads/{entry}/decide")
    assert console.as_(tonight.stranger).post(path, {"decision": "device"}).status_code == 404
    assert worker.post(path, {"decision": "device"}, csrf=False).status_code == 400
    assert worker.post(path, {"decision": "undone"}).status_code == 422
    unknown = at(tonight, "/uploads/987654/decide")
    assert worker.post(unknown, {"decision": "device"}).status_code == 404
    assert marks() == {booking.id: "absent"}
    assert worker.post(path, {"decision": "device"}).status_code == 302
    assert marks() == {booking.id: "late"}
    assert "需要核对的现场记录" not in text_of(worker.get(at(tonight)))
    again = worker.post(path, {"decision": "server"})
    assert again.status_code == 409
    assert "已经有人处理过" in text_of(again)


def test_undo_on_the_page_is_this_browsers_own(console, tonight, now) -> None:
    booking = tonight.enrol()
    tablet, phone = console.as_(tonight.worker), console.as_(tonight.worker)
    tablet.post(at(tonight, f"/marks/{booking.id}"), {"presence": "present"})
    assert "撤销" in text_of(tablet.get(at(tonight)))
    assert "撤销" not in text_of(phone.get(at(tonight)))
    assert phone.post(at(tonight, "/undo")).status_code == 409
    with clock.frozen(now + timedelta(minutes=16)):
        assert "撤销" not in text_of(tablet.get(at(tonight)))
        assert tablet.post(at(tonight, "/undo")).status_code == 409
    assert tablet.post(at(tonight, "/undo")).status_code == 302
    assert marks() == {}


def test_a_device_keeps_its_number(worker, tonight) -> None:
    tonight.enrol()
    first = worker.get(at(tonight))
    assert "xfdevice" not in first.text
    cookie = worker.http.get_cookie("xingfu_device", path="/admin").value
    assert "Set-Cookie" not in worker.get(at(tonight)).headers
    worker.http.set_cookie("xingfu_device", "nonsense", path="/admin")
    worker.get(at(tonight))
    assert worker.http.get_cookie("xingfu_device", path="/admin").value not in (cookie, "nonsense")
