"""Rooms in a real browser: from the day's grid to a reservation, moved, seen in, on the screen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.db import db
from backend.staff import sessions
from backend.venues import service
from tests import databases, settings
from tests.browser import PHONE, TABLET
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A community with two rooms at noon, its worker, and a resident at the counter."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'venues.db'}"
    shift = int((NOON - datetime.now(UTC)).total_seconds())
    app: Flask = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            make = Make(clock.now())
            place = make.once("community", make.place)
            rooms = [make.open_room(place, name=name) for name in ("书画室", "舞蹈教室")]
            make.rules(place, check_in_minutes=240)
            make.person("王秀英", phone="13812345678", home_place_id=place.id)
            token = sessions.start(db.session(), make.staff().id, "Test", clock.now())
            db.session.commit()
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield SimpleNamespace(app=app, base=base, token=token, rooms=rooms)
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


@pytest.fixture
def room_due(site: SimpleNamespace) -> int:
    """A room reserved from noon on, where nobody has checked in yet."""
    with site.app.app_context():
        make, room = Make(clock.now()), site.rooms[0]
        make.rules(room, no_show_minutes=15)
        who = make.resident("李建国", home_place_id=room.place_id)
        noon = NOON.replace(second=0)
        wanted = service.Wanted(
            room_id=room.id, person_id=who.person.id, starts_at=noon, title="练字", headcount=3,
            ends_at=noon + timedelta(hours=2),
        )  # fmt: skip
        service.reserve(db.session(), who.me, wanted, noon - timedelta(hours=1))
        db.session.commit()
        return int(room.id)


def open_page(site: SimpleNamespace, browser: Browser, **given: object) -> Page:
    context = browser.new_context(locale="zh-CN", base_url=f"{site.base}/admin/", **given)
    context.add_cookies([{"name": COOKIE, "value": site.token, "url": f"{site.base}/admin"}])
    return context.new_page()


def test_a_room_is_reserved_moved_and_seen_on_the_screen(
    site: SimpleNamespace, browser: Browser
) -> None:
    desk = open_page(site, browser, viewport=TABLET)
    said: list[str] = []
    desk.on("console", lambda message: said.append(message.text))
    desk.goto("venues")
    desk.get_by_role("link", name="预约书画室，3月11日 周三 14:00").click()
    expect(desk.get_by_text("这个时间可以预约")).to_be_visible()
    desk.get_by_label("查找居民").fill("5678")
    desk.get_by_role("button", name="查找").click()
    desk.get_by_role("link", name="王秀英").click()
    desk.get_by_label("用途名称").fill("书画小组")
    desk.get_by_label("来几个人").fill("6")
    desk.get_by_role("button", name="预约", exact=True).click()
    expect(desk.get_by_text("预约好了")).to_be_visible()
    desk.get_by_role("link", name="改时间或房间").click()
    desk.get_by_label("房间").select_option("舞蹈教室")
    desk.get_by_role("button", name="看看行不行").click()
    desk.get_by_role("button", name="确认更改").click()
    expect(desk.get_by_text("已调整")).to_be_visible()
    desk.get_by_role("button", name="人到了，登记签到").click()
    expect(desk.get_by_text("已登记到场")).to_be_visible()
    screen = open_page(site, browser, viewport=PHONE, java_script_enabled=False)
    screen.goto(f"venues/rooms/{site.rooms[1].id}/screen")
    expect(screen.get_by_text("14:00–15:00 已预约")).to_be_visible()
    expect(screen.locator("body")).not_to_contain_text("王秀英")
    screen.goto("venues")
    screen.get_by_role("link", name="书画小组").click()
    expect(screen.get_by_text("138****5678")).to_be_visible()
    assert said == []


def test_the_code_beside_the_door_does_not_outlive_its_time(
    site: SimpleNamespace, browser: Browser, room_due: int
) -> None:
    """Offline it stands as long as it is taken; then the screen says so until it is back."""
    page = open_page(site, browser, viewport=TABLET)
    page.clock.install()
    page.goto(f"venues/rooms/{room_due}/screen")
    code, old = page.locator(".code-live"), page.get_by_text("签到码已过期")
    expect(code).to_be_visible()
    expect(page.get_by_text("12:15 前没有人签到，房间就让给邻居")).to_be_visible()
    page.context.set_offline(True)
    page.clock.run_for(10_000)
    expect(code).to_be_visible()
    page.clock.run_for(40_000)
    expect(old).to_be_visible()
    expect(code).to_be_hidden()
    page.context.set_offline(False)
    page.clock.run_for(5_000)
    expect(code).to_be_visible()
    expect(old).to_be_hidden()


def test_a_room_is_taken_out_of_use_over_a_reservation(
    site: SimpleNamespace, browser: Browser
) -> None:
    desk = open_page(site, browser, viewport=PHONE)
    said: list[str] = []
    desk.on("console", lambda message: said.append(message.text))
    desk.goto(f"venues/rooms/{site.rooms[0].id}/book?day=2026-03-12&start=14:00&end=15:00&q=5678")
    desk.get_by_role("link", name="王秀英").click()
    desk.get_by_label("用途名称").fill("书画小组")
    desk.get_by_label("来几个人").fill("6")
    desk.get_by_role("button", name="预约", exact=True).click()
    desk.goto("venues?day=2026-03-12")
    desk.get_by_role("link", name="停用房间").click()
    desk.get_by_label("全馆").check()
    desk.get_by_label("从哪天").fill("2026-03-12")
    desk.get_by_label("原因").fill("选举投票日")
    desk.get_by_role("button", name="看看会影响谁").click()
    expect(desk.get_by_text("138****5678")).to_be_visible()
    desk.get_by_role("button", name="显示全部电话").click()
    expect(desk.get_by_role("link", name="13812345678")).to_be_visible()
    desk.get_by_role("button", name="确认停用，通知居民").click()
    expect(desk.get_by_text("已停用，并通知了名单上的居民")).to_be_visible()
    expect(desk.get_by_role("link", name="王秀英")).to_be_visible()
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="恢复使用").click()
    expect(desk.get_by_text("没有停用安排")).to_be_visible()
    assert said == []
