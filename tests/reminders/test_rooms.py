"""Reminders of reservations: derived once, worded for the evening and the hour before."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from backend import clock
from backend.booking import service as booking_service
from backend.booking import visits
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.reminders.models import Kind
from backend.scheduler import run_once
from backend.venues import coming, service
from backend.venues.service import Change, Wanted
from tests.factories import Make, Signed
from tests.reminders.post import Post, inbox, reminders
from tests.reminders.test_lessons import at, told

HOUR = timedelta(hours=1)
START = at("13T14:00")


def derive(now: datetime) -> int:
    with transaction() as session:
        return visits.derive(session, now)


@pytest.fixture
def wang(make: Make, post: Post) -> Signed:
    wang = make.resident(home_place_id=make.once("community", make.place).id)
    post.allow(wang, "lesson", "changed", times=5)
    return wang


def reserve(
    make: Make, who: Signed, start: datetime = START, person_id: int | None = None,
    now: datetime | None = None,
) -> int:  # fmt: skip
    """Two hours in a room from where nobody's coming lets it go after a quarter of an hour."""
    room = make.once("reading room", lambda: make.open_room(name="书画室"))
    make.once("rules", lambda: make.rules(room, no_show_minutes=15, cancel_minutes=180))
    wanted = Wanted(
        room_id=room.id, person_id=person_id or who.person.id, starts_at=start, headcount=4,
        ends_at=start + 2 * HOUR, title="练字",
    )  # fmt: skip
    with transaction() as session:
        return service.reserve(session, who.me, wanted, now or make.now).booking_id


def test_the_evening_before_and_the_hour_before_once(make: Make, wang: Signed) -> None:
    reserve(make, wang)
    assert derive(at("11T13:00")) == 0  # not long before
    assert derive(at("11T14:00")) == 2
    assert derive(at("12T12:00")) == 0
    assert told(Kind.VISIT_EVE) == [("12T18:30", "due")]
    assert told(Kind.VISIT_SOON) == [("13T13:00", "due")]


def test_what_is_said(post: Post, make: Make, wang: Signed) -> None:
    booking = db.session.get_one(Booking, reserve(make, wang))
    post.deliver()
    derive(at("12T12:00"))
    post.deliver(at("12T18:30"))
    post.deliver(at("13T13:00"))
    _booked, eve, soon = inbox(wang)
    assert eve.body == (
        "王秀英您好，您预约的书画室：明天下午 14:00–16:00，在春晖社区党群服务中心。"
        "来不了请在明天上午 11:00 前取消，把房间让给邻居。"
    )
    assert soon.body == (
        "王秀英您好，您预约的书画室：今天下午 14:00–16:00，在春晖社区党群服务中心。"
        f"到了请扫门口屏幕上的码签到，或者向工作人员报预约码 {booking.short_code}。"
        "14:15 前没有人签到，房间就让给邻居了。"
    )
    on_phone = post.on_phone(wang)
    assert [message["template_id"] for message in on_phone] == ["standin-lesson"] * 2
    assert on_phone[1]["data"]["thing4"] == f"预约码 {booking.short_code}，到了请签到"


def test_who_reserved_for_the_family_is_told(post: Post, make: Make, wang: Signed) -> None:
    mother = make.person("李桂兰", home_place_id=wang.person.home_place_id)
    make.consent(wang.account, mother, relation="parent")
    reserve(make, wang, person_id=mother.id)
    derive(at("12T12:00"))
    post.deliver(at("12T18:30"))
    assert inbox(wang)[-1].body.startswith("王秀英您好，您为李桂兰预约的书画室：明天下午")


def test_late_and_early_ones_get_what_is_still_to_come(make: Make, wang: Signed) -> None:
    reserve(make, wang, now=at("12T20:00"))
    reserve(make, wang, at("13T09:00"), now=at("12T21:00"))
    assert derive(at("12T21:05")) == 2
    assert sorted(told(Kind.VISIT_SOON)) == [("13T08:00", "due"), ("13T13:00", "due")]


def test_moving_takes_the_reminder_along(post: Post, make: Make, wang: Signed) -> None:
    booking_id = reserve(make, wang)
    derive(at("12T12:00"))
    to = Change(starts_at=START + 24 * HOUR, ends_at=START + 25 * HOUR)
    with transaction() as session:
        service.change(session, wang.me, booking_id, to, at("12T13:00"))
    derive(at("12T15:00"))
    post.deliver(at("12T18:30"))
    assert told(Kind.VISIT_EVE) == [("12T18:30", "dropped"), ("13T18:30", "due")]
    post.deliver(at("13T18:30"))
    assert told(Kind.VISIT_EVE) == [("12T18:30", "dropped"), ("13T18:30", "sent")]


def test_who_cancels_or_is_there_hears_no_more(post: Post, make: Make, wang: Signed) -> None:
    cancelled = reserve(make, wang)
    there = reserve(make, wang, at("13T17:00"))
    derive(at("12T12:00"))
    with transaction() as session:
        booking_service.cancel(session, cancelled, Actor(wang.account.id), at("12T13:00"))
    post.deliver(at("12T18:30"))
    with transaction() as session:
        coming.check_in_at_desk(session, make.staff().id, there, at("13T16:50"))
    post.deliver(at("13T16:55"))
    ends = {(row.booking_id, row.kind): row.state for row in reminders() if row.occasion_at}
    assert ends == {
        (cancelled, Kind.VISIT_EVE): "dropped", (cancelled, Kind.VISIT_SOON): "dropped",
        (there, Kind.VISIT_EVE): "sent", (there, Kind.VISIT_SOON): "dropped",
    }  # fmt: skip


def test_the_job_writes_them(app: Flask, post: Post, make: Make, wang: Signed) -> None:
    reserve(make, wang)
    with clock.frozen(at("12T12:00")):
        assert run_once(app) == []
    assert told(Kind.VISIT_EVE) == [("12T18:30", "due")]
