"""The desk at the door: codes scanned or read aloud, and taking a mark back."""

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.errors import CheckInNotOpen, CodeUnknown
from backend.db import db, transaction
from backend.night_school.attendance import mark, mark_all_present
from backend.night_school.checkin import mark_by_code, undo
from backend.night_school.errors import EnrolmentEnded, NoPlaceYet, NothingToUndo, OtherClass
from backend.night_school.models import Attendance, CheckInBy, Presence
from backend.staff.models import Staff

TABLET, PHONE = "tablet", "phone"


def at_desk(tonight, code, minute=0):
    at = tonight.minutes(minute)
    with clock.frozen(at), transaction() as session:
        return mark_by_code(session, tonight.lesson.id, code, tonight.worker.id, at, TABLET)


def back(tonight, minute=0, device=TABLET):
    at = tonight.minutes(minute)
    with clock.frozen(at), transaction() as session:
        return undo(session, tonight.lesson.id, tonight.worker.id, device, at)


def tap(tonight, booking, presence, minute, staff=None, device=TABLET):
    at, staff = tonight.minutes(minute), staff or tonight.worker
    with clock.frozen(at), transaction() as session:
        mark(session, tonight.lesson.id, booking.id, presence, CheckInBy.TAP, staff.id, at, device)


def marks():
    return {
        row.booking_id: row.presence
        for row in db.session.execute(select(Attendance.booking_id, Attendance.presence))
    }


@pytest.mark.parametrize("form", ["xf:b:{code}", "  xf:b:{code}\n", "{short}", "{spaced}"])
def test_it_takes_a_qr_or_six_digits(tonight, form) -> None:
    _, booking = tonight.enrol()
    short = booking.short_code
    text = form.format(code=booking.code, short=short, spaced=f"{short[:3]} {short[3:]}")
    seen = at_desk(tonight, text)
    assert (seen["person_name"], seen["presence"], seen["already"]) == ("王秀英", "present", False)
    row = db.session.scalars(select(Attendance)).one()
    assert (row.taken_by, row.staff_id) == ("resident_code", tonight.worker.id)


def test_a_second_scan_says_when_the_first_was(tonight) -> None:
    _, booking = tonight.enrol()
    first = at_desk(tonight, f"xf:b:{booking.code}", -8)
    again = at_desk(tonight, f"xf:b:{booking.code}", 20)
    assert (again["already"], again["at"], again["presence"]) == (True, first["at"], "present")


@pytest.mark.parametrize("code", ["xf:b:nobody", "000000", "", "xf:b:", "https://x.cn", "九九九"])
def test_it_refuses_codes_of_nobody(tonight, code) -> None:
    _, booking = tonight.enrol()
    booking.short_code = "123456"
    db.session.commit()
    with pytest.raises(CodeUnknown):
        at_desk(tonight, code)


def test_it_says_whose_class_a_code_is_of(tonight) -> None:
    other = tonight.make.run(course=tonight.make.course("太极拳"))
    mine, tonight.run = tonight.run, other
    _, booking = tonight.enrol("李建国")
    tonight.run = mine
    with pytest.raises(OtherClass) as refused:
        at_desk(tonight, f"xf:b:{booking.code}")
    assert "太极拳" in str(refused.value)
    assert "李建国" in str(refused.value)
    with pytest.raises(CodeUnknown):  # six digits are looked up within the class
        at_desk(tonight, booking.short_code)


def test_it_refuses_the_cancelled_and_the_waiting_by_name(tonight) -> None:
    tonight.run.capacity = 1
    db.session.commit()
    _, gone = tonight.enrol()
    _, waiting = tonight.enrol("李建国", wait=True)
    with pytest.raises(NoPlaceYet, match="李建国"):
        at_desk(tonight, f"xf:b:{waiting.code}")
    tonight.cancel(gone)
    with pytest.raises(EnrolmentEnded, match="王秀英"):
        at_desk(tonight, gone.short_code)
    assert not marks()


def test_ambiguous_digits_offer_the_candidates(tonight) -> None:
    _, first = tonight.enrol("李建国")
    _, second = tonight.enrol("王秀英")
    first.short_code = second.short_code = "246810"
    db.session.commit()
    seen = at_desk(tonight, "246810")
    assert [one["person_name"] for one in seen["candidates"]] == ["李建国", "王秀英"]
    assert not marks()
    tonight.cancel(first)
    assert at_desk(tonight, "246810")["person_name"] == "王秀英"


@pytest.mark.parametrize("minute", [-31, 91])
def test_codes_are_taken_around_the_lesson_only(tonight, minute) -> None:
    _, booking = tonight.enrol()
    with pytest.raises(CheckInNotOpen):
        at_desk(tonight, f"xf:b:{booking.code}", minute)


def test_undo_takes_back_one_change_after_the_other(tonight) -> None:
    _, booking = tonight.enrol()
    at_desk(tonight, f"xf:b:{booking.code}")
    tap(tonight, booking, Presence.ABSENT, 1)
    assert marks() == {booking.id: "absent"}
    assert back(tonight, 2) == 1
    assert marks() == {booking.id: "present"}
    assert back(tonight, 3) == 1
    assert marks() == {}
    with pytest.raises(NothingToUndo):
        back(tonight, 4)


def test_undo_of_all_present_keeps_what_others_changed_since(tonight) -> None:
    zhou = tonight.make.add(
        Staff(username="zhou", name="周敏", password_hash="x", created_at=tonight.make.now)
    )
    _, first = tonight.enrol("李建国")
    tonight.enrol("王秀英")
    with clock.frozen(tonight.starts_at), transaction() as session:
        mark_all_present(session, tonight.lesson.id, tonight.worker.id, tonight.starts_at, TABLET)
    tap(tonight, first, Presence.LATE, 1, zhou, PHONE)
    assert back(tonight, 2) == 1
    assert marks() == {first.id: "late"}


@pytest.mark.parametrize(("minute", "allowed"), [(15, True), (16, False)])
def test_undo_reaches_back_a_quarter_of_an_hour(tonight, minute, allowed) -> None:
    _, booking = tonight.enrol()
    at_desk(tonight, f"xf:b:{booking.code}")
    if allowed:
        assert back(tonight, minute) == 1
    else:
        with pytest.raises(NothingToUndo):
            back(tonight, minute)
    assert marks() == ({} if allowed else {booking.id: "present"})


def test_undo_is_for_the_device_that_did_it_whoever_holds_it(tonight) -> None:
    zhou = tonight.make.add(
        Staff(username="zhou", name="周敏", password_hash="x", created_at=tonight.make.now)
    )
    _, booking = tonight.enrol()
    tap(tonight, booking, Presence.LATE, 1, zhou)
    for other in (PHONE, None):
        with pytest.raises(NothingToUndo):
            back(tonight, 2, other)
    assert back(tonight, 2) == 1
    assert marks() == {}
