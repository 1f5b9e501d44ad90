"""Nobody opens, in a browser: the courier's tap, the clerk's calls, the outcome, and only then the
run is handed back.
"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.canteen.delivery.models import DeliveryRun
from backend.canteen.welfare.models import GridWorker, WelfareCase, WelfareStep
from backend.db import db
from tests import databases
from tests.browser import PHONE
from tests.canteen.runs import TODAY, carried
from tests.desks import clock_from, fits, served, signed_in
from tests.factories import Make

pytestmark = pytest.mark.browser

KNOCKS = clock.at_minute(TODAY, 11 * 60 + 20)


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """A courier with two bags, a clerk, and a grid worker of the community."""
    url = databases.new_database("sqlite", request, tmp_path_factory)
    with clock_from(KNOCKS, url) as app:
        make = Make(clock.now())
        made = carried(make, db.session(), TODAY)
        here = make.once("community", make.place)
        courier, clerk = made.staff(name="马晓峰"), made.staff("clerk", name="顾春梅")
        run = made.run(courier, "李国强", "王秀英")
        make.add(
            GridWorker(place_id=here.id, name="何建华", about="1 到 6 号楼", phone="13700000003")
        )
        db.session.commit()
        with served(app) as base:
            yield SimpleNamespace(
                base=base, courier=courier, clerk=clerk, run=f"courier/runs/{run.id}",
                code=made.bookings["李国强"].short_code,
            )  # fmt: skip


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_somebody_is_found(site: SimpleNamespace, browser: Browser) -> None:
    with (
        signed_in(browser, site.base, site.courier, viewport=PHONE) as phone,
        signed_in(browser, site.base, site.clerk) as desk,
    ):
        nobody_opens(phone, site)
        the_run_stays_open(phone)
        the_clerk_is_told_and_calls(desk)
        she_is_found(desk)
        the_run_is_handed_back(phone, site)


def nobody_opens(phone: Page, site: SimpleNamespace) -> None:
    phone.goto(site.run)
    first, second = (phone.locator("[data-stop]").nth(number) for number in (0, 1))
    first.get_by_label("六位取餐码").fill(site.code)
    first.get_by_role("button", name="凭码送达").click()
    second.get_by_text("没送到", exact=True).first.click()
    second.get_by_role("button", name="上门无人应答").click()
    expect(second).to_have_attribute("data-state", "failed")
    expect(phone.locator("#keep")).to_contain_text("全部已上传")
    assert fits(phone)


def the_run_stays_open(phone: Page) -> None:
    hands_back(phone)
    expect(phone.get_by_role("alert").filter(has_text="关爱核实还没有结束")).to_be_visible()
    expect(phone.locator("#keep")).to_contain_text("全部已上传")  # the refused page ticks on, too


def hands_back(phone: Page) -> None:
    phone.get_by_label("收回几个饭盒").fill("2")
    press(phone, "交回这一趟")


def the_clerk_is_told_and_calls(desk: Page) -> None:
    """The case shows up on every first page; numbers are whole once asked for; calls are logged."""
    desk.goto("deliveries")
    alarm = desk.locator("#welfare-alarm")
    expect(alarm).to_contain_text("送餐没有人应（1）")
    expect(alarm).to_contain_text("该给本人打电话了")
    alarm.get_by_role("link", name="王秀英").click()
    expect(desk.locator(".welfare-address")).to_contain_text("翠园小区3号楼2单元501室")
    expect(desk.get_by_text("137****0003")).to_be_visible()
    press(desk, "显示全部号码")
    expect(desk.get_by_role("link", name="13700000003")).to_have_attribute(
        "href", "tel:13700000003"
    )
    logs(desk, "给本人打电话", "没人接、没人应", "关机")
    logs(desk, "联系网格员", "见到或联系上本人", "在菜场碰到了")
    ladder = desk.locator("#welfare-ladder")
    for words in ("给本人打电话：没人接、没人应 关机", "联系网格员：见到或联系上本人 在菜场碰到了"):
        expect(ladder).to_contain_text(words)
    desk.set_viewport_size(PHONE)
    assert fits(desk)


def logs(desk: Page, step: str, answer: str, note: str) -> None:
    desk.get_by_label("做了什么").select_option(step)
    desk.get_by_label("结果").select_option(answer)
    desk.get_by_label("情况", exact=False).first.fill(note)
    press(desk, "记下")
    expect(desk.locator("#welfare-ladder")).to_contain_text(note)


def she_is_found(desk: Page) -> None:
    """A neighbour keeps the meal, and has to be named."""
    desk.get_by_label("人怎么样").select_option("外出，平安")
    desk.get_by_label("饭菜在哪里").select_option("交给邻居")
    press(desk, "结束核实")
    expect(desk.get_by_text("请写明交给了哪位邻居。")).to_be_visible()
    desk.get_by_label("哪位邻居代收").fill("502 室钱阿姨")
    desk.get_by_label("说明").fill("中午回来取")
    press(desk, "结束核实")
    expect(desk.locator("#welfare-ladder")).to_contain_text(
        "外出，平安；饭菜交给邻居（502 室钱阿姨）。中午回来取"
    )
    desk.goto("deliveries")
    expect(desk.get_by_text("送餐没有人应")).to_have_count(0)
    db.session.rollback()
    case = db.session.scalars(select(WelfareCase)).one()
    assert (case.outcome, case.food, case.food_with) == ("away", "neighbour", "502 室钱阿姨")
    done = select(WelfareStep.step).where(WelfareStep.done_at.is_not(None))
    assert sorted(db.session.scalars(done)) == ["call", "grid"]


def the_run_is_handed_back(phone: Page, site: SimpleNamespace) -> None:
    phone.goto(site.run)
    hands_back(phone)
    expect(phone.locator("body")).to_contain_text("辛苦了，这一趟已交回。")
    db.session.rollback()
    run = db.session.scalars(select(DeliveryRun)).one()
    assert (run.back_at is not None, run.boxes_in) == (True, 2)
