"""At a room's door with a phone: checking in, leaving early, and coming too late."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import CourseRun
from backend.people.queries import Resident
from backend.places.models import Place
from backend.venues import room_codes, service
from backend.venues.models import Reservation
from tests.client.demo import Demo, phone, sign_in, visit
from tests.client.family import Family, family
from tests.client.test_rooms import fits, tap
from tests.factories import Make

pytestmark = pytest.mark.browser

HALF_HOUR = timedelta(minutes=30)


def begun(now: datetime) -> datetime:
    """The half hour that is under way."""
    local = clock.local(now)
    return local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)


def reserved(demo: Demo, home: Family, name: str, since: timedelta, **rules: int) -> int:
    """A room of three hours that began so long before this half hour; the room's id."""
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name=f"{name}小院", phone="0571-8500 1234")
        room = make.open_room(place, name=name, venue_id=house.id, capacity=12)
        make.rules(house, **rules)
        start = begun(make.now) - since
        wanted = service.Wanted(
            room_id=room.id, person_id=home.person_id, starts_at=start, headcount=4, title="练字",
            ends_at=start + timedelta(hours=3),
        )  # fmt: skip
        me = Resident(home.account_id, home.person_id)
        service.reserve(db.session(), me, wanted, start - timedelta(hours=1))
        db.session.commit()
        return room.id


def on_show(demo: Demo, room_id: int) -> str:
    with demo.app.app_context():
        return room_codes.room_code(room_id, clock.now())


def states(demo: Demo, home: Family) -> list[str]:
    with demo.app.app_context():
        mine = (
            select(Booking.state).join(Reservation).where(Booking.person_id == home.person_id)
        )  # fmt: skip
        return list(db.session.scalars(mine.order_by(Booking.id)))


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_from_the_reservation_to_the_door_and_home_early(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    room_id = reserved(demo, home, "临水书房", timedelta(), no_show_minutes=60)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, "pages/bookings")
        tap(page, re.compile("临水书房"), "link")
        tap(page, "到了，签到")
        expect(page.get_by_text("请找工作人员签到")).to_be_visible()
        tap(page, "扫不了？输入签到码")
        page.get_by_role("textbox", name="屏幕上的签到码").fill("AAAAAAAA")
        tap(page, "签到")
        heading(page, "码已过期，请扫屏幕上新的码")
        page.get_by_role("textbox", name="屏幕上的签到码").fill(on_show(demo, room_id))
        fits(page)
        tap(page, "签到")
        heading(page, "签到成功")
        fits(page)
        assert states(demo, home) == ["attended"]
        tap(page, "看这项预约")
        tap(page, "提前结束")
        tap(page, "确定结束")
        expect(page.get_by_text("剩下的时间让给邻居了").first).to_be_visible()
    with demo.app.app_context():
        mine = db.session.scalars(
            select(Booking).join(Reservation).where(Booking.person_id == home.person_id)
        ).one()
        assert mine.ends_at <= clock.now()


def test_who_comes_too_late_takes_what_is_left(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    room_id = reserved(demo, home, "晚晴书房", HALF_HOUR, no_show_minutes=15)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"check-in?room={room_id}&code={on_show(demo, room_id)}")
        heading(page, "来晚了一步，房间已经让给邻居")
        expect(page.get_by_text(re.compile("还空着，可以再约"))).to_be_visible()
        fits(page)
        tap(page, re.compile("^约 "))
        expect(page.get_by_role("textbox", name="做什么")).to_have_value("练字")
        tap(page, "确定预约")
        expect(page.get_by_text("预约好了，到时候见！").first).to_be_visible()
    assert states(demo, home) == ["missed", "confirmed"]
