"""Certificates for residents: how far they are, taking it, the paper, and checking a code."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.certificates.models import Certificate
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from tests.api import ApiClient
from tests.factories import Make
from tests.miniprogram_api.test_enrolment import enrol


@pytest.fixture
def wang(make: Make):
    return make.resident()


@pytest.fixture
def booking_id(api: ApiClient, make: Make, wang) -> Iterator[int]:
    """An enrolment in a class of five lessons; the clock stands after the last."""
    run = make.run(lessons=5, lead=timedelta(days=1))
    booking_id = enrol(api, run, wang).json["data"]["booking_id"]
    with clock.frozen(run.ends_at + timedelta(hours=1)):
        yield booking_id


def came(booking_id: int, times: int) -> None:
    for lesson in db.session.scalars(select(Lesson).order_by(Lesson.number).limit(times)):
        db.session.add(
            Attendance(
                lesson_id=lesson.id, booking_id=booking_id, presence=Presence.PRESENT,
                taken_by=CheckInBy.TAP, at=lesson.starts_at,
            )
        )  # fmt: skip
    db.session.commit()


def test_it_is_told_how_far_one_is(api: ApiClient, wang, booking_id) -> None:
    came(booking_id, 3)
    told = api.get(f"/bookings/{booking_id}/certificate", as_=wang.token).json["data"]
    assert (told["came"], told["lessons"], told["needed"]) == (3, 5, 4)
    assert (told["over"], told["earned"], told["code"]) == (True, False, None)


def test_too_few_lessons_earn_none(api: ApiClient, wang, booking_id) -> None:
    came(booking_id, 3)
    refused = api.post(f"/bookings/{booking_id}/certificate", as_=wang.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40976)
    assert refused.json["errmsg"] == "出勤 3 次，还不到结业要求的 4 次，不能发结业证书。"
    assert db.session.scalars(select(Certificate)).all() == []


def test_it_is_issued_once_read_and_checked_by_anyone(api: ApiClient, wang, booking_id) -> None:
    came(booking_id, 4)
    path = f"/bookings/{booking_id}/certificate"
    assert api.get(f"{path}.pdf", as_=wang.token).status_code == 404
    code = api.post(path, as_=wang.token).json["data"]["code"]
    assert api.post(path, as_=wang.token).json["data"]["code"] == code
    assert db.session.scalars(select(Certificate.code)).all() == [code]
    paper = api.get(f"{path}.pdf", as_=wang.token)
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    checked = api.get(f"/certificates/{code.lower()}").json["data"]
    assert (checked["name"], checked["came"], checked["lessons"]) == ("王*英", 4, 5)


@pytest.mark.parametrize("code", ["7K3M9QXA2BCD", "x", "王秀英", "%00", "a" * 300])
def test_a_code_that_stands_for_nothing(api: ApiClient, code) -> None:
    assert api.get(f"/certificates/{code}").status_code == 404


def test_what_is_somebody_elses_is_not_found(api: ApiClient, make, wang, booking_id) -> None:
    came(booking_id, 5)
    stranger, path = make.resident("李雪梅"), f"/bookings/{booking_id}/certificate"
    for answer in (
        api.get(path, as_=stranger.token), api.post(path, as_=stranger.token),
        api.get(f"{path}.pdf", as_=stranger.token), api.get("/bookings/99/certificate",
                                                           as_=wang.token),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert api.get(path).status_code == 401
