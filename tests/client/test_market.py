"""A market on the phone: a time booked, changed and given back; a number by the stall's code that
moves up while staff call at the desk, and is called.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.market import numbers, slots
from backend.market.models import MarketDay, Ticket
from backend.night_school.models import CourseRun
from backend.places.models import Place
from backend.staff import sessions
from tests.browser import TABLET
from tests.client.demo import Demo, phone, serious_faults, sign_in, visit
from tests.client.family import FATHER, Family, family
from tests.client.test_rooms import fits, tap
from tests.console import me_of
from tests.factories import Make

pytestmark = pytest.mark.browser

DAYS_AHEAD = 3


def a_market(demo: Demo, home: Family, service: str, days: int = 0) -> tuple[str, int]:
    """(market, stall) in the family's community: 9 to 12 with two barbers, half of it bookable."""
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        date = clock.today(make.now) + timedelta(days=days)
        here = select(MarketDay).where(MarketDay.place_id == place.id, MarketDay.day == date)
        day = db.session.scalars(here).first() or make.market_day(
            place, day=date, opened_at=make.now, books_from=make.now - timedelta(hours=1)
        )
        people = [make.provider(f"{service}{name}") for name in ("李师傅", "王师傅")]
        stall = make.stall(
            day, make.service(service, bring="请洗好头再来"), *people, by_person=True,
            until_minute=720, breaks=[[690, 700]],
        )  # fmt: skip
        row = numbers.on_the_day(db.session(), stall.id)
        slots.make(db.session(), row, row, service, day.books_from)
        db.session.commit()
        return day.title, stall.id


def booked(demo: Demo, home: Family) -> list[tuple[str, str]]:
    """The states of the family's slots, and at what time."""
    with demo.app.app_context():
        found = db.session.scalars(
            select(Booking)
            .where(Booking.person_id == home.father_id, Booking.once_key.startswith("market:"))
            .order_by(Booking.id)
        )
        return [(one.state, f"{clock.local(one.starts_at):%H:%M}") for one in found]


def test_a_time_is_booked_changed_and_given_back(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    title, _stall = a_market(demo, home, "剪发", DAYS_AHEAD)
    with phone(browser, large=True) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo)
        tap(page, "幸福集市")
        tap(page, re.compile(title), "link")
        expect(page.get_by_text("剪发李师傅、剪发王师傅")).to_be_visible()
        expect(page.get_by_text("9:00–12:00，11:30–11:40 休息")).to_be_visible()
        assert serious_faults(page) == []
        fits(page)
        tap(page, "剪发 预约时间")
        tap(page, re.compile("^剪发王师傅"), "radio")
        tap(page, re.compile("^9:15"), "radio")
        tap(page, FATHER, "radio")
        assert serious_faults(page) == []
        fits(page)
        tap(page, "约 9:15")
        expect(page.get_by_text("约好了，到时候见！").first).to_be_visible()
        expect(page.get_by_text("剪发王师傅")).to_be_visible()
        assert serious_faults(page) == []
        fits(page)
        tap(page, "改时间")
        expect(page.get_by_text("选好新的时间，原来的才会让出来。")).to_be_visible()
        tap(page, re.compile("^10:00"), "radio")
        tap(page, "改到 10:00")
        expect(page.get_by_text("时间改好了，到时候见！").first).to_be_visible()
        visit(page, demo, "pages/bookings")
        tap(page, re.compile("剪发"), "link")
        tap(page, "取消预约")
        tap(page, "确定取消")
        expect(page.get_by_text("已经取消，名额让给邻居了。").first).to_be_visible()
    assert booked(demo, home) == [("cancelled", "09:15"), ("cancelled", "10:00")]


