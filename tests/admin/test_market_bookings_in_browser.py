"""A worker's morning before a market, in a browser and on PostgreSQL: open it, book for somebody,
change the hours and see whom that hits, agree on a visit at home and print the route.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.staff.models import AuditEntry
from tests import databases
from tests.desks import clock_from, served, signed_in
from tests.factories import Make

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """A market in three days that residents do not see yet: haircuts, and a nurse who visits."""
    url = databases.new_database("postgresql", request, tmp_path_factory)
    with clock_from(NOON, url) as app:
        make = Make(clock.now())
        day = make.market_day()
        make.stall(day, make.service(), make.provider(), walk_up_percent=0, at_once=1)
        make.stall(
            day, make.service("义诊"), make.provider("赵护士"), from_minute=840,
            until_minute=960, slot_minutes=40, at_once=1, walk_up_percent=0, at_home=True,
        )  # fmt: skip
        make.person("王秀英", birth_date=date(1944, 5, 1), phone="13800001234")
        worker = make.staff("worker")
        db.session.commit()
        with served(app) as base:
            yield SimpleNamespace(app=app, base=base, worker=worker, market=f"market/{day.id}")


@pytest.fixture
def page(site: SimpleNamespace, browser: Browser) -> Iterator[Page]:
    with signed_in(browser, site.base, site.worker) as page:
        yield page


def link(page: Page, words: str) -> None:
    page.get_by_role("link", name=words).first.click()


def button(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def choose(page: Page, market: str, stall: str, time: str) -> None:
    """As far as the form for 王秀英, from the market's page."""
    page.goto(market)
    link(page, "替居民预约")
    link(page, stall)
    link(page, time)
    page.get_by_role("searchbox", name="查找居民").fill("王秀英")
    button(page, "查找")
    link(page, "王秀英")


def test_a_market_is_booked_changed_and_visited(site: SimpleNamespace, page: Page) -> None:
    page.goto(site.market)
    link(page, "开放给居民")
    page.get_by_role("button", name="开放").click()
    expect(page.get_by_text("居民现在能看到这场集市了。")).to_be_visible()

    choose(page, site.market, "理发", "09:00")
    button(page, "预约")
    expect(page.get_by_text("请把预约码告诉居民。")).to_be_visible()

    page.goto(site.market)
    page.locator("a.row-item", has_text="理发").click()
    page.get_by_label("出摊").fill("09:30")
    button(page, "保存")
    expect(page.get_by_text("1 位居民约好的时段就没有了")).to_be_visible()
    expect(page.locator(".row-item", has_text="王秀英")).to_contain_text("09:00 → 09:30")
    page.get_by_label("原因").fill("师傅晚到半小时")
    button(page, "确认，通知居民")
    expect(page.get_by_text("已保存。")).to_be_visible()
    link(page, "预约名单")
    expect(page.get_by_text("09:30")).to_be_visible()

    choose(page, site.market, "上门义诊", "14:00")
    page.get_by_label("上门的地址").fill("和平新村3号楼402")
    page.get_by_label("已核实，本人确实下不了楼").check()
    button(page, "定下上门时间")
    expect(page.get_by_text("请把上门时间告诉居民")).to_be_visible()
    expect(page.get_by_text("138****1234")).to_be_visible()
    button(page, "显示号码")
    expect(page.get_by_role("link", name="13800001234")).to_be_visible()
    page.get_by_role("link", name="上门服务").click()
    button(page, "路线单：上门义诊")
    expect(page.get_by_text("和平新村3号楼402 · 13800001234")).to_be_visible()

    with site.app.app_context():
        states = db.session.execute(select(Booking.state, Booking.starts_at).order_by(Booking.id))
        assert [(state, f"{clock.local(at):%H:%M}") for state, at in states] == [
            ("confirmed", "09:30"), ("confirmed", "14:00"),
        ]  # fmt: skip
        looked = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert looked[-2:] == ["home_visit.show_phone", "home_visit.route"]
