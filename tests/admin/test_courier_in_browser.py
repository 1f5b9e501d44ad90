"""A courier's phone in a stairwell: with the network cut it ticks on, and loses nothing."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.delivery.models import DeliveryStop
from backend.canteen.serving.models import MealServed
from backend.db import db
from tests.browser import PHONE
from tests.canteen.photos import a_photo
from tests.canteen.runs import carried
from tests.canteen.serving import Counter
from tests.factories import Make
from tests.tablets import Server, Tablet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("dialect", ["sqlite"])]
NAMES = ("王秀英", "李国强", "赵桂兰", "周建民", "孙大妈", "吴老伯")


@pytest.fixture
def lunch(own_app) -> Iterator[SimpleNamespace]:
    """Six stops of a run that a courier has, and a server that can be stopped."""
    with own_app.app_context():
        made = carried(Make(clock.now()), db.session(), clock.today())
        zhao = made.staff()
        run = made.run(zhao, *NAMES, out_at=None, boxes_out=None)
        server = Server(own_app.extensions["settings"].database_url)
        server.start()
        try:
            yield SimpleNamespace(
                server=server, zhao=zhao, path=f"/courier/runs/{run.id}",
                codes={name: made.bookings[name].short_code for name in NAMES},
            )  # fmt: skip
        finally:
            server.stop()


def states() -> dict[str, int]:
    """As they stand now: the server is another process."""
    db.session.rollback()
    found: dict[str, int] = {}
    for state in db.session.scalars(select(DeliveryStop.state)):
        found[state] = found.get(state, 0) + 1
    return found


def stop(page: Page, number: int):
    return page.locator("[data-stop]").nth(number)


def keep(page: Page):
    return page.locator("#keep")


def test_five_ticks_survive_the_stairwell_and_an_empty_battery(lunch, browser, tmp_path) -> None:
    photo = tmp_path / "door.jpg"
    photo.write_bytes(a_photo(3000, 2000))
    (tmp_path / "no.jpg").write_bytes(b"no photo")
    phone = Tablet(browser, lunch.server, lunch.zhao, viewport=PHONE)
    page = phone.open(lunch.path)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("() => caches.has('courier-choices')")
    page.get_by_label("带出几个饭盒？").fill("2")
    page.get_by_role("button", name="出发").click()
    expect(keep(page)).to_contain_text("全部已上传")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert stop(page, 0).get_by_role("link", name="打电话").get_attribute("href").startswith("tel:")

    phone.context.set_offline(True)
    stop(page, 0).get_by_label("六位取餐码").fill("000000")
    stop(page, 0).get_by_role("button", name="凭码送达").click()
    expect(stop(page, 0).get_by_role("alert")).to_contain_text("取餐码不对")
    for number in (0, 1):
        stop(page, number).get_by_label("六位取餐码").fill(lunch.codes[NAMES[number]])
        stop(page, number).get_by_role("button", name="凭码送达").click()
        expect(stop(page, number)).to_have_attribute("data-state", "done")
    third = stop(page, 2)
    third.get_by_role("button", name="家人", exact=True).click()
    expect(third.get_by_label("谁收的")).to_have_value("家人")
    third.get_by_label("谁收的").fill("女儿")
    third.locator("[name=photo]").set_input_files(tmp_path / "no.jpg")
    third.get_by_role("button", name="拍照送达").click()
    expect(third.get_by_role("alert")).to_contain_text("这不是照片")
    third.locator("[name=photo]").set_input_files(photo)
    third.get_by_role("button", name="拍照送达").click()
    expect(third).to_have_attribute("data-state", "done")
    stop(page, 3).get_by_text("没送到", exact=True).first.click()
    stop(page, 3).get_by_role("button", name="本人不要").click()
    expect(stop(page, 3)).to_have_attribute("data-state", "failed")
    stop(page, 3).locator("summary").first.click()
    stop(page, 3).get_by_role("button", name="有人开门了").click()
    expect(stop(page, 3)).to_have_attribute("data-state", "todo")
    expect(keep(page)).to_contain_text("已保存在本机 5 条")
    assert states() == {"todo": 6}

    page.close()  # the battery is empty; afterwards there is still no network
    phone.page = page = phone.context.new_page()
    page.goto(f"{lunch.server.base}/admin/courier")
    page.get_by_role("link", name="翠园小区").click()
    expect(keep(page)).to_contain_text("已保存在本机 5 条")
    expect(page.locator("[data-progress]")).to_contain_text("3 / 6")
    expect(stop(page, 2)).to_contain_text("待上传")

    phone.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(keep(page)).to_contain_text("全部已上传")
    assert states() == {"done": 3, "todo": 3}
    served = db.session.scalars(select(MealServed).order_by(MealServed.id)).all()
    assert [one.proof for one in served] == ["code", "code", "photo"]
    assert served[2].received_by == "女儿"
    assert len(db.session.scalars(select(DeliveryPhoto.id)).all()) == 1

    page.goto(f"{lunch.server.base}/admin{lunch.path}")
    page.get_by_label("全部菜单").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    left = page.evaluate(
        """new Promise((resolve) => {
             indexedDB.open("xingfu-courier").onsuccess = ({ target }) => {
               const all = target.result.transaction("facts").objectStore("facts").getAll();
               all.onsuccess = () => resolve(all.result.length);
             };
           })"""
    )
    assert left == 0
    phone.close()


def test_what_is_fetched_at_the_counter_is_off_the_phone_until_that_is_taken_back(
    lunch, browser
) -> None:
    phone = Tablet(browser, lunch.server, lunch.zhao, viewport=PHONE)
    page = phone.open(lunch.path)
    page.get_by_label("带出几个饭盒？").fill("2")
    page.get_by_role("button", name="出发").click()
    expect(page.locator("[data-progress]")).to_contain_text("0 / 6")
    first = db.session.scalars(select(DeliveryStop.booking_id).order_by(DeliveryStop.seq)).first()
    counter = Counter(db.session(), lunch.zhao.id)
    served = counter.serve(db.session.get_one(Booking, first), clock.now())
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(stop(page, 0)).to_contain_text("已在窗口取走")
    expect(page.locator("[data-progress]")).to_contain_text("0 / 5")
    expect(page.locator("[data-bags]")).to_have_text("5 份")
    expect(stop(page, 1).get_by_label("六位取餐码")).to_be_visible()  # opened by itself
    counter.undo(served.id, clock.now())
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(stop(page, 0)).to_contain_text("待送")
    expect(page.locator("[data-progress]")).to_contain_text("0 / 6")
    phone.close()
