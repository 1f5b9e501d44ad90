"""Desks of staff in a browser: an application whose clock runs from a moment, its server, pages."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.db import db
from backend.staff import sessions
from backend.staff.models import Staff
from tests import databases, settings
from tests.browser import TABLET
from tests.server import environment, serving


@contextmanager
def clock_from(moment: datetime, database_url: str) -> Iterator[Flask]:
    """The application on an empty database, with tables, in whose time it is `moment` now."""
    shift = int((moment - datetime.now(UTC)).total_seconds())
    app = create_app(settings.for_tests(database_url=database_url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            yield app
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


def served(app: Flask) -> AbstractContextManager[str]:
    """A server on the same database in the same time; its address."""
    known = app.extensions["settings"]
    shift = int(known.clock_shift.total_seconds())
    env = environment(database_url=known.database_url, clock_shift=str(shift))
    return serving(env, workers=1)


@contextmanager
def signed_in(browser: Browser, base: str, someone: Staff, **options: Any) -> Iterator[Page]:
    """A page of the console, a tablet's unless `options` say else; no script of it may fail."""
    options = {"viewport": TABLET, "locale": "zh-CN", "base_url": f"{base}/admin/"} | options
    token = sessions.start(db.session(), someone.id, "Test", clock.now())
    db.session.commit()
    context = browser.new_context(**options)
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"{base}/admin"}])
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def fits(page: Page) -> bool:
    """Nothing is wider than the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
