"""What goes wrong on a phone: no server, no answer, signed out, too late, too often, twice.

The faults are put between the H5 build and the demo district; the rows behind are the server's.
"""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import update

from backend import clock
from backend.booking.models import State
from backend.db import db
from backend.night_school import service
from backend.people import crypto
from backend.people.models import AccessToken, Identity, IdentityKind
from tests.client.demo import Demo, settle, sign_in, visit
from tests.client.family import FATHER, booked_by, family
from tests.client.mishaps import (
    API,
    bookings_of,
    button,
    confirmed,
    down,
    no_answer,
    phone_at,
    ready_to_confirm,
    shown,
)
from tests.factories import Make

pytestmark = pytest.mark.browser

SIGN_UP = re.compile(r"/runs/\d+/(enrolments|parties)$")
PATIENCE, PAUSE = 15_000, 1_200

SLOW_LINE = """(() => {
  const send = XMLHttpRequest.prototype.send
  XMLHttpRequest.prototype.send = function (body) {
    const wait = Number(sessionStorage.slow || 0)
    if (wait) setTimeout(() => send.call(this, body), wait)
    else send.call(this, body)
  }
})()"""
"""Every call sets out `sessionStorage.slow` ms late, by the page's own clock."""
"""Milliseconds the client waits for an answer, and before it asks again (src/api/client.ts)."""

OFFLINE = "没有连上网络"
FAILED = "系统出了点问题"
LATE = "等了很久还没有回音"


def failing(route: Route) -> None:
    """As a gateway says it: not even in the API's own words."""
    route.fulfill(status=500, content_type="text/html", body="<h1>Internal Server Error</h1>")


def sent(page: Page) -> list[Request]:
    """The sign-ups that leave the phone from now on, as they leave."""
    requests: list[Request] = []
    page.on(
        "request",
        lambda one: (
            requests.append(one) if one.method == "POST" and SIGN_UP.search(one.url) else None
        ),
    )
    return requests


@pytest.mark.parametrize(
    ("fault", "words"), [(down, OFFLINE), (failing, FAILED)], ids=["down", "failing"]
)
def test_without_the_api_each_page_says_so_and_comes_back(
    demo: Demo, browser: Browser, fault: Callable[[Route], None], words: str
) -> None:
    """A first visit, nothing seen before: a sentence and a button, never an empty page."""
    home = family(demo)
    booking = booked_by(demo, home)
    notice = httpx.get(f"{demo.base}/mp/v1/notices", trust_env=False).json()["data"][0]["title"]
    with phone_at(browser) as page:
        pages = [
            ("", notice),
            ("night_school/pages/classes", "个名额"),
            (f"night_school/pages/class?id={home.run_id}", "课程安排"),
        ]
        look_around(page, demo, fault, words, pages)
        sign_in(page, demo, home.openid)
        pages = [
            (f"night_school/pages/sign-up?run={home.run_id}", "给谁报名"),
            (f"pages/booking?id={booking}", FATHER),
            ("household/pages/household", FATHER),
        ]
        look_around(page, demo, fault, words, pages)
    assert bookings_of(demo, home) == confirmed(home)


def look_around(
    page: Page, demo: Demo, fault: Callable[[Route], None], words: str, pages: list[tuple[str, str]]
) -> None:
    for path, content in pages:
        with no_answer(page, fault):
            visit(page, demo, path)
            told = page.get_by_role("alert").filter(has_text=words).locator("visible=true")
            expect(told.first).to_be_visible()
            expect(page.locator(".skeleton").locator("visible=true")).to_have_count(0)
        button(page, "再试一次").click()
        expect(told).to_have_count(0)
        shown(page, content)


def test_a_slow_answer_is_waited_for(demo: Demo, browser: Browser) -> None:
    """Ten seconds: grey lines, then the class; ten more: a busy button, then the booking."""
    home = family(demo)
    with phone_at(browser) as page:
        page.add_init_script(SLOW_LINE)
        page.clock.install()
        page.goto(demo.client)
        settle(page)
        page.evaluate("sessionStorage.slow = 10000")
        visit(page, demo, f"night_school/pages/class?id={home.run_id}")
        grey = page.locator(".skeleton").locator("visible=true").first
        expect(grey).to_be_visible()
        page.clock.fast_forward(9_000)
        expect(grey).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        page.clock.fast_forward(1_500)
        shown(page, "课程安排")
        page.evaluate("sessionStorage.slow = 0")
        ready_to_confirm(page, demo, home)
        asked = sent(page)
        page.evaluate("sessionStorage.slow = 10000")
        button(page, "确认报名").click()
        busy = button(page, "正在报名，请稍候")
        expect(busy).to_have_attribute("aria-busy", "true")
        page.evaluate("sessionStorage.slow = 0")
        page.clock.fast_forward(9_000)
        expect(busy).to_be_visible()
        page.clock.fast_forward(1_500)
        shown(page, "报名成功")
        assert len(asked) == 1
    assert bookings_of(demo, home) == confirmed(home)


