"""The calendar feed by its secret link."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.models import Lesson
from miniprogram_api import PREFIX
from tests.api import ApiClient
from tests.factories import Make, Signed


def link(api: ApiClient, who: Signed) -> str:
    made = api.post("/me/calendar-link", as_=who.token)
    assert made.status_code == 200, made.json
    return urlsplit(made.json["data"]["url"]).path.removeprefix(PREFIX)


def events(feed) -> list:
    return list(Calendar.from_ical(feed.data).walk("VEVENT"))


def enrol(api: ApiClient, run, who: Signed, person=None) -> int:
    body = {"person_id": (person or who.person).id}
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, body, as_=who.token).json["data"]["booking_id"]


def test_it_holds_the_lessons_of_everybody_i_act_for(api: ApiClient, make: Make) -> None:
    fang, mother, li = make.resident("王芳"), make.person("王秀英"), make.resident("李建国")
    make.consent(fang.account, mother)
    room = make.room()
    run = make.run(room_id=room.id, place=make._once["community"])
    enrol(api, run, fang, mother)
    enrol(api, run, li)
    feed = api.get(link(api, fang))
    assert feed.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(feed.data)
    assert str(calendar.walk("VTIMEZONE")[0]["tzid"]) == "Asia/Shanghai"
    first, second = events(feed)
    assert str(first["summary"]) == "声乐基础（第 1 次课） 王秀英"
    assert str(first["location"]) == "春晖社区 201教室"
    assert str(first["status"]) == "CONFIRMED"
    assert first["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert first["dtstart"].dt == run.starts_at
    assert first["uid"] != second["uid"]


def test_it_holds_the_rooms_that_stand(api: ApiClient, make: Make) -> None:
    home = make.once("community", make.place)
    fang = make.resident("王芳", home_place_id=home.id)
    room = make.open_room(home, name="书画室")
    make.rules(room, no_show_minutes=15)
    starts = [make.now + timedelta(days=day) for day in (1, 2, 3)]
    ids = []
    for start in starts:
        body = {
            "person_id": fang.person.id, "starts_at": start.isoformat(), "title": "练字",
            "ends_at": (start + timedelta(hours=1)).isoformat(), "headcount": 3,
        }  # fmt: skip
        made = api.post(f"/venues/rooms/{room.id}/reservations", body, as_=fang.token)
        ids.append(made.json["data"]["booking_id"])
    api.post(f"/bookings/{ids[2]}/cancel", {}, as_=fang.token)
    path = link(api, fang)
    with clock.frozen(starts[0] + timedelta(minutes=15)):  # nobody came to the first
        [event] = events(api.get(path))
    assert (str(event["summary"]), event["dtstart"].dt) == ("练字 王芳", starts[1])
    assert str(event["location"]) == "春晖社区党群服务中心 书画室"


def test_it_stays_the_same_until_something_changes(api: ApiClient, make: Make) -> None:
    wang, run = make.resident(), make.run()
    enrol(api, run, wang)
    path = link(api, wang)
    first = api.get(path)
    same = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    lesson = db.session.scalars(select(Lesson).where(Lesson.number == 1)).one()
    lesson.starts_at, lesson.ends_at = (
        lesson.starts_at + timedelta(hours=1), lesson.ends_at + timedelta(hours=1))  # fmt: skip
    db.session.commit()
    moved = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert [str(one["uid"]) for one in events(moved)] == [str(one["uid"]) for one in events(first)]


def test_a_cancelled_lesson_is_shown_as_cancelled(api: ApiClient, make: Make) -> None:
    wang, run = make.resident(), make.run()
    enrol(api, run, wang)
    lesson = db.session.scalars(select(Lesson).where(Lesson.number == 1)).one()
    lesson.cancelled_at = make.now
    db.session.commit()
    first, second = events(api.get(link(api, wang)))
    assert (str(first["status"]), str(second["status"])) == ("CANCELLED", "CONFIRMED")


def test_only_confirmed_places_are_in_it(api: ApiClient, make: Make) -> None:
    wang, li, run = make.resident(), make.resident("李建国"), make.run(capacity=1)
    enrol(api, run, li)
    api.post(
        f"/night-school/runs/{run.id}/enrolments",
        {"person_id": wang.person.id, "wait": True},
        as_=wang.token,
    )
    assert events(api.get(link(api, wang))) == []


def test_a_new_link_ends_the_old(api: ApiClient, make: Make) -> None:
    wang = make.resident()
    old, new = link(api, wang), link(api, wang)
    assert api.get(old).status_code == 404
    assert api.get(new).status_code == 200
    assert api.get("/me", as_=wang.token).json["data"]["has_calendar_link"]
    api.delete("/me/calendar-link", as_=wang.token)
    assert api.get(new).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 300, "%00", "None", "'--"])
def test_a_guess_finds_nothing(api: ApiClient, make: Make, token: str) -> None:
    make.resident()
    assert api.get(f"/calendar/{token}.ics").status_code == 404
