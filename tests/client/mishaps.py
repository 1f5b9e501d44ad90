"""A phone whose calls can be held, changed or dropped, and the father's sign-up on it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.db import db
from tests.client.demo import Demo, phone, sign_in, visit
from tests.client.family import FATHER, Family

API = "**/mp/v1/**"


@contextmanager
def phone_at(browser: Browser, **more: object) -> Iterator[Page]:
    """A phone whose calls a test may hold, change or drop."""
    with phone(browser, service_workers="block", **more) as page:
        yield page


@contextmanager
def no_answer(page: Page, fault: Callable[[Route], None]) -> Iterator[None]:
    """Meanwhile every call to the API meets with `fault`."""
    page.route(API, fault)
    try:
        yield
    finally:
        page.unroute(API, fault)


def down(route: Route) -> None:
    route.abort("connectionrefused")


def bookings_of(demo: Demo, home: Family) -> list[tuple[int, str]]:
    """Who holds which kind of booking for the family's class."""
    with demo.app.app_context():
        asked = select(Booking.person_id, Booking.state).where(Booking.bookable_id == home.run_id)
        return [(person, state) for person, state in db.session.execute(asked)]


def confirmed(home: Family) -> list[tuple[int, str]]:
    return [(home.father_id, State.CONFIRMED)]


def ready_to_confirm(page: Page, demo: Demo, home: Family) -> None:
    """On the sign-up page, everything filled in for the father; the tap is what is left."""
    sign_in(page, demo, home.openid)
    visit(page, demo, f"night_school/pages/sign-up?run={home.run_id}")
    page.get_by_role("checkbox", name=re.compile("我自己")).click()  # chosen to begin with
    page.get_by_role("checkbox", name=re.compile(FATHER)).click()
    page.get_by_role("checkbox", name=re.compile("我看过报名须知")).click()


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name).locator("visible=true").first


def shown(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(words).locator("visible=true").first).to_be_visible()
