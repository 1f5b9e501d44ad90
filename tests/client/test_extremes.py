"""What few meet and all must manage: a long title, a large family, a phone with a wrong clock."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from backend import clock
from backend.booking.models import Booking, State
from backend.db import db
from backend.night_school.models import CourseRun
from backend.people.models import Account, Person
from tests.client.demo import Demo, settle, sign_in, visit
from tests.client.family import FATHER, booked_by, family
from tests.client.mishaps import (
    bookings_of,
    button,
    down,
    no_answer,
    phone_at,
    ready_to_confirm,
    shown,
)
from tests.factories import Make

pytestmark = pytest.mark.browser

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
            visit(page, demo, path)
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
        visit(page, demo, "household/pages/household")
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


LEFT = re.compile("还剩 2 小时 [0-4] 分")


@pytest.mark.parametrize("days", [-1, 1], ids=["a-day-behind", "a-day-ahead"])
def test_a_phone_whose_clock_is_wrong(demo: Demo, browser: Browser, days: int) -> None:
    """Tomorrow is the district's tomorrow, and two hours are left when two hours are left."""
    home = family(demo, places=1, lead=timedelta(days=1))
    booking = booked_by(demo, home)
    with demo.app.app_context():
        held = db.session.get_one(Booking, booking)
        held.state, held.offer_until = State.OFFERED, clock.now() + timedelta(hours=2, minutes=5)
        lesson = clock.local(db.session.get_one(CourseRun, home.run_id).starts_at)
        db.session.commit()
    at = f"明天 {lesson.hour}:{lesson.minute:02d}"
    with phone_at(browser) as page:
        page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
        sign_in(page, demo, home.openid)
        visit(page, demo, f"night_school/pages/class?id={home.run_id}")
        shown(page, "课程安排")
        visit(page, demo, f"pages/booking?id={booking}")
        expect(page.get_by_role("timer")).to_have_text(LEFT)
        shown(page, at)
        with no_answer(page, down):
            page.reload()
            shown(page, "暂时没能更新")
            expect(page.get_by_role("timer")).to_have_text(LEFT)
            shown(page, at)
