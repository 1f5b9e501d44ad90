"""When a booked class meets next: in the list of bookings as on a booking's own page."""

from datetime import timedelta

from sqlalchemy import select

from backend.db import db
from backend.night_school.models import Lesson
from tests.api import ApiClient
from tests.factories import Make
from tests.miniprogram_api.test_enrolment import enrol


def listed(api: ApiClient, who, *, past: bool = False) -> list:
    return api.get(f"/bookings?past={int(past)}", as_=who.token).json["data"]


def test_the_list_names_the_next_lesson_of_each_class(api: ApiClient, make: Make) -> None:
    wang, sooner, later = make.resident(), make.run(), make.run(lead=timedelta(days=90))
    ids = [enrol(api, run, wang).json["data"]["booking_id"] for run in (sooner, later)]
    firsts = db.session.scalars(select(Lesson.id).where(Lesson.number == 1).order_by(Lesson.id))
    shown = {booking["id"]: booking["next_lesson"] for booking in listed(api, wang)}
    assert [shown[booking_id]["id"] for booking_id in ids] == list(firsts)
    for booking_id in ids:
        detail = api.get(f"/bookings/{booking_id}", as_=wang.token).json["data"]
        assert detail["next_lesson"] == shown[booking_id]


def test_a_lesson_that_falls_out_is_passed_over(api: ApiClient, make: Make, now) -> None:
    wang, run = make.resident(), make.run()
    enrol(api, run, wang)
    first = db.session.scalars(select(Lesson).where(Lesson.number == 1)).one()
    first.cancelled_at = now
    db.session.flush()
    assert [booking["next_lesson"]["number"] for booking in listed(api, wang)] == [2]


def test_more_bookings_take_no_more_reads(api: ApiClient, make: Make, statements) -> None:
    wang = make.resident()
    enrol(api, make.run(), wang)
    statements.clear()
    listed(api, wang)
    for_one = len(statements)
    enrol(api, make.run(), wang)
    enrol(api, make.run(), wang)
    statements.clear()
    assert len(listed(api, wang)) == 3
    assert len(statements) == for_one
