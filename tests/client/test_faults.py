"""What goes wrong on a phone: no server, no answer, too late, too long, too many, a wrong clock.

The faults are put between the H5 build and the demo district; the rows behind are the server's.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import select, update

from backend import clock
from backend.booking.models import Booking, State
from backend.db import db
from backend.night_school import service
from backend.night_school.models import CourseRun
from backend.people import crypto
from backend.people.models import AccessToken, Account, Identity, IdentityKind, Person
from tests.client.demo import Demo, phone, settle, sign_in
from tests.client.family import FATHER, Family, booked_by, family
from tests.factories import Make

pytestmark = pytest.mark.browser

API = "**/mp/v1/**"
SIGN_UP = re.compile(r"/runs/\d+/(enrolments|parties)$")
PATIENCE, PAUSE = 15_000, 1_200
"""Milliseconds the client waits for an answer, and before it asks again (src/api/client.ts)."""

OFFLINE = "没有连上网络"
FAILED = "系统出了点问题"
LATE = "等了很久还没有回音"

LONG = (
    "银发乐享智慧生活之零基础手机摄影与短视频剪辑配音字幕社区故事记"
    "录从入门到熟练实践班暨居民作品交流展示活动秋季第一期周三晚"
)

CUT = """words => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (texts.nextNode()) {
    const text = texts.currentNode
    const page = text.parentElement.closest('uni-page')
    if (!text.data.includes(words) || !text.parentElement.offsetParent) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    const boxes = [...range.getClientRects()]
    let cut = boxes.some(box => box.left < 0 || box.right > innerWidth + 0.5)
    for (let one = text.parentElement; one && one !== page; one = one.parentElement) {
      const style = getComputedStyle(one)
      cut ||= style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
      const frame = one.getBoundingClientRect()
      cut ||= style.overflow !== 'visible'
        && boxes.some(box => box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
    }
    found.push(cut)
  }
  return found
}"""
"""For each place where these words stand whole: whether some of them cannot be seen."""


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


def failing(route: Route) -> None:
    """As a gateway says it: not even in the API's own words."""
    route.fulfill(status=500, content_type="text/html", body="<h1>Internal Server Error</h1>")


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
    page.goto(f"{demo.client}#/night_school/pages/sign-up?run={home.run_id}")
    page.get_by_role("checkbox", name=re.compile("我自己")).click()  # chosen to begin with
    page.get_by_role("checkbox", name=re.compile(FATHER)).click()
    page.get_by_role("checkbox", name=re.compile("我看过报名须知")).click()


def button(page: Page, name: str | re.Pattern[str]) -> Any:
    return page.get_by_role("button", name=name).locator("visible=true").first


def shown(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(words).locator("visible=true").first).to_be_visible()


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


@pytest.mark.parametrize(("fault", "words"), [(down, OFFLINE), (failing, FAILED)])
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
            ("pages/household", FATHER),
        ]
        look_around(page, demo, fault, words, pages)
    assert bookings_of(demo, home) == confirmed(home)


def look_around(
    page: Page, demo: Demo, fault: Callable[[Route], None], words: str, pages: list[tuple[str, str]]
) -> None:
    for path, content in pages:
        with no_answer(page, fault):
            page.goto(f"{demo.client}#/{path}")
            told = page.get_by_role("alert").filter(has_text=words).locator("visible=true")
            expect(told.first).to_be_visible()
            expect(page.locator(".skeleton").locator("visible=true")).to_have_count(0)
        button(page, "再试一次").click()
        expect(told).to_have_count(0)
        shown(page, content)


