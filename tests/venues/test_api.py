"""Venues through the API: the catalogue, free starts, reserving, changing, giving back."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask_babel import force_locale
from icalendar import Calendar
from sqlalchemy import select

from backend.db import db
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from tests.venues.conftest import House, at


def body(who, start=None, hours=1, **more):
    start = start or at(2, 14)
    return {
        "person_id": who.person.id, "starts_at": start.isoformat(), "title": "合唱排练",
        "ends_at": (start + timedelta(hours=hours)).isoformat(), "headcount": 8,
    } | more  # fmt: skip


def reserve(api, room, who, *args, key=None, **more):
    path = f"/venues/rooms/{room.id}/reservations"
    return api.post(path, body(who, *args, **more), as_=who.token, key=key)


def test_the_catalogue(api, house: House, make) -> None:
    far = make.open_room(make.place(), name="书画室", functions=["calligraphy"])
    make.venue(make.place())  # without rooms
    listed = api.get("/venues").json["data"]
    assert [one["rooms"] for one in listed] == [3, 1]
    assert listed[0]["community_id"] == house.place.id
    assert listed[0]["street_id"] == house.place.parent_id
    by = f"/venues?community_id={house.place.id}"
    assert [one["place_id"] for one in api.get(by).json["data"]] == [house.place.id]
    [found] = api.get("/venues?function=calligraphy").json["data"]
    assert found["id"] == far.venue_id
    assert api.get("/venues?function=golf").status_code == 422
    rooms = api.get(f"/venues/{house.hall.venue_id}").json["data"]["room_list"]
    assert [one["name"] for one in rooms] == ["多功能厅", "东半厅", "西半厅"]
    detail = api.get(f"/venues/rooms/{house.hall.id}").json["data"]
    assert detail["week"] == ["09:00-21:00"] * 7
    assert (detail["rules"]["audience"], detail["rules"]["horizon_days"]) == ("district", 14)
    for path in ("/venues/99999", "/venues/rooms/99999", "/venues/rooms/99999/starts"):
        assert api.get(path).status_code == 404, path


def test_starts_in_few_reads_with_reasons_and_an_etag(
    api, house, make, neighbour, session, statements, dialect
) -> None:
    make.closure(house.place, starts_on=at(5, 0).date(), ends_on=at(5, 0).date())
    lesson = Use(house.left.id, at(1, 19), at(1, 21), OccupantKind.LESSON, 1)
    occupancy.occupy(session, [lesson], at(0, 12))
    session.commit()
    statements.clear()
    response = api.get(f"/venues/rooms/{house.hall.id}/starts?minutes=60")
    assert len(statements) == (3 if dialect == "postgresql" else 2)
    days = response.json["data"]["days"]
    assert len(days) == 14
    assert [day["state"] for day in days[:6]] == ["free"] * 5 + ["closed"]
    assert days[5]["why"] == "装修"
    told = {one["starts_at"][11:16]: (one["minutes"], one["use"]) for one in days[1]["starts"]}
    assert told["09:00"] == (240, None)
    assert told["18:00"] == (60, None)
    assert told["18:30"] == told["20:00"] == (0, "lesson")
    assert {one["errcode"] for one in days[0]["starts"][:7]} == {409104}  # up to noon: over
    again = api.get(
        f"/venues/rooms/{house.hall.id}/starts?minutes=60",
        headers={"If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304
    assert api.get(f"/venues/rooms/{house.hall.id}/starts?days=15").status_code == 422


def test_reserving_and_what_is_told(api, house, neighbour, now) -> None:
    me, other = neighbour(), neighbour("李建国")
    made = reserve(api, house.hall, me, purpose="社区合唱", key="k")
    assert (made.status_code, made.json["data"]["state"]) == (201, "confirmed")
    ident = made.json["data"]["booking_id"]
    assert reserve(api, house.hall, me, purpose="社区合唱", key="k").status_code == 200
    refused = reserve(api, house.left, other)
    assert (refused.status_code, refused.json["errcode"]) == (409, 409113)
    [mine] = api.get("/venues/reservations", as_=me.token).json["data"]
    assert (mine["id"], mine["room_name"], mine["title"]) == (ident, "多功能厅", "合唱排练")
    detail = api.get(f"/venues/reservations/{ident}", as_=me.token).json["data"]
    assert len(detail["short_code"]) == 6
    assert api.get(f"/venues/reservations/{ident}", as_=other.token).status_code == 404
    [booking] = api.get("/bookings", as_=me.token).json["data"]
    assert (booking["kind"], booking["title"]) == ("room", "多功能厅")
    assert booking["place_name"] == "春晖社区党群服务中心"
    reminder = db.session.scalars(select(Reminder)).one()
    due = Due(reminder.id, reminder.kind, me.person.id, "王秀英", booking_id=ident)
    with force_locale("zh"):
        [said] = compose(db.session(), [due], now).messages.values()
    assert said.body == (
        "王秀英您好，您预约的多功能厅已经约好：3月13日（周五）14:00–15:00，在春晖社区党群服务中心。"
        "来不了请在3月13日（周五）13:00 前取消，把房间让给邻居。"
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 41}, "title"),
        ({"headcount": 0}, "headcount"),
        ({"headcount": "8"}, "headcount"),
        ({"starts_at": "2026-03-13T14:00"}, "starts_at"),
        ({"person_id": "me"}, "person_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_body(api, house, neighbour, more, field) -> None:
    answer = reserve(api, house.hall, neighbour(), **more)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_bad_times_are_refused_in_words(api, house, neighbour) -> None:
    me = neighbour()
    for start, hours, errcode in ((at(2, 14), -1, 409101), (at(2, 14), 500 * 24, 409108),
                                  (at(900, 14), 1, 409106), (at(-900, 14), 1, 409104)):  # fmt: skip
        answer = reserve(api, house.hall, me, start, hours)
        assert (answer.status_code, answer.json["errcode"]) == (409, errcode)
    far = reserve(api, house.hall, me, at(20, 14))
    assert far.json["errmsg"] == "这一天还没有开放预约，3月17日（周二）00:00 起可以预约。"


def test_why_not(api, house, make, neighbour) -> None:
    make.rules(house.hall, person_live=1)
    me, stranger = neighbour(), neighbour("孙强")
    reserve(api, house.hall, me)
    path = f"/venues/rooms/{house.hall.id}/why-not"
    asked = {"starts_at": at(2, 14, 30).isoformat(), "ends_at": at(2, 15, 30).isoformat()}
    told = api.get(path, query_string=asked | {"headcount": 90}, as_=me.token).json["data"]
    assert [one["errcode"] for one in told] == [409113, 409115, 409116]
    free = {"starts_at": at(3, 14).isoformat(), "ends_at": at(3, 15).isoformat()}
    assert api.get(path, query_string=free, as_=stranger.token).json["data"] == []
    others = api.get(path, query_string=free | {"person_id": me.person.id}, as_=stranger.token)
    assert others.status_code == 404


def test_changing_and_giving_back(api, house, neighbour) -> None:
    me, other = neighbour(), neighbour("李建国")
    ident = reserve(api, house.hall, me).json["data"]["booking_id"]
    path = f"/venues/reservations/{ident}/change"
    to = {"starts_at": at(2, 14, 30).isoformat(), "ends_at": at(2, 15, 30).isoformat()}
    assert api.post(path, to, as_=other.token).status_code == 404
    assert api.post(path, to, as_=me.token).status_code == 200
    assert api.post(path, to, as_=me.token).status_code == 200
    shown = api.get(f"/venues/reservations/{ident}", as_=me.token).json["data"]
    assert shown["starts_at"] == at(2, 14, 30).isoformat()
    assert api.post(f"/bookings/{ident}/cancel", as_=me.token).status_code == 200
    assert api.post(path, to, as_=me.token).json["errcode"] == 40911
    assert api.get("/venues/reservations", as_=me.token).json["data"] == []
    [gone] = api.get("/venues/reservations?past=true", as_=me.token).json["data"]
    assert gone["state"] == "cancelled"
    assert reserve(api, house.left, other).status_code == 201


def test_a_reservation_as_a_calendar_file(api, house, neighbour) -> None:
    me, other = neighbour(), neighbour("李建国")
    ident = reserve(api, house.hall, me).json["data"]["booking_id"]
    path = f"/venues/reservations/{ident}/calendar.ics"
    file = api.get(path, as_=me.token)
    assert file.content_type == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(file.data).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (at(2, 14), at(2, 15))
    assert str(event["summary"]) == "合唱排练 王秀英"
    assert "多功能厅" in str(event["location"])
    assert api.get(path, as_=other.token).status_code == 404
    to = {"starts_at": at(3, 9).isoformat(), "ends_at": at(3, 10).isoformat()}
    api.post(f"/venues/reservations/{ident}/change", to, as_=me.token)
    [moved] = Calendar.from_ical(api.get(path, as_=me.token).data).walk("VEVENT")
    assert (moved["uid"], moved["dtstart"].dt) == (event["uid"], at(3, 9))
    api.post(f"/bookings/{ident}/cancel", as_=me.token)
    assert api.get(path, as_=me.token).json["errcode"] == 40914


def test_starts_and_reasons_for_moving_pass_over_the_reservation(api, house, neighbour) -> None:
    me, other = neighbour(), neighbour("李建国")
    ident = reserve(api, house.hall, me).json["data"]["booking_id"]
    path = f"/venues/reservations/{ident}/starts?day={at(2, 0).date()}&days=1"
    assert api.get(path, as_=other.token).status_code == 404
    [day] = api.get(path, as_=me.token).json["data"]["days"]
    assert all(one["minutes"] for one in day["starts"])
    late = {"starts_at": at(2, 14, 30).isoformat(), "ends_at": at(2, 15, 30).isoformat()}
    query = "&".join(f"{name}={quote(value)}" for name, value in late.items())
    asked = f"/venues/rooms/{house.hall.id}/why-not?{query}"
    assert [one["errcode"] for one in api.get(asked, as_=me.token).json["data"]] == [409113]
    moving = f"{asked}&booking_id={ident}"
    assert api.get(moving, as_=me.token).json["data"] == []
    assert api.get(moving, as_=other.token).status_code == 404
