"""The console in a real browser: signing in, htmx under the strict policy, confirmations."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Dialog, Page, expect

from backend import clock
from backend.app import create_app
from backend.db import db
from backend.reminders.models import Delivery, Reminder
from backend.staff import passwords
from tests import databases, settings
from tests.browser import PHONE
from tests.desk.test_people import enrol_at_desk
from tests.factories import Make
from tests.server import serving

pytestmark = pytest.mark.browser
PASSWORD = "红枣-小米-清粥-2026"


@pytest.fixture
def site(tmp_path) -> Iterator[str]:
    """A community with one call to make and two entries for one woman."""
    url = f"sqlite:///{tmp_path / 'console.db'}"
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    with app.app_context():
        make = Make(clock.now())
        here = make.once("community", make.place)
        wang = make.staff(
            place=here, username="wang", password_hash=passwords.hash_password(PASSWORD)
        )
        born = date(1951, 5, 1)
        zhao = make.person("赵桂兰", phone="13812345678", birth_date=born)
        make.person("赵桂兰", birth_date=born)
        cast = SimpleNamespace(wang=wang)
        enrol_at_desk(make, cast, make.run(lead=timedelta(days=3)), zhao)
        reminder = db.session.query(Reminder).one()
        reminder.state, reminder.settled_at = Delivery.UNREACHED, make.now
        reminder.place_id = here.id
        db.session.commit()
    databases.dispose(app)
    with serving(settings.ENVIRON | {"DATABASE_URL": url}, workers=1) as base:
        yield base


def sign_in(page: Page, site: str) -> list[str]:
    """Sign in as Wang; complaints of the browser are noted from here on."""
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on(
        "request",
        lambda r: None if r.url.startswith((site, "data:")) else complaints.append(r.url),
    )
    page.goto(f"{site}/admin/calls")
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    return complaints


def test_a_call_is_made_without_leaving_the_page(page: Page, site: str) -> None:
    complaints = sign_in(page, site)
    expect(page).to_have_url(f"{site}/admin/calls")
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="显示号码").click()
    expect(page.get_by_role("link", name="13812345678")).to_be_visible()
    page.get_by_label("电话结果").fill("已告知")
    page.get_by_role("button", name="已通知").click()
    expect(page.get_by_role("heading", name="赵桂兰")).to_have_count(0)
    assert page.evaluate("window.stayed") is True
    page.reload()
    expect(page.get_by_text("没有需要打的电话")).to_be_visible()
    assert complaints == []


def test_merging_asks_first(page: Page, site: str) -> None:
    sign_in(page, site)
    page.goto(f"{site}/admin/duplicates")
    page.get_by_role("link", name="赵桂兰").click()
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.get_by_role("button", name="是同一人，合并").click()
    assert "合并后不能拆开" in asked[0]
    expect(page.get_by_role("heading", name="核对档案")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="是同一人，合并").click()
    expect(page.get_by_text("两份档案已合并")).to_be_visible()


def test_everything_can_be_tapped_on_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, site)
    for path in ("", "calls", "people?q=赵", "people/1", "people/1/book", "duplicates/1/2"):
        page.goto(f"{site}/admin/{path}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
        small = page.evaluate(
            """[...document.querySelectorAll('button, a.btn, .tabs a, summary, select, input')]
               .filter(one => one.offsetParent && one.type !== 'radio' && one.offsetHeight < 44)
               .map(one => one.outerHTML)"""
        )
        assert small == [], path
