"""A room every week on the phone: the dates looked at first, one skipped, all moved, given back."""

import re
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import CourseRun
from backend.places.models import Place
from backend.venues.series.models import Series, SeriesDate
from tests.client.demo import Demo, phone, settle, sign_in, visit
from tests.client.family import Family, family
from tests.client.test_rooms import fits, tap
from tests.factories import Make

pytestmark = pytest.mark.browser


def a_room(demo: Demo, home: Family) -> int:
    """One that may be reserved again and again; the house is closed on the third of the dates."""
    with demo.app.app_context():
        make, today = Make(clock.now()), clock.today(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name="望春楼")
        room = make.open_room(place, name="排练厅", venue_id=house.id, capacity=30)
        make.rules(house, series_dates=6, series_days=100)
        make.opening_day(house, day=today + timedelta(days=16), reason="整修")
        return int(room.id)


def starts(demo: Demo) -> list[str]:
    """When what is reserved begins, by day and hour from today on."""
    with demo.app.app_context():
        midnight = datetime.combine(clock.today(clock.now()), time(), clock.LOCAL)
        found = db.session.scalars(
            select(Booking.starts_at)
            .join(SeriesDate, SeriesDate.booking_id == Booking.id)
            .join(Series, Series.id == SeriesDate.series_id)
            .where(Booking.state == "confirmed", Series.title == "街坊广场舞")
            .order_by(Booking.starts_at)
        ).all()
        return [f"{(at - midnight).days} {clock.local(at):%H}" for at in found]


def test_every_week_moved_and_given_back(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    room_id = a_room(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"venues/pages/room?id={room_id}")
        settle(page)
        strip = page.get_by_role("radiogroup", name="哪一天").get_by_role("radio")
        hours = page.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
        strip.nth(2).click()
        hours.filter(has_text="14:00").click()
        tap(page, re.compile("^约 .*14:00"))
        page.get_by_role("textbox", name="做什么").fill("街坊广场舞")
        page.get_by_role("textbox", name="一共几个人").fill("9")
        tap(page, "以后每周都约", "switch")
        expect(page.get_by_text("3 次可以约，1 次约不上")).to_be_visible()
        expect(page.get_by_text("这个时间不开放：整修。")).to_be_visible()
        fits(page)
        tap(page, "只约能约的 3 次")
        expect(page.get_by_text("约好了！下面是每一次的时间。").first).to_be_visible()
        assert starts(demo) == ["2 14", "9 14", "23 14"]
        expect(page.get_by_text("没约上：这个时间不开放：整修。")).to_be_visible()
        tap(page, "补约这一次")
        expect(page.get_by_text("整修").first).to_be_visible()
        fits(page)

        visit(page, demo, "pages/bookings")
        settle(page)
        expect(page.get_by_text("固定预约，还有 3 次")).to_have_count(1)
        page.get_by_text("固定预约，还有 3 次").click()
        tap(page, "改时间", "link")
        settle(page)
        strip.nth(2).click()
        hours.filter(has_text="16:00").click()
        tap(page, re.compile("^约 .*16:00"))
        page.get_by_role("radio", name=re.compile("还没到的全部改")).click()
        expect(page.get_by_text("3 次都可以改。")).to_be_visible()
        fits(page)
        tap(page, "确定改 3 次")
        expect(page.get_by_text("改好了 3 次").first).to_be_visible()
        assert starts(demo) == ["2 16", "9 16", "23 16"]

        tap(page, "取消后面的几次")
        page.get_by_role("radio", name=re.compile("2 次")).click()
        tap(page, "确定取消 2 次")
        expect(page.get_by_text("已经取消 2 次，时间让给邻居了。").first).to_be_visible()
        assert starts(demo) == ["2 16"]
        fits(page)
