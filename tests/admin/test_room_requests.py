"""Requests for rooms, as staff decide them in the console."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.booking.models import Booking
from backend.db import db
from backend.people.queries import Resident
from backend.staff.models import AuditEntry
from backend.venues import service
from backend.venues.series import making
from backend.venues.series.dates import Pattern
from backend.venues.series.models import SeriesDate
from backend.venues.service import Wanted
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def asked(make: Make) -> list[int]:
    """Wang and Li want the same hall at the same time."""
    place = make.once("community", make.place)
    hall = make.open_room(place, name="多功能厅", capacity=80)
    make.rules(place, approval=True)
    start = make.now.replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=2)
    made = []
    for name, title in (("王秀英", "合唱排练"), ("李建国", "象棋比赛")):
        who = make.resident(name, home_place_id=place.id)
        wanted = Wanted(
            room_id=hall.id, person_id=who.person.id, starts_at=start, title=title, headcount=12,
            ends_at=start + timedelta(hours=2), wishes="两支话筒",
        )  # fmt: skip
        made.append(service.reserve(db.session(), who.me, wanted, make.now).booking_id)
    db.session.commit()
    return made


def state(booking_id: int) -> str:
    return db.session.get_one(Booking, booking_id, populate_existing=True).state


def read_on(page: TestResponse) -> str:
    return page.text.split('name="read" value="')[1].split('"')[0]


def test_one_is_approved_and_the_other_is_not(console: Console, make: Make, asked) -> None:
    worker = console.as_(make.staff("worker"))
    assert "有 2 个场地申请，等您审核。" in text_of(worker.get("/"))
    listed = text_of(worker.get("/venues/requests"))
    for words in ("多功能厅", "王秀英 · 合唱排练 · 12 人", "另有 1 个申请要同一时间"):
        assert words in listed
    path = f"/venues/requests/{asked[0]}"
    page = text_of(worker.get(path))
    for words in (
        "两支话筒",
        "12 人，房间可容纳 80 人",
        "李建国 · 象棋比赛",
        "上面 1 个冲突的申请",
    ):
        assert words in page
    done = text_of(worker.post(f"{path}/approve", {}, follow_redirects=True))
    assert "已通过，另外 1 个冲突的申请没有通过，都已通知居民。" in done
    assert "没有等审核的场地申请" in done
    assert [state(one) for one in asked] == ["confirmed", "declined"]
    late = worker.post(f"{path}/approve", {})
    assert late.status_code == 409
    assert "这个申请已经处理过" in text_of(late)
    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.subject_id) == ("room_request.approve", asked[0])


def test_what_was_moved_meanwhile_is_read_again(console: Console, make: Make, asked) -> None:
    worker = console.as_(make.staff("worker"))
    path = f"/venues/requests/{asked[0]}"
    read = read_on(worker.get(path))
    booking = db.session.get_one(Booking, asked[0])
    later = service.Change(
        starts_at=booking.starts_at + timedelta(days=1), ends_at=booking.ends_at + timedelta(days=1)
    )
    me = Resident(booking.account_id, booking.person_id)
    service.change(db.session(), me, asked[0], later, make.now)
    db.session.commit()
    page = worker.post(f"{path}/approve", {"read": read})
    assert (page.status_code, state(asked[0])) == (409, "requested")
    assert "居民刚刚改了申请的时间" in text_of(page)
    now = {"read": read_on(page)}
    done = worker.post(f"{path}/approve", now, follow_redirects=True)
    assert "已通过，并通知了居民。" in text_of(done)
    assert [state(one) for one in asked] == ["confirmed", "requested"]


def test_one_is_declined_with_a_reason(console: Console, make: Make, asked) -> None:
    worker = console.as_(make.staff("worker"))
    path = f"/venues/requests/{asked[0]}/decline"
    assert worker.post(path, {}).status_code == 422
    done = worker.post(path, {"reason": "当天开会"}, follow_redirects=True)
    assert "没有通过，已把原因告诉居民。" in text_of(done)
    assert [state(one) for one in asked] == ["declined", "requested"]
    assert "另有" not in text_of(done)


def test_they_are_found_at_their_place_only(console: Console, make: Make, asked) -> None:
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert "没有等审核的场地申请" in text_of(elsewhere.get("/venues/requests"))
    assert "个场地申请" not in text_of(elsewhere.get("/"))
    path = f"/venues/requests/{asked[0]}"
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(f"{path}/approve", {}).status_code == 404
    assert elsewhere.post(f"{path}/decline", {"reason": "不"}).status_code == 404
    assert elsewhere.get("/venues/requests/98765").status_code == 404
    teacher = console.as_(make.staff("teacher", name="陈国栋"))
    assert teacher.get("/venues/requests").status_code == 403


@pytest.fixture
def again(make: Make) -> int:
    """Wang wants the hall on three Sundays; on the second the house is closed."""
    place = make.once("community", make.place)
    hall = make.open_room(place, name="多功能厅", capacity=80)
    make.rules(place, approval=True, series_dates=10, series_days=100)
    start = make.now.replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=2)
    who = make.resident("王秀英", home_place_id=place.id)
    pattern = Pattern(starts_at=start, ends_at=start + timedelta(hours=2), times=3)
    wanted = making.Wanted(
        room_id=hall.id, person_id=who.person.id, title="合唱排练", headcount=12, pattern=pattern
    )
    made = making.reserve(db.session(), who.me, wanted, make.now).series_id
    second = (start + timedelta(days=7)).date()
    make.closure(place, starts_on=second, ends_on=second)
    db.session.commit()
    return made


def of_series(series_id: int) -> list[str]:
    return [
        state(one)
        for one in db.session.scalars(
            select(SeriesDate.booking_id)
            .where(SeriesDate.series_id == series_id)
            .order_by(SeriesDate.starts_at)
        )
    ]


def test_a_series_is_decided_as_one(console: Console, make: Make, again) -> None:
    worker = console.as_(make.staff("worker"))
    assert "有 1 个场地申请，等您审核。" in text_of(worker.get("/"))
    path = f"/venues/requests/series/{again}"
    listed = worker.get("/venues/requests")
    assert f"/admin{path}" in listed.text
    assert "固定预约，一共 3 次，这是第一次" in text_of(listed)
    page = worker.get(path)
    for words in ("等审核的 3 次，其中 2 次能约", "这个时间不开放：装修。", "同意能约的全部"):
        assert words in text_of(page), words
    single = db.session.scalars(select(SeriesDate.booking_id)).first()
    assert f"/admin/venues/requests/{single}" in page.text
    assert f"/admin{path}" in worker.get(f"/venues/requests/{single}").text
    marks = re.findall('name="read" value="([^"]+)"', page.text)
    done = worker.post(f"{path}/approve", {"read": marks}, follow_redirects=True)
    assert "已通过 2 次，并通知了居民。另有 1 次约不上。" in text_of(done)
    assert of_series(again) == ["confirmed", "declined", "confirmed"]
    late = worker.post(f"{path}/approve", {})
    assert late.status_code == 409
    assert "这个申请已经处理过" in text_of(late)
    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.subject_id) == ("series.approve", again)


def test_a_series_is_declined_by_staff_of_the_place(console: Console, make: Make, again) -> None:
    path = f"/venues/requests/series/{again}"
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(f"{path}/approve", {}).status_code == 404
    assert elsewhere.post(f"{path}/decline", {"reason": "不"}).status_code == 404
    worker = console.as_(make.staff("worker"))
    assert worker.get("/venues/requests/series/98765").status_code == 404
    assert worker.post(f"{path}/decline", {}).status_code == 422
    assert of_series(again) == ["requested"] * 3
    done = worker.post(f"{path}/decline", {"reason": "当天开会"}, follow_redirects=True)
    assert "全部没有通过，已把原因告诉居民。" in text_of(done)
    assert of_series(again) == ["declined"] * 3
