"""The counter with the network really cut: nobody waits, nothing is lost or counted twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.booking.models import Booking
from backend.canteen.kitchen import closing
from backend.canteen.serving import service
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import db
from backend.staff import sessions
from tests import databases, settings
from tests.browser import TABLET
from tests.canteen.kitchens import CUTOFF, cooked
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 12, 4, tzinfo=UTC)
NAMES = ("王秀英", "李国强", "赵桂兰", "陈玉珍")


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Four have ordered lunch; somebody is at the counter, a colleague elsewhere."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'counter.db'}"
    shift = int((NOON - datetime.now(UTC)).total_seconds())
    app: Flask = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            make = Make(CUTOFF - timedelta(hours=4))
            meal = cooked(make, db.session())
            meal.dish("清炒时蔬", 400)
            orders = {}
            for number, name in enumerate(NAMES):
                person = make.person(name)
                order = meal.order(person, {"清炒时蔬": 1}, short_code=f"48291{number}")
                meal.pays(person, order, 400)
                orders[name] = order.id
            closing.close(db.session(), meal.id, CUTOFF)
            here = make.once("community", make.place)
            staff, other = make.staff("counter", here, name="许阿芳"), make.staff("clerk", here)
            token = sessions.start(db.session(), staff.id, "Test", clock.now())
            db.session.commit()
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield SimpleNamespace(
                    base=base, token=token, path=f"/admin/counter/{meal.id}", orders=orders,
                    other=other.id,
                )  # fmt: skip
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


def served(site: SimpleNamespace) -> dict[str, str]:
    """Who has their meal, and by what that is known."""
    db.session.rollback()
    rows = db.session.execute(
        select(Booking.id, MealServed.proof).join(MealServed, MealServed.booking_id == Booking.id)
    )
    found = {row.id: row.proof for row in rows}
    return {name: found[one] for name, one in site.orders.items() if one in found}


def type_code(page: Page, code: str) -> None:
    field = page.get_by_role("searchbox")
    field.fill(code)
    field.press("Enter")


def test_lunch_goes_on_without_a_network(browser: Browser, site: SimpleNamespace) -> None:
    context = browser.new_context(viewport=TABLET, base_url=site.base, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": site.token, "url": f"{site.base}/admin"}])
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(site.path)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("() => caches.has('counter-choices')")
    told, line = page.locator("[data-told]"), page.locator("#keep")
    expect(line).to_contain_text("全部已上传")
    type_code(page, "482 910")
    expect(told).to_contain_text("王秀英")
    expect(told).to_contain_text("自付 4 元 餐卡余额 0 元", use_inner_text=True)
    assert served(site) == {"王秀英": "code"}
    expect(page.locator(".pick-tally")).to_contain_text("1 / 4")

    context.set_offline(True)
    page.get_by_role("button", name="李国强取餐").click()
    page.get_by_role("button", name="陈玉珍取餐").click()
    expect(line).to_contain_text("已保存在本机 2 条")
    page.reload()
    expect(page.get_by_role("heading", name="午餐")).to_be_visible()
    expect(page.locator(".pick", has_text="李国强")).to_contain_text("等待上传")
    type_code(page, "482912")
    expect(told).to_contain_text("赵桂兰")
    expect(told).to_contain_text("记在本机")
    type_code(page, "482911")
    expect(told).to_contain_text("这一份已经取走了")
    type_code(page, "999999")
    expect(told).to_contain_text("名单上没有这个取餐码")
    page.get_by_role("searchbox").fill("玉珍")
    expect(page.locator(".pick:visible")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    assert list(served(site)) == ["王秀英"]
    service.serve(
        db.session(), site.orders["李国强"], way=Way.COUNTER, proof=Proof.LIST,
        staff_id=site.other, at=clock.now(), key="a colleague", now=clock.now(),
    )  # fmt: skip
    db.session.commit()

    context.set_offline(False)
    expect(page.get_by_role("link", name="现场加餐")).to_be_visible(timeout=15_000)  # its own page
    expect(line).to_contain_text("全部已上传")
    expect(page.locator(".pick-tally")).to_contain_text("4 / 4")
    assert served(site) == {"王秀英": "code", "李国强": "list", "赵桂兰": "code", "陈玉珍": "list"}
    conflict = page.locator(".pick-conflicts")
    expect(conflict).to_contain_text("可能发了两份")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    conflict.get_by_label("怎么处理的").fill("多发一份，已说明")
    conflict.get_by_role("button", name="已核对").click()
    expect(conflict).to_have_count(0)
    page.get_by_role("button", name="退出").first.click()
    page.wait_for_url("**/sign-in**")
    context.set_offline(True)
    page.goto(site.path)
    expect(page.get_by_text("请先联网登录")).to_be_visible()
    assert wrong == []
    context.close()
