"""A server that can be stopped and started again, and tablets at its door."""

from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from admin.doors import COOKIE
from backend import clock
from backend.db import db
from backend.staff import sessions
from backend.staff.models import Staff
from tests.browser import TABLET
from tests.server import environment, serving
from tests.standin import free_port

CLOCK_OFF = """
  const off = %d * 3600_000, Real = Date;
  Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + off); }
    static now() { return Real.now() + off; }
  };
"""


class Server:
    """`start`, `stop`, `start` again at the same address."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(
            serving(environment(database_url=self.url), workers=1, port=self.port)
        )

    def stop(self) -> None:
        self._running.close()


class Tablet:
    """A browser with its own storage; `someone` may be signed in, its clock hours wrong."""

    def __init__(
        self, browser: Browser, server: Server, someone: Staff | None = None, hours_wrong: int = 0,
        **options: Any,
    ) -> None:  # fmt: skip
        options = {"viewport": TABLET, "locale": "zh-CN"} | options
        self.server = server
        self.context: BrowserContext = browser.new_context(**options)
        if hours_wrong:
            self.context.add_init_script(CLOCK_OFF % hours_wrong)
        if someone is not None:
            self.sign_in(someone)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def sign_in(self, someone: Staff) -> None:
        token = sessions.start(db.session(), someone.id, "Tablet", clock.now())
        db.session.commit()
        cookie = {"name": COOKIE, "value": token, "url": f"{self.server.base}/admin"}
        self.context.add_cookies([cookie])

    def open(self, path: str) -> Page:
        """A page, and what it keeps."""
        self.page.goto(f"{self.server.base}/admin{path}")
        if path == "/scan" or path.startswith("/classes/lessons/"):
            self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
            self.page.wait_for_function(
                "() => caches.has('attendance-choices')"  # the last thing done to be kept
            )
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []
