"""A dispatcher's morning in a browser: who waits is settled, stops are put in order, runs find
somebody, and the live page follows what couriers tick until all are back.
"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.canteen.delivery.models import DeliveryRun
from backend.canteen.serving.models import MealServed
from backend.db import db
from backend.places.models import Place
from tests import databases
from tests.browser import PHONE
from tests.canteen.kitchens import DAY
from tests.canteen.routes import Brought, brought
from tests.desks import clock_from, fits, served, signed_in
from tests.factories import Make

pytestmark = pytest.mark.browser

SOON = clock.at_minute(DAY, 10 * 60 + 25)
"""A quarter of an hour before the runs leave."""
AT_DOOR = {"王秀英": "482910", "李国强": "482911", "张桂兰": "482912", "周建民": "482913"}


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """Lunch for two estates, planned; of one eater nobody knows where they live."""
    url = databases.new_database("sqlite", request, tmp_path_factory)
    with clock_from(SOON, url) as app:
        world = brought(Make(clock.now()), db.session())
        for address, name in (
            ("翠园小区1号楼2单元201室", "王秀英"), ("翠园小区1号楼2单元601室", "李国强"),
            ("老地方", "张桂兰"), ("锦绣苑1号楼301", "周建民"),
        ):  # fmt: skip
            world.order(address, name, short_code=AT_DOOR[name])
        world.plan()
        place = db.session.get_one(Place, world.lunch.canteen.place_id)
        dispatcher = world.lunch.make.staff("dispatcher", place, name="唐建军")
        couriers = [
            world.lunch.make.staff("courier", place, name=name) for name in ("马晓峰", "赵师傅")
        ]
        db.session.commit()
        with served(app) as base:
            yield SimpleNamespace(
                base=base, world=world, dispatcher=dispatcher, couriers=couriers,
                meal=f"deliveries/{world.lunch.id}",
                live=f"canteens/meals/{world.lunch.id}/live",
            )  # fmt: skip


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def runs(site: SimpleNamespace) -> list[DeliveryRun]:
    """As they stand now: the server is another process."""
    db.session.rollback()
    found: list[DeliveryRun] = site.world.runs()
    return found


def tile(page: Page, label: str):
    return page.locator(".live-tile", has_text=label).locator(".tile-number")


def test_a_dispatchers_morning(site: SimpleNamespace, browser: Browser) -> None:
    with (
        signed_in(browser, site.base, site.dispatcher) as desk,
        signed_in(browser, site.base, site.couriers[0], viewport=PHONE) as phone,
    ):
        a_run_is_made_of_one(desk, site)
        an_address_is_asked_for(desk, site)
        somebody_orders_late(desk, site)
        each_run_finds_somebody(desk, phone, site)
        the_live_page_follows(desk, phone, site)
        everybody_is_back(desk, phone, site)


def a_run_is_made_of_one(desk: Page, site: SimpleNamespace) -> None:
    """The first page tells that nobody has the run; one bag of it gets a run of its own."""
    desk.goto("deliveries")
    desk.locator("#runs-alarm").get_by_role("link", name="第 1 趟").click()
    stop = desk.locator(".delivery-stop", has_text="锦绣苑")
    stop.get_by_role("link", name="换一趟").click()
    desk.get_by_label("换到").select_option("另开一趟")
    press(desk, "换过去")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("第 2 趟")
    desk.goto("deliveries")
    expect(desk.locator("#runs-alarm")).to_contain_text("快出发了还没有人领（2 趟）")


def an_address_is_asked_for(desk: Page, site: SimpleNamespace) -> None:
    """Until then nothing can be printed."""
    expect(desk.locator("body")).to_contain_text("待安排 1 份")
    desk.get_by_role("link", name="午餐").click()
    waits = desk.locator(".delivery-waits")
    expect(waits).to_contain_text("不知道送到哪里（1 份）")
    expect(desk.get_by_role("link", name="打印全部路线单")).to_have_count(0)
    waits.get_by_role("link", name="张桂兰").click()
    desk.get_by_label("小区").select_option("翠园小区")
    desk.get_by_label("楼栋").fill("1号楼")
    desk.get_by_label("单元").fill("2")
    desk.get_by_label("房号").fill("401")
    press(desk, "放进合适的一趟")
    doors_are(desk, "601", "201", "401")
    expect(desk.get_by_text("有一份是后加的")).to_be_visible()
    press(desk, "重新排顺序")
    doors_are(desk, "601", "401", "201")
    expect(desk.get_by_text("有一份是后加的")).to_have_count(0)


def doors_are(desk: Page, *flats: str) -> None:
    """The stops of the run at hand, in the order they are walked."""
    titles = desk.locator(".delivery-stop .row-title")
    expect(titles).to_have_text([f"翠园小区 1号楼 2单元 {flat}" for flat in flats])


def somebody_orders_late(desk: Page, site: SimpleNamespace) -> None:
    """The run says so until it is put in order again."""
    world: Brought = site.world
    world.order("翠园小区1号楼2单元501室", "孙大妈")
    world.plan()
    desk.goto(site.meal)
    first = desk.locator(".delivery-run").first
    expect(first).to_contain_text("要重新排")
    first.click()
    doors_are(desk, "601", "401", "201", "501")
    press(desk, "重新排顺序")
    doors_are(desk, "601", "501", "401", "201")
    assert [run.needs_ordering for run in runs(site)] == [False, False]


def each_run_finds_somebody(desk: Page, phone: Page, site: SimpleNamespace) -> None:
    """A volunteer claims one on the phone; the dispatcher gives the other to a colleague."""
    phone.goto("courier")
    phone.locator("li", has_text="翠园小区").get_by_role("button", name="我来送").click()
    expect(phone.get_by_label("带出几个饭盒？")).to_be_visible()
    desk.goto(site.meal)
    expect(desk.locator("#runs-alarm")).to_contain_text("快出发了还没有人领（1 趟）")
    expect(desk.locator(".delivery-run").first).to_contain_text("马晓峰")
    desk.locator("#runs-alarm").get_by_role("link", name="第 2 趟").click()
    desk.get_by_label("送餐员").select_option("赵师傅")
    press(desk, "记下谁来送")
    expect(desk.locator(".page-title")).to_contain_text("赵师傅")
    desk.goto(site.meal)
    expect(desk.locator(".alarm-panel")).to_have_count(0)
    assert [run.courier_id for run in runs(site)] == [one.id for one in site.couriers]


def the_live_page_follows(desk: Page, phone: Page, site: SimpleNamespace) -> None:
    desk.goto(site.live)
    expect(tile(desk, "还没出发")).to_have_text("5")
    phone.get_by_label("带出几个饭盒？").fill("4")
    press(phone, "出发")
    expect(phone.locator("[data-progress]")).to_contain_text("0 / 4")
    tick(phone, 0, AT_DOOR["李国强"])
    expect(phone.locator("[data-stop]").nth(1).get_by_label("六位取餐码")).to_be_focused()
    expect(phone.locator("#keep")).to_contain_text("全部已上传")
    desk.reload()
    expect(tile(desk, "在路上")).to_have_text("3")
    expect(tile(desk, "已送到")).to_have_text("1")
    expect(desk.get_by_role("link", name="翠园小区")).to_contain_text("1/4 份")
    desk.set_viewport_size(PHONE)
    assert fits(desk)
    assert fits(phone)


def tick(phone: Page, number: int, code: str) -> None:
    stop = phone.locator("[data-stop]").nth(number)
    stop.get_by_label("六位取餐码").fill(code)
    stop.get_by_role("button", name="凭码送达").click()
    expect(stop).to_have_attribute("data-state", "done")


def everybody_is_back(desk: Page, phone: Page, site: SimpleNamespace) -> None:
    for number, code in ((1, "123456"), (2, AT_DOOR["张桂兰"]), (3, AT_DOOR["王秀英"])):
        tick(phone, number, code)
    expect(phone.locator("#keep")).to_contain_text("全部已上传")
    phone.get_by_label("收回几个饭盒").fill("3")
    press(phone, "交回这一趟")
    expect(phone.locator("body")).to_contain_text("辛苦了，这一趟已交回。")
    desk.goto(site.live)
    expect(desk.get_by_role("link", name="翠园小区")).to_contain_text("回来")
    expect(tile(desk, "已送到")).to_have_text("4")
    desk.goto(site.meal)
    expect(desk.locator(".delivery-run").first).to_contain_text("饭盒出 4，回 3")
    desk.goto("deliveries/hours")
    expect(desk.get_by_role("listitem").filter(has_text="马晓峰")).to_contain_text(
        "1 趟，送到 4 份"
    )
    db.session.rollback()
    proofs = db.session.scalars(select(MealServed.proof)).all()
    assert proofs == ["code"] * 4
    assert [run.back_at is not None for run in runs(site)] == [True, False]
