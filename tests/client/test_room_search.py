"""Looking for a free room on the phone: near me, what comes near a wish, and one tap to reserve."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import CourseRun
from backend.places.models import Place
from backend.venues.models import Reservation
from backend.venues.sheet import WEEKDAYS
from tests.client.demo import Demo, phone, serious_faults, settle, sign_in, visit
from tests.client.family import Family, family
from tests.factories import Make

pytestmark = pytest.mark.browser

HOUSE = "近水楼"
FAR_OUT = {"latitude": 30.9, "longitude": 114.9}
"""Nobody else's venue is within twenty kilometres; as the maps have it."""


def a_house(demo: Demo, home: Family) -> None:
    """A house of the family's community far from all others, open every day."""
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name=HOUSE, step_free=True, **FAR_OUT)
        make.open_room(
            place, name="听涛棋室", venue_id=house.id, capacity=12, functions=["chess"],
            equipment=["whiteboard"], step_free=True,
        )  # fmt: skip
        make.rules(house, **dict.fromkeys((*WEEKDAYS, "holiday"), "08:30-21:00"), max_minutes=120)
        db.session.commit()


def tap(page: Page, name: str | re.Pattern[str], role: str = "radio") -> None:
    page.get_by_role(role, name=name).first.click()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def hour(page: Page, end: str, at: int) -> None:
    hours = page.get_by_role("radiogroup", name=end)
    hours.get_by_role("radio", name=f"{at} 点", exact=True).click()


def look(page: Page) -> None:
    tap(page, "找房间", "button")
    settle(page)
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_room_near_by_is_one_tap_away(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    a_house(demo, home)
    with phone(browser, geolocation=FAR_OUT, permissions=["geolocation"]) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, "venues/pages/venues")
        tap(page, "按时间、人数找空房间", "button")
        tap(page, "棋牌")
        page.get_by_role("textbox", name="大概几个人").fill("10")
        tap(page, re.compile("明天"))
        tap(page, re.compile("下午"))
        tap(page, re.compile("离我近"))
        tap(page, "还有要求", "button")
        tap(page, "白板", "checkbox")
        look(page)
        expect(page.get_by_text("棋牌 · 10 人 · 明天下午 · 2 小时 · 白板")).to_be_visible()
        first = page.locator(".card", has_text=re.compile("听涛棋室|最多")).nth(0)
        expect(first).to_contain_text(f"{HOUSE} · 约")
        expect(first).to_contain_text("米")
        page.get_by_role("link", name=re.compile("预约听涛棋室 明天 14:00")).click()
        expect(page.get_by_role("radio", name=re.compile("2 小时"))).to_be_checked()
        expect(page.get_by_role("textbox", name="一共几个人")).to_have_value("10")
        page.get_by_role("textbox", name="做什么").fill("象棋比赛")
        tap(page, "确定预约", "button")
        expect(page.get_by_text("预约好了，到时候见！").first).to_be_visible()
    with demo.app.app_context():
        mine = select(Booking).join(Reservation).where(Booking.person_id == home.person_id)
        booking = db.session.scalars(mine).one()
        assert f"{clock.local(booking.starts_at):%H:%M}" == "14:00"
        assert booking.ends_at - booking.starts_at == timedelta(hours=2)


def test_what_comes_near_is_offered_and_the_wish_remembered(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    a_house(demo, home)
    with demo.app.app_context():
        place_id = db.session.get_one(CourseRun, home.run_id).place_id
        community = db.session.get_one(Place, place_id).name
    with phone(browser) as page:  # a browser that does not tell where it is
        sign_in(page, demo, home.openid)
        visit(page, demo, "pages/home")
        page.evaluate("localStorage.removeItem('xf.home')")  # it comes to be known again, later
        visit(page, demo, "venues/pages/search")
        tap(page, re.compile("离我近"))
        expect(page.get_by_text(re.compile("没能取得手机的位置"))).to_be_visible()
        expect(page.get_by_role("radio", name=re.compile("离我近"))).not_to_be_checked()
        expect(page.get_by_role("radio", name=re.compile(community))).to_be_checked()
        tap(page, re.compile("明天"))
        tap(page, "自己定")
        hour(page, "从几点", 7)
        hour(page, "到几点", 9)
        look(page)
        heading(page, "明天 7 点到 9 点没有正好合适的房间")
        heading(page, "换个时间")
        expect(page.get_by_role("link", name=re.compile("预约.* 明天 8:30")).first).to_be_visible()

        visit(page, demo, "venues/pages/search")  # another day: nothing has to be said again
        heading(page, "明天 7 点到 9 点没有正好合适的房间")
        tap(page, "改条件", "button")
        hour(page, "到几点", 8)
        expect(page.get_by_role("button", name=re.compile("不够 2 小时"))).to_be_visible()
        tap(page, "1 小时")
        look(page)
        heading(page, "明天 7 点到 8 点不开放")
