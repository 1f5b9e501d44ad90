"""Rating lessons: by who was there, in time, and read by staff alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.ratings import reading
from backend.night_school.ratings.models import Rating
from tests.api import ApiClient
from tests.factories import Make
from tests.miniprogram_api.test_enrolment import enrol


@pytest.fixture
def run(make: Make):
    return make.run(lead=timedelta(days=1))


@pytest.fixture
def wang(make: Make):
    return make.resident()


@pytest.fixture
def lesson(run) -> Lesson:
    return db.session.scalars(select(Lesson).where(Lesson.number == 1)).one()


@pytest.fixture
def booking_id(api: ApiClient, run, wang, lesson) -> Iterator[int]:
    """An enrolment; the clock stands an hour after the first lesson."""
    booking_id = enrol(api, run, wang).json["data"]["booking_id"]
    with clock.frozen(lesson.ends_at + timedelta(hours=1)):
        yield booking_id


def came(booking_id: int, lesson: Lesson, presence: str = Presence.PRESENT) -> None:
    db.session.add(
        Attendance(
            lesson_id=lesson.id, booking_id=booking_id, presence=presence,
            taken_by=CheckInBy.TAP, at=lesson.starts_at,
        )
    )  # fmt: skip
    db.session.commit()


def rate(api: ApiClient, who, booking_id: int, lesson_id: int, **said):
    path = f"/bookings/{booking_id}/lessons/{lesson_id}/rating"
    return api.post(path, {"stars": 4} | said, as_=who.token)


def rows() -> list[tuple[int, str | None]]:
    return [(row.stars, row.comment) for row in db.session.scalars(select(Rating))]


def test_who_was_there_rates_and_thinks_better_of_it(api, wang, booking_id, lesson) -> None:
    came(booking_id, lesson)
    path = f"/bookings/{booking_id}/ratings"
    [before] = api.get(path, as_=wang.token).json["data"]
    assert (before["stars"], before["may_rate"]) == (None, True)
    assert rate(api, wang, booking_id, lesson.id, comment="  讲得太快  ").status_code == 200
    assert rows() == [(4, "讲得太快")]
    assert rate(api, wang, booking_id, lesson.id, stars=5).status_code == 200
    assert rows() == [(5, None)]
    [after] = api.get(path, as_=wang.token).json["data"]
    assert (after["stars"], after["comment"]) == (5, None)


@pytest.mark.parametrize("presence", [None, "absent", "excused"])
def test_who_was_not_there_has_nothing_to_rate(
    api, wang, booking_id, lesson, presence: str | None
) -> None:
    if presence:
        came(booking_id, lesson, presence)
    assert api.get(f"/bookings/{booking_id}/ratings", as_=wang.token).json["data"] == []
    assert rate(api, wang, booking_id, lesson.id).json["errcode"] == 40977
    assert rows() == []


def test_neither_before_the_end_nor_after_two_weeks(api, wang, booking_id, lesson) -> None:
    came(booking_id, lesson)
    with clock.frozen(lesson.ends_at - timedelta(minutes=1)):
        assert rate(api, wang, booking_id, lesson.id).json["errcode"] == 40977
    with clock.frozen(lesson.ends_at + timedelta(days=14, minutes=1)):
        assert rate(api, wang, booking_id, lesson.id).json["errcode"] == 40978
    assert rows() == []


@pytest.mark.parametrize("stars", [0, 6, 2.5, "five", None])
def test_stars_are_one_to_five(api, wang, booking_id, lesson, stars) -> None:
    came(booking_id, lesson)
    refused = rate(api, wang, booking_id, lesson.id, stars=stars)
    assert (refused.status_code, "stars" in refused.json["errors"]) == (422, True)
    assert rows() == []


def test_somebody_elses_and_what_is_not_there(api, make, wang, booking_id, lesson) -> None:
    came(booking_id, lesson)
    stranger = make.resident("李雪梅")
    assert rate(api, stranger, booking_id, lesson.id).status_code == 404
    assert api.get(f"/bookings/{booking_id}/ratings", as_=stranger.token).status_code == 404
    other = make.run()
    elsewhere = db.session.scalars(select(Lesson).where(Lesson.run_id == other.id)).first()
    assert rate(api, wang, booking_id, elsewhere.id).status_code == 404
    assert rows() == []


@pytest.mark.parametrize(
    ("stars", "people", "shown"), [(10, 2, None), (15, 3, "5.0"), (10, 3, "3.3"), (17, 4, "4.3")]
)
def test_an_average_of_few_is_not_told(stars: int, people: int, shown: str | None) -> None:
    assert reading.average(stars, people) == shown


def test_it_is_told_to_oneself_and_the_words_go_with_the_account(
    api, wang, booking_id, lesson
) -> None:
    came(booking_id, lesson)
    rate(api, wang, booking_id, lesson.id, comment="谢谢老师")
    sections = api.get("/me/data", as_=wang.token).json["data"]["sections"]
    [told] = [one for one in sections if one["title"] == "课程评价"]
    assert told["rows"][0]["value"] == "4 分 谢谢老师"
    assert api.post("/me/delete", {"confirm": True}, as_=wang.token).status_code == 200
    db.session.expire_all()
    assert rows() == [(4, None)]
