"""The demo district as residents meet it: server, stand-in of WeChat and SMS, phones."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from backend import clock
from backend.app import create_app
from backend.db import transaction
from backend.demo import load, phones
from backend.wechat.standin.settings import StandinSettings
from tests import databases, demo_copies, settings
from tests.browser import PHONE
from tests.server import ROOT, environment, serving
from tests.standin import RunningStandin, free_port, running_standin, wait_until

PUSH = {"wx_push_token": "push-token", "wx_push_aes_key": "A" * 43}
AXE = ROOT / "miniprogram" / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo district; `app` reads the rows behind what a phone shows."""

    base: str
    app: Flask
    standin: RunningStandin
    ahead: timedelta

    @property
    def client(self) -> str:
        return f"{self.base}/m/"


def ten_in_the_morning() -> datetime:
    """The next 10:00 in Shanghai: messages rest at night, and classes keep hours."""
    real = datetime.now(UTC)
    ten = clock.local(real).replace(hour=10, minute=0, second=0, microsecond=0)
    return (ten if ten >= real else ten + timedelta(days=1)).astimezone(UTC)


@contextmanager
def demo_district(tmp_path_factory: pytest.TempPathFactory, client_dir: Path) -> Iterator[Demo]:
    """Put the demo district into a database of its own and serve it."""
    folder, ten = tmp_path_factory.mktemp("demo"), ten_in_the_morning()
    url, port = f"sqlite:///{folder}/demo.db", free_port()
    base = f"http://127.0.0.1:{port}"
    shift = timedelta(seconds=round((ten - datetime.now(UTC)).total_seconds()))
    given = PUSH | {"database_url": url, "static_dir": str(folder / "pictures")}
    app = create_app(settings.for_tests(**given, clock_shift=str(int(shift.total_seconds()))))
    demo_copies.lay(app, ten, tmp_path_factory)
    with app.app_context():
        with transaction() as session:
            phones.write(session, folder / "residents.json", clock.now())
        load.copy_pictures(folder / "pictures")
    product = app.extensions["settings"]
    beside = StandinSettings.beside(
        product,
        residents=folder / "residents.json",
        callback_url=f"{base}/wechat/push",
        return_url=f"{base}/m/#/sign-in?code={{code}}",
    )
    try:
        with running_standin(beside) as standin:
            env = environment(
                **given,
                wx_api_base=standin.url,
                sms_provider="standin",
                sms_api_base=standin.url,
                clock_shift=str(int(shift.total_seconds())),
                client_dir=str(client_dir),
            )
            with serving(env, workers=1, port=port):
                yield Demo(base, app, standin, shift)
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


@contextmanager
def phone(browser: Browser, *, large: bool = False, **more: object) -> Iterator[Page]:
    """A phone that has never been here, in Chinese, held upright."""
    context = browser.new_context(
        viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True,
        is_mobile=True, **more,
    )  # fmt: skip
    if large:
        context.add_init_script(
            "location.protocol === 'http:' && (localStorage.getItem('xf.type') || "
            "localStorage.setItem('xf.type', JSON.stringify({type: 'string', data: '\"large\"'})))"
        )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.faults = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    try:
        yield page
        assert page.faults == []  # type: ignore[attr-defined]
    finally:
        context.close()


def visit(page: Page, demo: Demo, address: str = "") -> None:
    """Open a page of the client by its address, from outside, as a link in a message does."""
    page.goto("about:blank")  # or the app, seeing a new address in its page, loads a second time
    page.goto(f"{demo.client}#/{address}" if address else demo.client)


def sign_in(page: Page, demo: Demo, openid: str) -> None:
    """As the stand-in's page of phones does it: a link with a login code."""
    visit(page, demo, f"sign-in?code={demo.standin.login_code(openid)}")
    expect(page).not_to_have_url(re.compile("sign-in"))
    wait_until(lambda: page.evaluate("localStorage.getItem('xf.session') !== null"))


def settle(page: Page) -> None:
    """Wait until nothing is on its way and nothing grey is left."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".skeleton")).to_have_count(0)
    time.sleep(0.2)


def serious_faults(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes'][:4]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
