"""The tablet at the classroom door, in a real browser: the camera, the photo, the digits, a tap."""

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from admin.doors import COOKIE
from backend import clock
from backend.db import db
from backend.staff import sessions
from tests.admin.classes import ClassTonight
from tests.browser import TABLET, chromium
from tests.camera import film_of
from tests.factories import Make
from tests.server import environment, serving

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("dialect", ["sqlite"])]


@pytest.fixture
def tonight(own_app):
    """Three people in a class that meets in ten minutes, served for real."""
    with own_app.app_context():
        made = ClassTonight(Make(clock.now()))
        made.bookings = [made.enrol(name) for name in ("王秀英", "李建国", "张国强")]
        made.token = sessions.start(db.session(), made.worker.id, "Tablet", clock.now())
        db.session.commit()
        url = own_app.extensions["settings"].database_url
        with serving(environment(database_url=url)) as made.base:
            yield made


def open_page(browser: Browser, tonight) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport=TABLET, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": tonight.token, "url": tonight.base + "/admin"}])
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda failed: wrong.append(failed.url))
    page.goto(f"{tonight.base}/admin/classes/lessons/{tonight.lesson.id}")
    expect(page.locator("#keep")).to_contain_text("全部已上传")
    return page, wrong


def test_the_camera_reads_a_residents_code(tonight, tmp_path) -> None:
    film = film_of(f"xf:b:{tonight.bookings[0].code}", tmp_path / "camera.y4m")
    with chromium(film) as browser:
        page, wrong = open_page(browser, tonight)
        page.get_by_role("button", name="打开摄像头扫码").click()
        expect(page.locator(".verdict.good")).to_contain_text("王秀英", timeout=15_000)
        expect(page.locator("#tally")).to_contain_text("1 / 3")
        assert not wrong
        page.context.close()


def test_photo_digits_taps_and_undo(tonight, browser, tmp_path) -> None:
    wang, li, zhang = tonight.bookings
    page, wrong = open_page(browser, tonight)
    verdict, tally = page.locator("#verdict"), page.locator("#tally")
    segno.make(f"xf:b:{wang.code}").save(str(tmp_path / "photo.png"), scale=6, border=4)
    page.set_input_files("[data-photo]", tmp_path / "photo.png")
    expect(verdict).to_contain_text("王秀英", timeout=15_000)
    page.get_by_label("六位数字").fill(li.short_code)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(verdict).to_contain_text("李建国")
    expect(page.locator(f"#row-{li.id}")).to_have_class("att present")
    page.get_by_label("六位数字").fill("0")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".verdict.bad")).to_be_visible()
    page.get_by_role("button", name="张国强 请假").click()
    expect(page.locator(f"#row-{zhang.id}")).to_have_class("att excused")
    expect(tally).to_contain_text("2 / 3")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(f"#row-{zhang.id}")).to_have_class("att unmarked")
    page.get_by_role("button", name="全部到齐").click()
    expect(tally).to_contain_text("3 / 3")
    page.get_by_label("按姓名或手机尾号查找").fill("建国")
    expect(page.locator("#people .att:visible")).to_have_count(1)
    assert not wrong
    page.context.close()


def test_the_rows_suit_a_thumb(tonight, browser) -> None:
    page, _ = open_page(browser, tonight)
    page.locator("#people .att-more > summary").first.click()
    for selector in ("#people .att", "#people .mark:visible", ".scan-acts .btn"):
        for box in page.locator(selector).all():
            assert box.bounding_box()["height"] >= 56
    assert page.locator("#people .att-rare .mark").first.is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.context.close()
