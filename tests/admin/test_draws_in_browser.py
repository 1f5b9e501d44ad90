"""A draw in a real browser: its fingerprint, the fixed list, the number, the result and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.db import db, transaction
from backend.night_school.draws.models import Draw
from backend.staff import sessions
from tests import databases, settings
from tests.browser import TABLET
from tests.factories import Make
from tests.night_school.draws.drawing import NUMBER, Drawing
from tests.server import environment, serving

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Site:
    """A draw that is set up, and three who will want its one place."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.make = Make(clock.now())
        self.drawing = Drawing(self.make)
        self.run = self.drawing.run(capacity=1)
        self.id = self.drawing.set_up(self.run)
        self.people = [self.make.resident(name) for name in ("王秀英", "李建国", "张桂兰")]
        self.token = sessions.start(db.session(), self.drawing.me.staff_id, "Test", clock.now())
        db.session.commit()

    def move(self, **moments: datetime) -> None:
        """The draw's own times come nearer, since the clock of the server cannot be moved."""
        with transaction() as session:
            session.execute(update(Draw).where(Draw.id == self.id).values(moments))


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'draws.db'}"
    shift = int((NOON - datetime.now(UTC)).total_seconds())
    app = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            site = Site(app)
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield site, base
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


@pytest.fixture
def desk(running: tuple[Site, str], browser: Browser) -> Iterator[Page]:
    """The worker's tablet, signed in."""
    site, base = running
    context = browser.new_context(viewport=TABLET, locale="zh-CN", base_url=f"{base}/admin/")
    context.add_cookies([{"name": COOKIE, "value": site.token, "url": f"{base}/admin"}])
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_from_the_fingerprint_to_the_reasons(running: tuple[Site, str], desk: Page) -> None:
    site, _ = running
    now = clock.now()
    desk.goto(f"draws/{site.id}")
    press(desk, "生成种子，公布指纹")
    expect(desk.locator(".fingerprint").first).to_have_text(db_text(site, "commitment"))
    press(desk, "公布给居民")
    expect(desk.get_by_text("已对居民公布")).to_be_visible()
    site.move(opens_at=now - HOUR)
    for who in site.people:
        site.drawing.apply(who, site.run, at=now)
    site.move(opens_at=now - 3 * HOUR, closes_at=now - 2 * HOUR, number_at=now + HOUR)
    desk.reload()
    press(desk, "现在固定名单")
    expect(desk.locator(".fingerprint").nth(1)).to_have_text(db_text(site, "entries_sha256"))
    desk.get_by_role("link", name="试摇一次").click()
    expect(desk.get_by_text("录取 1 / 3 人")).to_be_visible()
    site.move(number_at=now - HOUR)
    desk.goto(f"draws/{site.id}/conduct")
    desk.get_by_label("公开号码").fill(NUMBER)
    desk.get_by_label("再填一遍").fill(NUMBER)
    press(desk, "摇号并公布")
    expect(desk.get_by_text("摇号完成，录取 1 人次")).to_be_visible()
    desk.locator("[name=text]").fill("王秀英")
    press(desk, "查找")
    expect(desk.get_by_text("顺序第")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def db_text(site: Site, column: str) -> str:
    """What the draw's row holds by now: the page shows the same."""
    deadline = clock.monotonic() + 10
    while clock.monotonic() < deadline:
        db.session.rollback()
        found = db.session.get_one(Draw, site.id, populate_existing=True)
        if getattr(found, column):
            return str(getattr(found, column))
    raise AssertionError(f"{column} was not written")
