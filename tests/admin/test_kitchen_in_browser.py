"""Two tablets at the pass in a real browser, with the network of one cut and back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.db import db
from backend.staff import sessions
from tests import databases, settings
from tests.browser import TABLET
from tests.canteen.kitchens import CUTOFF, cooked
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.browser

EVENING = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A lunch whose orders are closed, and the cook."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'kitchen.db'}"
    shift = int((EVENING - datetime.now(UTC)).total_seconds())
    app: Flask = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            make = Make(clock.now())
            meal = cooked(make, db.session())
            meal.dish("清炒时蔬", 400)
            meal.order(make.person("王秀英"), {"清炒时蔬": 30}, Mode.DELIVERY, "3号楼")
            closing.close(db.session(), meal.id, CUTOFF)
            staff = make.staff("cook", make.once("community", make.place))
            token = sessions.start(db.session(), staff.id, "Test", clock.now())
            db.session.commit()
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield SimpleNamespace(base=base, token=token, board=f"kitchen/{meal.id}/board")
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


def tablet(browser: Browser, site: SimpleNamespace) -> Page:
    context = browser.new_context(viewport=TABLET, base_url=site.base, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": site.token, "url": site.base}])
    page = context.new_page()
    page.goto(f"/admin/{site.board}")
    return page


def test_two_tablets_never_lose_a_count(browser: Browser, site: SimpleNamespace) -> None:
    one, two = tablet(browser, site), tablet(browser, site)
    packed = [page.locator("[data-tap]", has_text="送餐已装") for page in (one, two)]
    for button in packed:
        button.get_by_role("button", name="+10").click()
    for button in packed:
        expect(button.locator("[data-done]")).to_have_text("20")
    one.context.set_offline(True)
    for _tap in range(3):
        packed[0].get_by_role("button", name="+1", exact=True).click()
    expect(one.locator("[data-stale]")).to_be_visible()
    expect(one.locator("[data-waiting]")).to_have_text("3")
    expect(packed[0].locator("[data-done]")).to_have_text("23")
    packed[1].get_by_role("button", name="减一份").click()
    one.context.set_offline(False)
    expect(one.locator("[data-stale]")).to_be_hidden()
    for button in packed:
        expect(button.locator("[data-done]")).to_have_text("22")
        expect(button).to_contain_text("还差 8")
    assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for page in (one, two):
        page.context.close()
