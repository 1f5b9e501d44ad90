"""One booking: all its page shows, the calendar file, and answers that got lost on the way."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import Lesson
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make, Signed


def enrol(api: ApiClient, run, who: Signed, *, wait=False, key=None):
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, {"person_id": who.person.id, "wait": wait}, as_=who.token, key=key)


def booked(api: ApiClient, run, who: Signed, **given) -> int:
    return enrol(api, run, who, **given).json["data"]["booking_id"]


def detail(api: ApiClient, who: Signed, booking: int) -> dict:
    return api.get(f"/bookings/{booking}", as_=who.token).json["data"]


@pytest.fixture
def home(make: Make):
    return make.once("community", lambda: make.place(address="和平路 12 号", phone="0000-8123456"))


def test_it_tells_where_to_go_without_asking_again(api: ApiClient, make: Make, home) -> None:
    room, wang = make.room(), make.resident()
    run = make.run(room_id=room.id, teacher_id=make.teacher().id)
    seen = detail(api, wang, booked(api, run, wang))
    facts = ("place_name", "place_address", "place_phone", "room_name")
    assert [seen[name] for name in facts] == [
        "春晖社区", "和平路 12 号", "0000-8123456", "201教室",
    ]  # fmt: skip
    first = db.session.scalars(select(Lesson).where(Lesson.number == 1)).one()
    assert seen["next_lesson"] == {
        "id": first.id, "number": 1, "starts_at": clock.rfc3339(first.starts_at),
        "ends_at": clock.rfc3339(first.ends_at),
    }  # fmt: skip


def test_the_next_lesson_moves_on(api: ApiClient, make: Make, home) -> None:
    usual, other = make.room(), make.room(name="书画室")
    wang, run = make.resident(), make.run(room_id=usual.id, lessons=3)
    booking = booked(api, run, wang)
    one, two, three = db.session.scalars(select(Lesson).order_by(Lesson.number)).all()
    three.room_id = other.id
    two.cancelled_at = make.now
    db.session.commit()

    def next_at(moment) -> tuple[object, str]:
        with clock.frozen(moment):
            seen = detail(api, wang, booking)
        return seen["next_lesson"] and seen["next_lesson"]["number"], seen["room_name"]

    assert next_at(one.ends_at - timedelta(seconds=1)) == (1, "201教室")
    assert next_at(one.ends_at) == (3, "书画室")
    assert next_at(three.ends_at) == (None, "201教室")
    verbs.cancel_run(run.id)
    assert next_at(make.now) == (None, "201教室")


def test_its_lessons_as_a_file(api: ApiClient, make: Make, home) -> None:
    wang, run = make.resident(), make.run(room_id=make.room().id)
    booking = booked(api, run, wang)
    booked(api, make.run(lead=timedelta(days=9)), wang)
    file = api.get(f"/bookings/{booking}/calendar.ics", as_=wang.token)
    assert (file.status_code, file.content_type) == (200, "text/calendar; charset=utf-8")
    assert file.headers["Content-Disposition"] == f'attachment; filename="booking-{booking}.ics"'
    assert "private" in file.headers["Cache-Control"]
    events = Calendar.from_ical(file.data).walk("VEVENT")
    assert [str(one["summary"]) for one in events] == [
        "声乐基础（第 1 次课） 王秀英", "声乐基础（第 2 次课） 王秀英",
    ]  # fmt: skip
    assert events[0]["dtstart"].dt == run.starts_at
    assert str(events[0]["location"]) == "春晖社区 201教室 和平路 12 号"


def test_the_file_is_for_its_owner_who_has_a_place(api: ApiClient, make: Make) -> None:
    run, wang, li = make.run(capacity=1), make.resident(), make.resident("李建国")
    mine, waits = booked(api, run, wang), booked(api, run, li, wait=True)
    path = f"/bookings/{mine}/calendar.ics"
    assert api.get(path).status_code == 401
    assert api.get(path, as_=li.token).status_code == 404
    refused = api.get(f"/bookings/{waits}/calendar.ics", as_=li.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40914)


# A lost answer is resolved by asking again with the same key.


def test_a_repeated_sign_up_answers_the_booking_that_was_made(api: ApiClient, make: Make) -> None:
    """Also when the class has filled, closed or begun since the first answer was lost."""
    run, wang = make.run(capacity=1), make.resident()
    first = enrol(api, run, wang, key="lost")
    booked(api, run, make.resident("李建国"), wait=True)
    for moment in (run.closes_at, run.starts_at + timedelta(hours=1)):
        with clock.frozen(moment):
            again = enrol(api, run, wang, key="lost")
        assert (again.status_code, again.json["data"]) == (200, first.json["data"])
    assert verbs.counters(run.id) == (1, 1, 0)


def test_a_repeated_wish_to_wait_keeps_the_position(api: ApiClient, make: Make) -> None:
    run, li = make.run(capacity=1), make.resident("李建国")
    booked(api, run, make.resident())
    first, again = (enrol(api, run, li, wait=True, key="lost") for _ in range(2))
    assert again.json["data"] == first.json["data"]
    assert again.json["data"]["queue_no"] == 1
    assert verbs.counters(run.id) == (1, 1, 0)


def test_without_the_key_the_refusal_names_the_booking(api: ApiClient, make: Make) -> None:
    """The phone was restarted and the key is gone: the answer still leads to the booking."""
    run, wang = make.run(), make.resident()
    booking = booked(api, run, wang, key="lost")
    refused = enrol(api, run, wang, key="another")
    assert (refused.status_code, refused.json["data"]) == (409, {"booking_id": booking})
    path = f"/night-school/eligibility?ids={run.id}"
    [judged] = api.get(path, as_=wang.token).json["data"]
    assert judged["live_booking_id"] == booking


@pytest.mark.parametrize(
    ("verb", "state", "told"),
    [
        ("accept", "confirmed", ["waitlisted", "offered", "booked"]),
        ("decline", "declined", ["waitlisted", "offered"]),
        ("cancel", "cancelled", ["waitlisted", "offered"]),
    ],
)
def test_a_repeated_answer_to_an_offer_changes_nothing(
    api: ApiClient, make: Make, verb: str, state: str, told: list[str]
) -> None:
    run, wang, li = make.run(capacity=1), make.resident(), make.resident("李建国")
    held = booked(api, run, wang)
    offered = booked(api, run, li, wait=True)
    api.post(f"/bookings/{held}/cancel", as_=wang.token)
    for _ in range(3):
        answer = api.post(f"/bookings/{offered}/{verb}", as_=li.token, key="lost")
        assert answer.status_code == 200, answer.json
        assert detail(api, li, offered)["state"] == state
    assert len(verbs.history(offered)) == 3
    assert verbs.told(offered) == told
    assert verbs.counters(run.id) == (1 if verb == "accept" else 0, 0, 0)
    assert len(db.session.scalars(select(Booking)).all()) == 2
