"""Slots booked for residents at the desk: chosen, with reasons, put in line, changed, cancelled."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.market import service
from backend.market.models import MarketDay, Stall
from backend.market.service import Wanted
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry, Staff
from tests.admin.test_market_moving import seen_on
from tests.console import Console, text_of
from tests.factories import Make

NINE = 540


@pytest.fixture
def clerk(make: Make) -> Staff:
    return make.staff("worker")


@pytest.fixture
def worker(console: Console, clerk: Staff) -> Console:
    return console.as_(clerk)


@pytest.fixture
def day(make: Make) -> MarketDay:
    return make.market_day()


@pytest.fixture
def stall(worker: Console, make: Make, day: MarketDay) -> Stall:
    """One at a time from nine to eleven, seven slots, those of 67 or more alone, all bookable."""
    haircut = make.service(bring="请自带围布")
    made = make.stall(
        day, haircut, make.provider(), at_once=1, walk_up_percent=0, min_age=67
    )  # fmt: skip
    make.stall(day, make.service("磨刀"), make.provider("张师傅"), walk_up_percent=0, at_once=1)
    assert worker.post(f"/market/{day.id}/open", {}).status_code == 302
    return made


def bookings() -> list[Booking]:
    return list(db.session.scalars(select(Booking).order_by(Booking.id)))


def test_somebody_without_a_phone_gets_a_slot(worker, clerk, make: Make, day, stall) -> None:
    old = make.person("王秀英", birth_date=date(1950, 5, 1))
    shown = text_of(worker.get(f"/market/book?market_day_id={day.id}&person_id={old.id}"))
    assert "帮王秀英约集市" in shown
    assert "理发 09:00–11:00 还能约 7 位" in shown
    assert f"/market/book?person_id={old.id}" in worker.get(f"/people/{old.id}").text
    page = f"/market/stalls/{stall.id}/book"
    assert "请先选一个时间。" in text_of(worker.get(f"{page}?person_id={old.id}"))
    assert "这个时间可以预约。" in text_of(worker.get(f"{page}?person_id={old.id}&minute={NINE}"))
    found = worker.get(f"{page}?minute={NINE}&q=王秀英")
    assert f"person_id={old.id}" in found.text
    done = worker.post(page, {"person_id": old.id, "minute": NINE}, follow_redirects=True)
    [booked] = bookings()
    assert (booked.staff_id, booked.account_id) == (clerk.id, None)
    code = f"{booked.short_code[:3]} {booked.short_code[3:]}"
    for words in ("请把预约码告诉居民。", f"预约码 {code}", "请自带围布", "中心广场"):
        assert words in text_of(done)
    told = db.session.scalars(select(Reminder.kind).where(Reminder.booking_id == booked.id)).all()
    assert told == [Kind.BOOKED]
    [noted] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "slot.book"))
    assert (noted.staff_id, noted.after["person_id"]) == (clerk.id, old.id)
    again = worker.post(page, {"person_id": old.id, "minute": NINE + 30})
    assert (again.status_code, "当天这项服务已经约过了" in text_of(again)) == (409, True)
    assert "王秀英" in text_of(worker.get(f"/market/{day.id}/booked"))
    assert "凭条、改时间" in text_of(worker.get(f"/people/{old.id}"))


def test_a_rule_is_set_aside_with_a_reason(worker, make: Make, stall) -> None:
    young = make.person("李强", birth_date=date(1990, 5, 1))
    page = f"/market/stalls/{stall.id}/book"
    shown = text_of(worker.get(f"{page}?person_id={young.id}&minute={NINE}"))
    assert "这个摊位有年龄要求，这位的年龄不符合。" in shown
    assert "写明原因，可以破例安排。" in shown
    asked = {"person_id": young.id, "minute": NINE}
    assert worker.post(page, asked).status_code == 409
    assert worker.post(page, asked | {"reason": "刚做完手术"}).status_code == 302
    [booked] = bookings()
    [event] = db.session.scalars(select(BookingEvent).where(BookingEvent.booking_id == booked.id))
    assert event.reason == "刚做完手术"


def test_what_is_full_has_a_line_and_a_time_is_changed(worker, make: Make, stall, now) -> None:
    old = {"birth_date": date(1950, 5, 1)}
    first, second = make.resident("甲一", **old), make.resident("乙二", **old)
    starts_at = datetime(2026, 3, 14, 9, tzinfo=clock.LOCAL)
    wanted = Wanted(stall_id=stall.id, person_id=first.person.id, starts_at=starts_at)
    held = service.book(db.session(), first.me, wanted, now).booking_id
    db.session.commit()
    page, asked = f"/market/stalls/{stall.id}/book", {"person_id": second.person.id, "minute": NINE}
    assert "已经约满，可以排候补" in text_of(
        worker.get(f"{page}?person_id={second.person.id}&minute={NINE}")
    )
    assert worker.post(page, asked).status_code == 409
    waits = worker.post(page, asked | {"wait": "true"}, follow_redirects=True)
    assert "候补排在第 1 位" in text_of(waits)
    change = f"/market/bookings/{held}/change"
    assert "这个时间可以预约。" in text_of(worker.get(f"{change}?minute={NINE + 30}"))
    moved = worker.post(change, {"minute": NINE + 30}, follow_redirects=True)
    assert "请告诉居民新的时间和预约码" in text_of(moved)
    left, line, new = bookings()
    assert (left.state, line.state, new.state) == ("cancelled", "offered", "confirmed")
    assert (new.person_id, new.account_id) == (first.person.id, first.account.id)
    assert "改到另一个时段" in text_of(worker.get(f"/market/bookings/{held}"))
    assert worker.post(change, {"minute": NINE}).status_code == 409  # it is no more
    card = f"/people/{second.person.id}/bookings/{line.id}"
    assert worker.post(f"{card}/accept", {}).status_code == 302
    assert "将取消乙二预约的“理发”" in text_of(worker.get(f"{card}/cancel"))
    assert worker.post(f"{card}/cancel", {"reason": "家里有事"}).status_code == 302
    db.session.expire_all()
    assert bookings()[1].state == "cancelled"


def test_others_and_nonsense_are_refused(worker, console, make: Make, day, stall, now) -> None:
    old = make.person("王秀英", birth_date=date(1950, 5, 1))
    far = make.place("community", name="滨江社区")
    stranger = make.person("远处", home_place_id=far.id)
    page = f"/market/stalls/{stall.id}/book"
    assert worker.post(page, {"person_id": stranger.id, "minute": NINE}).status_code == 404
    for wrong, status in (
        ({"person_id": old.id, "minute": NINE + 1}, 404), ({"person_id": old.id}, 422),
        ({"person_id": old.id, "minute": "九点"}, 422), ({"minute": NINE}, 422),
    ):  # fmt: skip
        assert worker.post(page, wrong).status_code == status
    assert worker.post(page, {"person_id": old.id, "minute": NINE}).status_code == 302
    [booked] = bookings()
    elsewhere = console.as_(make.staff("worker", far, name="周敏"))
    for path in (page, f"/market/bookings/{booked.id}", f"/market/bookings/{booked.id}/change"):
        assert elsewhere.get(path).status_code == 404
    assert (
        elsewhere.post(f"/market/bookings/{booked.id}/change", {"minute": 600}).status_code == 404
    )
    assert worker.get("/market/stalls/999999/book").status_code == 404
    assert worker.get("/market/bookings/999999").status_code == 404
    assert "现在没有可以预约的集市" in text_of(elsewhere.get("/market/book"))
    sure = {"seen": seen_on(worker.get(f"/market/{day.id}/cancel")), "reason": "下大雨"}
    assert worker.post(f"/market/{day.id}/cancel", sure).status_code == 302
    assert worker.get(page).status_code == 404
