"""The attendance page with the network really cut: taps wait on the tablet, then reach the rows."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import segno
from playwright.sync_api import Error, Page, expect
from sqlalchemy import select, update

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance
from backend.night_school.uploads.models import UploadedEntry
from backend.staff import passwords
from backend.staff.models import StaffSession
from tests.admin.classes import ClassTonight
from tests.browser import PHONE, chromium
from tests.camera import film_of
from tests.factories import Make
from tests.tablets import Server, Tablet

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("dialect", ["sqlite"])]
PASSWORD = "红枣-小米-清粥-2026"
NAMES = ("王秀英", "李建国", "张国强", "赵桂兰")
DONE = "全部已上传"


@pytest.fixture
def tonight(own_app) -> Iterator[SimpleNamespace]:
    """Four people in a class that meets in ten minutes, and a server that can be stopped."""
    with own_app.app_context():
        made = ClassTonight(Make(clock.now()))
        bookings = [made.enrol(name) for name in NAMES]
        made.worker.username = "wang"
        made.worker.password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
        server = Server(own_app.extensions["settings"].database_url)
        server.start()
        try:
            yield SimpleNamespace(
                server=server, worker=made.worker, teacher=made.teacher, bookings=bookings,
                path=f"/classes/lessons/{made.lesson.id}", lesson=made.lesson,
            )  # fmt: skip
        finally:
            server.stop()


def rows(*columns: Any) -> Any:
    """As they stand now: the server is another process."""
    db.session.rollback()
    return db.session.execute(select(*columns)).all()


def marks() -> dict[int, str]:
    return {
        row.booking_id: row.presence for row in rows(Attendance.booking_id, Attendance.presence)
    }


def tap(page: Page, name: str, word: str) -> None:
    page.get_by_role("button", name=f"{name} {word}", exact=True).click()
    expect(page.get_by_role("button", name=f"{name} {word}", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def keep(page: Page):
    return page.locator("#keep")


def test_taken_without_a_network_and_uploaded_when_it_is_back(tonight, browser, tmp_path) -> None:
    wang, li, zhang, _ = tonight.bookings
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    tablet.context.set_offline(True)
    tap(page, "王秀英", "到课")
    expect(keep(page)).to_contain_text("已保存在本机 1 条，联网后自动上传")
    page.get_by_label("六位数字").fill(li.short_code)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".verdict.good")).to_contain_text("李建国")
    segno.make(f"xf:b:{zhang.code}").save(str(tmp_path / "photo.png"), scale=6, border=4)
    page.set_input_files("[data-photo]", tmp_path / "photo.png")
    expect(page.locator(".verdict.good")).to_contain_text("张国强")
    page.reload()
    expect(page.get_by_role("heading", name="声乐基础")).to_be_visible()
    expect(page.locator("#tally")).to_contain_text("3 / 4")
    page.get_by_role("button", name="全部到齐").click()
    expect(page.locator("#tally")).to_contain_text("4 / 4")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#tally")).to_contain_text("3 / 4")
    expect(keep(page)).to_contain_text("已保存在本机 5 条")
    assert marks() == {}
    tablet.context.set_offline(False)
    expect(keep(page)).to_contain_text(DONE)
    assert marks() == dict.fromkeys((wang.id, li.id, zhang.id), "present")
    page.reload()
    expect(page.locator("a.back")).to_be_visible()
    expect(page.locator("#tally")).to_contain_text("3 / 4")
    tablet.close()


def test_what_has_been_uploaded_is_not_said_to_be_without_a_network(tonight, browser) -> None:
    """The line tells it by the upload itself, not only by the next look for news."""
    tablet = Tablet(browser, tonight.server, tonight.worker)
    tablet.open(tonight.path)
    tablet.page.add_init_script("window.setInterval = () => 0")
    tablet.context.set_offline(True)
    tablet.page.reload()
    expect(keep(tablet.page)).to_contain_text("没有网络")
    tap(tablet.page, "王秀英", "到课")
    expect(keep(tablet.page)).to_contain_text("已保存在本机 1 条")
    tablet.context.clear_cookies(name="xingfu_device")
    tablet.context.set_offline(False)
    expect(keep(tablet.page)).to_contain_text(DONE)
    plain = browser.new_context(
        java_script_enabled=False, storage_state=tablet.context.storage_state()
    )
    page = plain.new_page()  # the same device, without scripts, takes it back
    page.goto(f"{tonight.server.base}/admin{tonight.path}")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    assert marks() == {}
    plain.close()
    tablet.close()


def test_the_camera_knows_a_code_again_without_a_network(tonight, tmp_path) -> None:
    film = film_of(f"xf:b:{tonight.bookings[2].code}", tmp_path / "camera.y4m")
    with chromium(film) as with_camera:
        tablet = Tablet(with_camera, tonight.server, tonight.worker)
        page = tablet.open(tonight.path)
        expect(keep(page)).to_contain_text(DONE)
        tablet.context.set_offline(True)
        page.reload()
        page.get_by_role("button", name="打开摄像头扫码").click()
        expect(page.locator(".verdict.good")).to_contain_text("张国强")
        expect(page.locator("#tally")).to_contain_text("1 / 4")
        tablet.close()


def test_with_the_server_stopped_and_the_browser_opened_again(tonight, browser) -> None:
    wang, li, *_ = tonight.bookings
    tablet = Tablet(browser, tonight.server, tonight.worker)
    tablet.open(tonight.path)
    expect(keep(tablet.page)).to_contain_text(DONE)
    tonight.server.stop()
    tap(tablet.page, "王秀英", "迟到")
    tablet.page.close()
    tablet.page = page = tablet.context.new_page()
    page.goto(f"{tonight.server.base}/admin/scan")
    expect(page.get_by_text("已保存在本机 1 条，联网后自动上传")).to_be_visible()
    page.get_by_role("link", name="声乐基础").click()
    expect(page.locator(f"#row-{wang.id}")).to_contain_text("待上传")
    tap(page, "李建国", "请假")
    expect(keep(page)).to_contain_text("已保存在本机 2 条")
    tonight.server.start()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(keep(page)).to_contain_text(DONE)
    assert marks() == {wang.id: "late", li.id: "excused"}
    tablet.close()


def test_an_answer_that_is_lost_changes_nothing_twice(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    sent = []

    def lose(route) -> None:
        sent.append(route.fetch().status)
        route.abort() if len(sent) == 1 else route.continue_()

    page.route("**/uploads", lose)
    tap(page, "王秀英", "到课")
    expect(keep(page)).to_contain_text("已保存在本机 1 条")
    expect(keep(page)).to_contain_text(DONE)
    assert sent[0] == 200
    assert len(sent) >= 2
    assert len(rows(UploadedEntry.nonce)) == 1
    assert list(marks().values()) == ["present"]
    tablet.close()


def test_a_sign_in_that_expired_meanwhile(tonight, browser) -> None:
    wang, li, *_ = tonight.bookings
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    tablet.context.set_offline(True)
    tap(page, "王秀英", "到课")
    db.session.execute(update(StaffSession).values(expires_at=clock.now() - timedelta(minutes=1)))
    db.session.commit()
    tablet.context.set_offline(False)
    expect(keep(page)).to_contain_text("登录已过期，1 条记录还在本机")
    tap(page, "李建国", "到课")
    expect(keep(page)).to_contain_text("2 条记录还在本机")
    assert marks() == {}
    page.get_by_role("link", name="重新登录").click()
    expect(page.locator("#kept-tell")).to_contain_text("还有 2 条记录没有上传")
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{tonight.server.base}/admin{tonight.path}")
    expect(keep(page)).to_contain_text(DONE)
    assert marks() == {wang.id: "present", li.id: "present"}
    tablet.close()


@pytest.mark.parametrize("hours", [-5, 7])
def test_the_times_of_a_tablet_whose_clock_is_hours_wrong(tonight, browser, hours) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker, hours_wrong=hours)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    tablet.context.set_offline(True)
    page.get_by_label("六位数字").fill(tonight.bookings[0].short_code)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".verdict.good")).to_contain_text("王秀英")
    tapped = clock.now()
    page.reload()
    expect(page.locator("#tally")).to_contain_text("1 / 4")
    tablet.context.set_offline(False)
    expect(keep(page)).to_contain_text(DONE)
    [row] = rows(Attendance.presence, Attendance.at)
    assert row.presence == "present"
    assert abs(row.at - tapped) < timedelta(minutes=1)
    tablet.close()


def test_two_tablets_and_a_conflict_to_decide(tonight, browser) -> None:
    wang, li, zhang, _ = tonight.bookings
    one = Tablet(browser, tonight.server, tonight.worker)
    other = Tablet(browser, tonight.server, tonight.teacher)
    for tablet in (one, other):
        expect(keep(tablet.open(tonight.path))).to_contain_text(DONE)
        tablet.context.set_offline(True)
    tap(one.page, "王秀英", "到课")
    tap(one.page, "李建国", "到课")
    tap(other.page, "王秀英", "请假")
    tap(other.page, "张国强", "迟到")
    other.context.set_offline(False)
    expect(keep(other.page)).to_contain_text(DONE)
    one.context.set_offline(False)
    expect(keep(one.page)).to_contain_text(DONE)
    row = one.page.locator(f"#row-{wang.id}")
    expect(row).to_have_class("att excused")
    expect(row).to_contain_text("这条考勤在别处已改为“请假”")
    assert marks() == {wang.id: "excused", li.id: "present", zhang.id: "late"}
    one.page.get_by_role("link", name="有 1 条现场记录需要核对").click()
    one.page.get_by_role("button", name="改为到课").click()
    expect(one.page.get_by_text("已处理这条现场记录")).to_be_visible()
    assert marks()[wang.id] == "present"
    one.close()
    other.close()


def test_a_code_that_is_nobodys_is_kept_and_shown(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    tablet.context.set_offline(True)
    page.get_by_label("六位数字").fill("000000")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".verdict.ask")).to_contain_text("已记下，联网后核对")
    tablet.context.set_offline(False)
    expect(keep(page)).to_contain_text(DONE)
    expect(page.locator(".look")).to_contain_text("没有找到这个签到码")
    page.locator(".look").get_by_role("button", name="知道了").click()
    expect(page.locator(".look")).to_have_count(0)
    assert marks() == {}
    tablet.close()


def test_the_next_person_does_not_upload_for_the_one_before(tonight, browser) -> None:
    wang = tonight.bookings[0]
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    tablet.context.set_offline(True)
    tap(page, "王秀英", "到课")
    page.goto("about:blank")
    tablet.context.set_offline(False)
    tablet.sign_in(tonight.teacher)
    page = tablet.open(tonight.path)
    expect(page.locator("[data-not-mine]")).to_contain_text("还有 1 条记录没有上传")
    expect(page.locator(f"#row-{wang.id}")).to_have_class("att unmarked")
    tap(page, "李建国", "到课")
    expect(keep(page)).to_contain_text(DONE)
    assert wang.id not in marks()
    tablet.sign_in(tonight.worker)
    page = tablet.open("/")
    expect(page.locator("#kept-tell")).to_be_hidden()
    tablet.open(tonight.path)
    expect(page.locator(f"#row-{wang.id}")).to_have_class("att present")
    assert marks()[wang.id] == "present"
    tablet.close()


def test_signing_out_warns_and_leaves_no_names(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    page.route("**/uploads", lambda route: route.abort())
    tap(page, "王秀英", "到课")
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    with page.expect_event("dialog"):
        page.get_by_role("button", name="退出").click()
    expect(keep(page)).to_contain_text("已保存在本机 1 条")
    with page.expect_event("dialog"):
        page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    assert "还有 1 条记录没有上传" in asked[0]
    left = page.evaluate(
        """new Promise((resolve) => {
             indexedDB.open("xingfu-attendance").onsuccess = ({ target }) => {
               const all = target.result.transaction("sheets").objectStore("sheets").getAll();
               all.onsuccess = () => resolve(all.result.length);
             };
           })"""
    )
    assert left == 0
    tablet.close()


def test_only_what_names_nobody_is_cached_and_no_other_page(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    kept = page.evaluate(
        """(async () => {
             const kept = {};
             for (const name of await caches.keys()) {
               const cache = await caches.open(name);
               for (const asked of await cache.keys()) {
                 kept[new URL(asked.url).pathname] = await (await cache.match(asked)).text();
               }
             }
             return kept;
           })()"""
    )
    assert len(kept) > 15
    assert not [path for path, text in kept.items() if any(name in text for name in NAMES)]
    ours = ("/admin/static/", "/admin/kept/", "/admin/classes/lessons/kept", "/language")
    assert not [path for path in kept if not path.startswith(ours)]
    tablet.context.set_offline(True)
    page.goto(f"{tonight.server.base}/admin{tonight.path}")
    page.set_viewport_size(PHONE)
    expect(page.locator(".att")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{tonight.server.base}/admin/people")
    tablet.close()


def test_what_cannot_be_stored_is_not_shown_as_done(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    page = tablet.open(tonight.path)
    expect(keep(page)).to_contain_text(DONE)
    page.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new Error('full') } }")
    page.get_by_role("button", name="王秀英 到课", exact=True).click()
    expect(keep(page)).to_contain_text("这台平板存不下记录了")
    expect(page.locator(f"#row-{tonight.bookings[0].id}")).to_have_class("att unmarked")
    assert marks() == {}
    tablet.close()


def test_signing_out_in_one_window_empties_the_other(tonight, browser) -> None:
    tablet = Tablet(browser, tonight.server, tonight.worker)
    first = tablet.open(tonight.path)
    expect(keep(first)).to_contain_text(DONE)
    second = tablet.context.new_page()
    second.goto(f"{tonight.server.base}/admin/")
    second.get_by_role("button", name="退出").click()
    expect(second.get_by_label("用户名")).to_be_visible()
    expect(first.get_by_text("王秀英")).to_have_count(0)
    tablet.close()
