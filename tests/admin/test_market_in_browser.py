"""A stall's two desks and the market's screen in a real browser, with the network cut and back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.db import db
from backend.market.models import Ticket
from backend.staff import sessions
from tests import databases, settings
from tests.browser import TABLET
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
POLL = 5_000  # milliseconds; pages ask every four seconds
TONES = """
    let tones = 0;
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
        document.documentElement.dataset.tones = ++tones;
        return make.call(this);
    };
"""


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A market at noon with haircuts at two desks, and the worker who runs it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'market.db'}"
    shift = int((NOON - datetime.now(UTC)).total_seconds())
    app: Flask = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            make = Make(clock.now())
            day = make.market_day(day=NOON.date(), opened_at=make.now, books_from=make.now)
            stall = make.stall(
                day, make.service(), make.provider(), from_minute=660, until_minute=900, breaks=[]
            )
            token = sessions.start(db.session(), make.staff().id, "Test", clock.now())
            db.session.commit()
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield SimpleNamespace(
                    app=app, base=base, token=token, screen=f"market/{day.id}/screen",
                    desk=f"market/stalls/{stall.id}/desk",
                )  # fmt: skip
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


@pytest.fixture
def said() -> list[str]:
    """What the browser complains about, but for the network that a test cuts."""
    return []


@pytest.fixture
def open_page(site: SimpleNamespace, browser: Browser, said: list[str]):
    """Opens a page on a tablet of its own; its clock is moved by the test."""

    def opened(path: str) -> Page:
        context = browser.new_context(
            locale="zh-CN", base_url=f"{site.base}/admin/", viewport=TABLET
        )
        context.add_cookies([{"name": COOKIE, "value": site.token, "url": f"{site.base}/admin"}])
        context.add_init_script(TONES)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.clock.install()
        page.goto(path)
        return page

    return opened


def stages(site: SimpleNamespace) -> list[tuple[str, int | None]]:
    with site.app.app_context():
        rows = db.session.execute(select(Ticket.stage, Ticket.desk).order_by(Ticket.number))
        return [(row.stage, row.desk) for row in rows]


def tap(desk: Page, word: str) -> None:
    desk.get_by_role("button", name=word, exact=True).click()


def at_desk(desk: Page, number: str) -> None:
    expect(desk.locator(".desk-number")).to_have_text(number)


def give(desk: Page, *numbers: int) -> None:
    for number in numbers:
        tap(desk, "给一个号")
        expect(desk.get_by_text(f"{number} 号，请告诉居民。")).to_be_visible()


def test_two_desks_serve_one_line(site, open_page, said) -> None:
    first, second = open_page(site.desk), open_page(f"{site.desk}?desk=2")
    screen = open_page(site.screen)
    screen.get_by_role("button", name="全屏显示").click()
    give(first, 1, 2, 3, 4, 5)
    second.reload()
    for desk, number in ((first, "1"), (second, "2")):
        tap(desk, "叫下一位")
        at_desk(desk, number)
    screen.clock.run_for(POLL)
    expect(screen.locator(".market-called b")).to_have_text(["1", "2"])
    rung = screen.locator("html")
    tones = int(rung.get_attribute("data-tones") or 0)
    assert tones > 0
    tap(first, "再叫一次")
    screen.clock.run_for(POLL)
    expect(rung).to_have_attribute("data-tones", str(tones + 2))  # a chime is two tones
    tap(first, "过号")  # back three places, once
    at_desk(first, "—")
    tap(first, "叫下一位")
    at_desk(first, "3")
    second.reload()
    tap(second, "没有来")
    at_desk(second, "—")
    first.get_by_label("备注").fill("剪短，修面")
    tap(first, "完成，叫下一位")
    at_desk(first, "4")
    expect(first.get_by_text("已服务 1 位")).to_be_visible()
    tap(first, "完成，先不叫")
    at_desk(first, "—")
    assert stages(site) == [
        ("waiting", None), ("no_show", 2), ("served", 1), ("served", 1), ("waiting", None),
    ]  # fmt: skip
    tap(first, "休息一下")
    expect(first.get_by_role("button", name="休息结束，继续叫号")).to_be_visible()
    screen.clock.run_for(POLL)
    expect(screen.get_by_text("休息中，请稍候")).to_be_visible()
    tap(first, "休息结束，继续叫号")
    expect(first.get_by_role("button", name="叫下一位", exact=True)).to_be_enabled()
    for page in (first, screen):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = first.locator(".desk-next").bounding_box()
    assert box
    assert box["y"] + box["height"] < TABLET["height"]
    assert said == []


def test_a_desk_without_network_loses_nothing_and_calls_nobody_twice(site, open_page, said) -> None:
    desk, gone = open_page(site.desk), "网络断开了"
    give(desk, 1, 2, 3)
    desk.context.set_offline(True)
    tap(desk, "叫下一位")  # never sent
    expect(desk.get_by_text(gone)).to_be_visible()
    expect(desk.locator("[data-since]")).to_have_text(re.compile("^12:[0-9]{2}$"))
    assert {stage for stage, _desk in stages(site)} == {"waiting"}
    desk.context.set_offline(False)
    desk.clock.run_for(POLL)
    expect(desk.get_by_text(gone)).to_be_hidden()
    tap(desk, "叫下一位")
    at_desk(desk, "1")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.route("**/desk/next", lose_the_answer)
    tap(desk, "完成，叫下一位")  # sent; the answer never came
    expect(desk.get_by_text(gone)).to_be_visible()
    at_desk(desk, "1")
    desk.unroute("**/desk/next")
    desk.clock.run_for(POLL)
    at_desk(desk, "2")
    expect(desk.get_by_text(gone)).to_be_hidden()
    assert stages(site) == [("served", 1), ("called", 1), ("waiting", None)]
    desk.route("**/desk*", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    desk.clock.run_for(POLL)
    expect(desk.get_by_text(gone)).to_be_visible()
    at_desk(desk, "2")  # an error page of the gateway does not take its place
    desk.context.close()
    other = open_page(site.desk)  # another tablet goes on where that one was lost
    at_desk(other, "2")
    tap(other, "完成，叫下一位")
    at_desk(other, "3")
    assert said == []


def test_the_screen_says_since_when_it_is_old(site, open_page, said) -> None:
    desk, screen = open_page(site.desk), open_page(site.screen)
    stale = screen.locator("[data-stale]")
    give(desk, 1)
    screen.clock.run_for(POLL)
    shown = screen.locator(".market-clock .num").inner_text()
    screen.context.set_offline(True)
    tap(desk, "叫下一位")
    screen.clock.run_for(POLL)
    expect(stale).to_have_text(
        f"网络断开了，屏幕上的叫号停在 {shown}。请听现场叫号，恢复后会自动更新。"
    )
    expect(screen.locator(".market-called")).to_have_count(0)
    screen.context.set_offline(False)
    screen.clock.run_for(POLL)
    expect(screen.locator(".market-called b")).to_have_text("1")
    expect(stale).to_be_hidden()
    assert said == []
