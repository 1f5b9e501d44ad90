"""A daughter reads why her father waits for a class, tells how it was, and reads the answer."""

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update

from backend import clock
from backend.db import db
from backend.demo.staff import PASSWORD
from backend.night_school.models import Course, CourseRun, Term
from backend.people.models import Person
from backend.places.models import Place
from backend.standing.models import Appeal
from tests.client.demo import Demo, phone, serious_faults, settle, sign_in, visit
from tests.client.family import FATHER, Family, family
from tests.factories import Make
from tests.standing.missing import stayed_away

pytestmark = pytest.mark.browser


def missing(demo: Demo) -> Family:
    """The father stayed away twice; the class asks for no more than once."""
    home = family(demo)
    with demo.app.app_context():
        make = Make(clock.now())
        run = db.session.get_one(CourseRun, home.run_id)
        make.once("term", lambda: db.session.get_one(Term, run.term_id))
        father = db.session.get_one(Person, home.father_id)
        place = db.session.get_one(Place, run.place_id)
        course = db.session.get_one(Course, run.course_id)
        stayed_away(make, father, 2, days_ago=14, place=place, course=course)
        db.session.execute(
            update(CourseRun.__table__)
            .where(CourseRun.__table__.c.id == home.run_id)
            .values(most_missed=1)
        )
        db.session.commit()
    return home


def appeals(demo: Demo) -> list[Appeal]:
    with demo.app.app_context():
        return list(db.session.scalars(select(Appeal).order_by(Appeal.id)))


def test_from_the_refusal_to_the_answer(demo: Demo, browser: Browser) -> None:
    home = missing(demo)
    before = len(appeals(demo))
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"night_school/pages/sign-up?run={home.run_id}")
        expect(page.get_by_text(re.compile("先缓一缓，.* 起才能报")).first).to_be_visible()
        page.get_by_role("link", name="看出勤情况").click()
        expect(page.get_by_text(re.compile("近来没能来的，折算 1.[89] 次")).first).to_be_visible()
        expect(page.get_by_role("radio", name=FATHER)).to_be_checked()
        expect(page.get_by_text("要求“没来不超过 1 次”的班").first).to_be_visible()
        page.get_by_role("button", name="说明情况").first.click()
        page.get_by_label("当时是什么情况？").fill("那天住院了")
        settle(page)
        assert serious_faults(page) == []
        page.get_by_role("button", name="告诉社区").click()
        expect(page.get_by_text("等社区答复", exact=True)).to_be_visible()
        asked = appeals(demo)[-1]
        assert (len(appeals(demo)), asked.reason, asked.state) == (
            before + 1,
            "那天住院了",
            "asked",
        )
        answer(browser, demo, asked.id)
        visit(page, demo, f"household/pages/standing?person={home.father_id}")
        expect(page.get_by_text("社区说：这一次不算了。祝老人家早日康复").first).to_be_visible()
        expect(page.get_by_text("现在不影响报名。").first).to_be_visible()


def answer(browser: Browser, demo: Demo, appeal_id: int) -> None:
    """A member of staff finds it on the first page and agrees."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1024, "height": 768})
    page = context.new_page()
    page.goto(f"{demo.base}/admin/sign-in")
    page.get_by_label("用户名").fill("manager")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_text("条没来的情况说明，等您答复").click()
    page.locator(f"a[href$='/appeals/{appeal_id}']").click()
    expect(page.get_by_text("那天住院了").first).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_label("给居民的答复").fill("祝老人家早日康复")
    page.get_by_role("button", name="同意，不再计入").click()
    expect(page.get_by_text("已答复居民，这一次不再计入。").first).to_be_visible()
    context.close()
