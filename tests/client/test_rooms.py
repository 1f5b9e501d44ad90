"""A room from the home page to the reservation and back: found, chosen, reserved, given back."""

import re
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import CourseRun
from backend.people.queries import Resident
from backend.places.models import Place
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from backend.venues import requests, service
from backend.venues.models import Reservation
from tests.client.demo import Demo, phone, settle, sign_in, visit
from tests.client.family import Family, family
from tests.factories import Make

pytestmark = pytest.mark.browser


def tap(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    page.get_by_role(role, name=name).first.click()


def fits(page: Page) -> None:
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url


HOUSE, ROOM = "听雨轩", "望江书画室"


def a_room(demo: Demo, home: Family) -> None:
    """A room in a house of the family's community: closed in three days, in two already taken."""
    with demo.app.app_context():
        make, today = Make(clock.now()), clock.today(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name=HOUSE, address="望江路 8 号", step_free=True)
        room = make.open_room(
            place, name=ROOM, venue_id=house.id, capacity=12, functions=["calligraphy"],
            equipment=["whiteboard"],
        )  # fmt: skip
        make.rules(house)
        make.opening_day(house, day=today + timedelta(days=3))
        make.opening_day(house, day=today + timedelta(days=2), hours="09:00-09:30", reason="整修")
        nine = datetime.combine(today + timedelta(days=2), time(9), clock.LOCAL)
        wanted = service.Wanted(
            room_id=room.id, person_id=home.father_id, starts_at=nine, title="练字", headcount=4,
            ends_at=nine + timedelta(minutes=30),
        )  # fmt: skip
        service.reserve(db.session(), Resident(home.account_id, home.person_id), wanted, make.now)
        db.session.commit()


def test_a_room_is_found_reserved_and_given_back(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    a_room(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo)
        tap(page, "社区阵地")
        fits(page)
        tap(page, re.compile(HOUSE), "link")
        tap(page, re.compile(ROOM), "link")
        fits(page)
        strip = page.get_by_role("radiogroup", name="哪一天").get_by_role("radio")
        expect(strip).to_have_count(14)
        expect(strip.nth(2)).to_contain_text("约满了")
        expect(strip.nth(3)).to_contain_text("不开放")
        strip.nth(3).click()
        expect(page.get_by_text("不开放（选举投票日）")).to_be_visible()
        strip.nth(2).click()
        starts = page.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
        expect(starts).to_have_text(["9:00有人预约了"])
        strip.nth(1).click()
        starts.filter(has_text="15:30").click()
        tap(page, re.compile("约 明天 15:30"))

        page.get_by_role("radio", name=re.compile("1 小时 30 分")).click()
        page.get_by_role("textbox", name="做什么").fill("合唱排练")
        page.get_by_role("textbox", name="一共几个人").fill("13")
        expect(page.get_by_role("button", name="这样还不能预约")).to_be_disabled()
        expect(page.get_by_role("alert").get_by_text("人数太多")).to_be_visible()
        page.get_by_role("textbox", name="一共几个人").fill("8")
        fits(page)
        tap(page, "确定预约")
        expect(page.get_by_text("预约好了，到时候见！").first).to_be_visible()
        expect(page.get_by_text("预约码", exact=True)).to_be_visible()
        fits(page)
        with demo.app.app_context():
            mine = select(Booking, Reservation).join(Reservation).where(
                Booking.person_id == home.person_id
            )  # fmt: skip
            booking, reserved = db.session.execute(mine).one()
            assert (booking.ends_at - booking.starts_at) == timedelta(minutes=90)
            assert clock.local(booking.starts_at).strftime("%H:%M") == "15:30"
            assert (reserved.title, reserved.headcount) == ("合唱排练", 8)

        visit(page, demo, f"pages/booking?id={booking.id}")  # as messages do
        expect(page).to_have_url(re.compile("venues/pages/reservation"))
        with page.expect_download() as file:
            tap(page, "加入手机日历")
        assert file.value.suggested_filename.endswith(".ics")
        tap(page, "改时间", "link")
        settle(page)
        strip.nth(1).click()
        starts.filter(has_text="16:00").click()  # reaches into where it stands now
        tap(page, re.compile("约 明天 16:00"))
        expect(page.get_by_role("textbox")).to_have_count(0)
        fits(page)
        tap(page, "确定改到这个时间")
        expect(page.get_by_text("时间改好了，到时候见！").first).to_be_visible()
        expect(page.get_by_text("16:00–17:30")).to_be_visible()
        visit(page, demo, "pages/bookings")
        tap(page, re.compile(f"{ROOM}.*沈晓梅", re.DOTALL), "link")
        tap(page, "取消预约")
        tap(page, "确定取消")
        expect(page.get_by_text("已经取消，时间让给邻居了。").first).to_be_visible()
        with demo.app.app_context():
            assert db.session.get_one(Booking, booking.id).state == "cancelled"

        tap(page, "再约一次这个房间", "link")
        settle(page)
        strip.nth(1).click()
        starts.filter(has_text="15:30").click()
        tap(page, re.compile("约 明天 15:30"))
        expect(page.get_by_role("textbox", name="做什么")).to_have_value("合唱排练")
        tap(page, "确定预约")
        expect(page.get_by_text("预约好了，到时候见！").first).to_be_visible()


def asked_for(demo: Demo, home: Family) -> Booking:
    with demo.app.app_context():
        mine = select(Booking).join(Reservation).where(Booking.person_id == home.person_id)
        return db.session.scalars(mine).one()


def agree(demo: Demo, home: Family) -> None:
    """The manager where they live gives the room."""
    with demo.app.app_context():
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        manager = Make(clock.now()).staff(Role.MANAGER, place)
        scope = Scope(Role.MANAGER, place.id, place.path, place.name)
        me = SignedInStaff(manager.id, manager.name, (scope,))
        requests.approve(db.session(), me, asked_for(demo, home).id, clock.now())
        db.session.commit()


def test_a_room_on_request_says_so_before_it_is_asked_for_and_moved(
    demo: Demo, browser: Browser
) -> None:
    home = family(demo)
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name="栖云楼", step_free=True)
        room = make.open_room(place, name="栖云直播间", venue_id=house.id, capacity=12)
        make.rules(house, approval=True)
        room_id = room.id
        db.session.commit()
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        strip = page.get_by_role("radiogroup", name="哪一天").get_by_role("radio")
        starts = page.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
        visit(page, demo, f"venues/pages/room?id={room_id}")
        strip.nth(1).click()
        starts.filter(has_text="15:30").click()
        tap(page, re.compile("约 明天 15:30"))
        expect(page.get_by_text("要工作人员同意才算约好").first).to_be_visible()
        page.get_by_role("textbox", name="做什么").fill("合唱排练")
        page.get_by_role("textbox", name="一共几个人").fill("8")
        fits(page)
        tap(page, "提交申请")
        expect(page.get_by_text("申请已经交上去了。").first).to_be_visible()
        expect(page.get_by_role("button", name="撤回申请")).to_be_visible()
        tap(page, "改申请的时间", "link")
        expect(page.get_by_text("工作人员按新的时间审核").first).to_be_visible()
        strip.nth(1).click()
        starts.filter(has_text="17:30").click()
        tap(page, re.compile("约 明天 17:30"))
        expect(page.get_by_text("原来申请的时间就不要了").first).to_be_visible()
        tap(page, "提交申请")
        expect(page.get_by_text(re.compile("17:30–")).first).to_be_visible()
        visit(page, demo, "pages/bookings")
        expect(page.get_by_role("heading", name="等社区答复的")).to_be_visible()
        expect(page.get_by_text("工作人员审核后通知您")).to_be_visible()
        fits(page)
        agree(demo, home)
        visit(page, demo, f"venues/pages/reservation?id={asked_for(demo, home).id}")
        tap(page, "改时间", "link")
        settle(page)
        strip.nth(1).click()
        starts.filter(has_text="16:00").click()
        tap(page, re.compile("约 明天 16:00"))
        expect(page.get_by_text("原来的时间马上让出来").first).to_be_visible()
        tap(page, "提交申请")
        expect(page.get_by_text("申请已经交上去了。").first).to_be_visible()
        expect(page.get_by_text("时间改好了")).to_have_count(0)
        fits(page)
        visit(page, demo, "venues/pages/reservation?id=98765432")
        tap(page, "看看别的房间")
        expect(page).to_have_url(re.compile("venues/pages/venues"))
    assert asked_for(demo, home).state == "requested"