def test_a_slow_answer_is_waited_for(demo: Demo, browser: Browser) -> None:
    """Ten seconds: grey lines, then the class; ten more: a busy button, then the booking."""
    home = family(demo)
    held: list[Route] = []
    with phone_at(browser) as page:
        page.clock.install()
        page.goto(demo.client)
        with no_answer(page, lambda route: held.append(route)):
            page.goto(f"{demo.client}#/night_school/pages/class?id={home.run_id}")
            expect(page.locator(".skeleton").locator("visible=true").first).to_be_visible()
            page.clock.fast_forward(10_000)
            expect(page.locator(".skeleton").locator("visible=true").first).to_be_visible()
            expect(page.get_by_role("alert")).to_have_count(0)
            for route in held:
                route.continue_()
            shown(page, "课程安排")
        ready_to_confirm(page, demo, home)
        held.clear()
        asked = sent(page)
        with no_answer(page, lambda route: held.append(route)):
            button(page, "确认报名").click()
            busy = button(page, "正在报名，请稍候")
            expect(busy).to_have_attribute("aria-busy", "true")
            page.clock.fast_forward(10_000)
            expect(busy).to_be_visible()
            for route in held:
                route.continue_()
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
                page.goto(f"{demo.client}#/night_school/pages/class?id={home.run_id}")
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


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_a_title_of_sixty_characters_is_read_whole(
    demo: Demo, browser: Browser, large: bool
) -> None:
    assert len(LONG) == 60
    home = family(demo, title=LONG)
    booking = booked_by(demo, home)
    with demo.app.app_context():
        course = db.session.get_one(CourseRun, home.run_id).course_id
    with phone_at(browser, large=large) as page:
        sign_in(page, demo, home.openid)
        for path in (
            f"night_school/pages/classes?course={course}",
            f"night_school/pages/class?id={home.run_id}",
            f"night_school/pages/sign-up?run={home.run_id}",
            f"night_school/pages/result?booking={booking}",
            "pages/bookings",
            f"pages/booking?id={booking}",
            "pages/home",
        ):
            page.goto(f"{demo.client}#/{path}")
            settle(page)
            shown(page, LONG)
            found = page.evaluate(CUT, LONG)
            assert found, path
            assert not any(found), path
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_household_of_eight_goes_together(demo: Demo, browser: Browser) -> None:
    home = family(demo, places=8)
    names = ["沈建华", "沈丽萍", "欧阳雪梅", "沈子涵", "沈子轩", "周桂芳", "阿依古丽·买买提江"]
    with demo.app.app_context():
        make = Make(clock.now())
        estate = db.session.get_one(Person, home.father_id).home_place_id
        account = db.session.get_one(Account, home.account_id)
        people = [make.person(name, home_place_id=estate) for name in names]
        for person in people:
            make.consent(account, person, relation="other")
        everybody = {home.father_id, *(person.id for person in people)}
    with phone_at(browser, large=True) as page:
        sign_in(page, demo, home.openid)
        page.goto(f"{demo.client}#/pages/household")
        settle(page)
        for name in [FATHER, *names]:
            shown(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        ready_to_confirm(page, demo, home)
        for name in names:
            page.get_by_role("checkbox", name=re.compile(name)).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button(page, "确认报名（8 人）").click()
        shown(page, "报名成功")
        for name in [FATHER, *names]:
            shown(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert set(bookings_of(demo, home)) == {(person, State.CONFIRMED) for person in everybody}


@pytest.mark.parametrize("days", [-1, 1], ids=["a-day-behind", "a-day-ahead"])
def test_a_phone_whose_clock_is_wrong(demo: Demo, browser: Browser, days: int) -> None:
    """Tomorrow is the district's tomorrow, and two hours are left when two hours are left."""
    home = family(demo, places=1, lead=timedelta(days=1))
    booking = booked_by(demo, home)
    with demo.app.app_context():
        held = db.session.get_one(Booking, booking)
        held.state, held.offer_until = State.OFFERED, clock.now() + timedelta(hours=2, seconds=50)
        lesson = clock.local(db.session.get_one(CourseRun, home.run_id).starts_at)
        db.session.commit()
    at = f"明天 {lesson.hour}:{lesson.minute:02d}"
    with phone_at(browser) as page:
        page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
        sign_in(page, demo, home.openid)
        page.goto(f"{demo.client}#/night_school/pages/class?id={home.run_id}")
        shown(page, "课程安排")
        page.goto(f"{demo.client}#/pages/booking?id={booking}")
        expect(page.get_by_role("timer")).to_have_text(re.compile("还剩 2 小时 0 分"))
        shown(page, at)
        with no_answer(page, down):
            page.reload()
            shown(page, "暂时没能更新")
            expect(page.get_by_role("timer")).to_have_text(re.compile("还剩 2 小时 0 分"))
            shown(page, at)


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