def test_no_answer_at_all_is_said_and_tried_again(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    with phone_at(browser) as page:
        page.clock.install()
        page.goto(demo.client)
        settle(page)
        with no_answer(page, lambda _route: None):
            with page.expect_request(API):
                visit(page, demo, f"night_school/pages/class?id={home.run_id}")
            page.clock.fast_forward(PATIENCE)
            with page.expect_request(API):
                page.clock.fast_forward(PAUSE)
            expect(page.get_by_role("alert")).to_have_count(0)
            page.clock.fast_forward(PATIENCE)
            shown(page, LATE)
        button(page, "再试一次").click()
        shown(page, "课程安排")


def test_a_sign_in_that_runs_out_at_the_last_tap(demo: Demo, browser: Browser) -> None:
    """She signs in by text message, and the same booking is finished without another tap."""
    home = family(demo)
    number = f"1540088{home.account_id % 10_000:04d}"
    with phone_at(browser) as page:
        ready_to_confirm(page, demo, home)
        with demo.app.app_context():
            db.session.add(
                Identity(account_id=home.account_id, kind=IdentityKind.PHONE,
                         subject=crypto.phone_hash(number), created_at=clock.now())
            )  # fmt: skip
            mine = AccessToken.account_id == home.account_id
            db.session.execute(update(AccessToken).where(mine).values(revoked_at=clock.now()))
            db.session.commit()
        asked = sent(page)
        button(page, "确认报名").click()
        page.get_by_label("手机号").fill(number)
        button(page, "获取验证码").click()
        expect(page.get_by_label("短信验证码")).to_be_visible()
        assert bookings_of(demo, home) == []
        code = re.search(r"\d{6}", demo.standin.texts(number)[-1])
        assert code
        page.get_by_label("短信验证码").fill(code.group())
        shown(page, "报名成功")
        assert len({one.headers["idempotency-key"] for one in asked}) == 1
    assert bookings_of(demo, home) == confirmed(home)


def test_a_class_that_fills_before_the_tap(demo: Demo, browser: Browser) -> None:
    home = family(demo, places=1)
    with phone_at(browser) as page:
        ready_to_confirm(page, demo, home)
        with demo.app.app_context():
            quicker = Make(clock.now()).resident("田建民")
            asked = service.Enrolment(run_id=home.run_id, person_id=quicker.person.id)
            service.enrol(db.session(), quicker.me, asked, clock.now())
            db.session.commit()
            taken = (quicker.person.id, State.CONFIRMED)
        button(page, "确认报名").click()
        expect(page.get_by_role("alert").filter(has_text="名额满了")).to_be_visible()
        assert bookings_of(demo, home) == [taken]
        button(page, "排队候补").click()
        shown(page, "已经排上候补")
        shown(page, "您排在第一位")
    assert bookings_of(demo, home) == [taken, (home.father_id, State.WAITING)]


def test_too_many_tries_are_counted_down_on_the_button(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    busy = {"errcode": 42900, "errmsg": "操作太频繁，请稍后再试", "request_id": "r"}
    with phone_at(browser) as page:
        ready_to_confirm(page, demo, home)
        page.route(
            SIGN_UP,
            lambda route: route.fulfill(status=429, headers={"Retry-After": "3"}, json=busy),
            times=1,
        )
        button(page, "确认报名").click()
        expect(button(page, "请等 3 秒再试")).to_be_disabled()
        expect(page.get_by_role("alert").filter(has_text="3 秒后再试")).to_be_visible()
        expect(button(page, "请等 1 秒再试")).to_be_disabled()
        assert bookings_of(demo, home) == []
        button(page, "确认报名").click()
        shown(page, "报名成功")
    assert bookings_of(demo, home) == confirmed(home)


@pytest.mark.parametrize("lost", [1, 3], ids=["once", "each-time"])
def test_an_answer_that_is_lost(demo: Demo, browser: Browser, lost: int) -> None:
    """The server has booked, the phone has not heard: it asks again and finds what it did."""
    home = family(demo)
    with phone_at(browser) as page:
        ready_to_confirm(page, demo, home)
        reached: list[int] = []

        def lose(route: Route) -> None:
            reached.append(route.fetch().status)
            route.abort("connectionreset")

        page.route(SIGN_UP, lose, times=lost)
        asked = sent(page)
        button(page, "确认报名").click()
        shown(page, "报名成功")
        assert len(reached) == lost
        assert max(reached) < 300
        assert len(asked) == min(lost + 1, 3)
        assert len({one.headers["idempotency-key"] for one in asked}) == 1
    assert bookings_of(demo, home) == confirmed(home)


def test_a_double_tap_books_once(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    with phone_at(browser) as page:
        ready_to_confirm(page, demo, home)
        asked = sent(page)
        button(page, "确认报名").dblclick()
        shown(page, "报名成功")
        assert len(asked) == 1
    assert bookings_of(demo, home) == confirmed(home)