@contextmanager
def desk(demo: Demo, browser: Browser, stall_id: int) -> Iterator[Page]:
    """The desk page of a stall, on the tablet of somebody of its community."""
    with demo.app.app_context():
        make = Make(clock.now())
        day = numbers.on_the_day(db.session(), stall_id)
        someone = make.staff(place=db.session.get_one(Place, day.place_id))
        token = sessions.start(db.session(), someone.id, "Tablet", clock.now())
        for _ in range(2):  # two neighbours without a phone were first
            numbers.take_at_table(db.session(), me_of(someone), stall_id, clock.now())
        db.session.commit()
    context = browser.new_context(viewport=TABLET, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"{demo.base}/admin"}])
    page = context.new_page()
    try:
        page.goto(f"{demo.base}/admin/market/stalls/{stall_id}/desk")
        yield page
    finally:
        context.close()


def on_show(demo: Demo, stall_id: int) -> str:
    with demo.app.app_context():
        return numbers.link_of(stall_id, clock.now()).partition("#/")[2]


def test_a_number_by_the_stalls_code_moves_up_and_is_called(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    _market, stall_id = a_market(demo, home, "修面")
    with phone(browser, large=True) as page, desk(demo, browser, stall_id) as table:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"check-in?stall={stall_id}&code=AAAAAAAA")
        expect(page.get_by_text("现在有 2 位在等")).to_be_visible()
        tap(page, "取号")
        expect(page.get_by_text("码已经换了，请再扫一次屏幕上新的码")).to_be_visible()
        visit(page, demo, on_show(demo, stall_id))
        tap(page, FATHER, "radio")
        fits(page)
        tap(page, "取号")
        expect(page.get_by_text("前面还有 2 位").first).to_be_visible()
        expect(page.locator(".number__big")).to_have_text("3")
        assert serious_faults(page) == []
        fits(page)
        tap(table, "叫下一位")
        expect(page.get_by_text("前面还有 1 位").first).to_be_visible()
        expect(page.get_by_text("1 号", exact=True)).to_be_visible()
        page.context.set_offline(True)
        stale = re.compile(r"^网络不好，显示的是 \d+:\d\d 的情况。$")
        expect(page.get_by_text(stale)).to_be_visible()
        tap(table, "完成，叫下一位")
        page.context.set_offline(False)
        expect(page.get_by_text("下一位就是您，请到摊位等").first).to_be_visible()
        visit(page, demo)
        tap(page, re.compile("修面排队，3 号"), "link")
        expect(page.locator(".number__big")).to_have_text("3")
        tap(table, "完成，叫下一位")
        expect(page.get_by_text("轮到您了！")).to_be_visible()
        expect(page.get_by_text("请到 1 号桌", exact=True)).to_be_visible()
        fits(page)
        tap(table, "完成")
        expect(page.get_by_text("已经办好，谢谢您来。").first).to_be_visible()
    with demo.app.app_context():
        mine = db.session.scalars(select(Ticket).where(Ticket.person_id == home.father_id)).one()
        assert (mine.number, mine.stage) == (3, "served")


def test_who_does_not_wait_any_longer_gives_the_number_back(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    _market, stall_id = a_market(demo, home, "染发")
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, on_show(demo, stall_id))
        tap(page, "取号")
        expect(page.get_by_text("下一位就是您，请到摊位等").first).to_be_visible()
        polls: list[str] = []
        page.on("request", lambda one: polls.append(one.url) if "/line" in one.url else None)
        with page.expect_request(re.compile("/line")):
            pass
        page.evaluate(
            "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden',"
            " configurable: true}); document.dispatchEvent(new Event('visibilitychange'))"
        )
        del polls[:]
        page.wait_for_timeout(6_000)  # longer than it would pause between two questions
        assert polls == []
        page.evaluate(
            "delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))"
        )
        with page.expect_request(re.compile("/line")):
            pass
        tap(page, "不等了，退号")
        tap(page, "确定退号")
        expect(page.get_by_text("这个号已经退了。").first).to_be_visible()
    with demo.app.app_context():
        assert db.session.scalars(
            select(Ticket.stage).where(Ticket.person_id == home.person_id)
        ).all() == ["left"]
