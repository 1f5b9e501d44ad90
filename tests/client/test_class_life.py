"""What a daughter does on her phone while her father's class goes on, and what the desk sees."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.certificates.models import Certificate
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, CheckInBy, CourseRun, Lesson, Term
from backend.night_school.ratings.models import Rating
from backend.places.models import Place
from backend.staff import sessions
from tests.booking import verbs
from tests.browser import TABLET
from tests.client.demo import Demo, phone, settle, sign_in, visit
from tests.client.family import FATHER, Family, booked_by, family
from tests.factories import Make

pytestmark = pytest.mark.browser


def tap(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    page.get_by_role(role, name=name).first.click()


def fits(page: Page) -> None:
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url


@contextmanager
def desk(browser: Browser, demo: Demo, run_id: int) -> Iterator[Page]:
    """The tablet of a worker of the class's community."""
    with demo.app.app_context():
        place = db.session.get_one(Place, db.session.get_one(CourseRun, run_id).place_id)
        worker = Make(clock.now()).staff("worker", place)
        token = sessions.start(db.session(), worker.id, "Test", clock.now())
        db.session.commit()
    context = browser.new_context(viewport=TABLET, locale="zh-CN", base_url=f"{demo.base}/admin/")
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"{demo.base}/admin"}])
    yield context.new_page()
    context.close()


def elsewhere(demo: Demo, home: Family) -> int:
    """Another class of the same course, in another community."""
    with demo.app.app_context():
        make, run = Make(clock.now()), db.session.get_one(CourseRun, home.run_id)
        make.once("term", lambda: db.session.get_one(Term, run.term_id))
        there = make.place(name="听涛社区")
        return make.run(
            place=there, course_id=run.course_id, title=run.title, lead=timedelta(days=5)
        ).id


def attended(demo: Demo, home: Family) -> int:
    """The father's place in a class that is over, and that he came to each lesson of it."""
    with demo.app.app_context():
        booking = verbs.book(
            home.run_id, home.father_id, account_id=home.account_id, overruled_reason="补录"
        ).booking_id
        for lesson in db.session.scalars(select(Lesson).where(Lesson.run_id == home.run_id)):
            db.session.add(
                Attendance(
                    lesson_id=lesson.id, booking_id=booking, presence="present",
                    taken_by=CheckInBy.TAP, at=lesson.starts_at,
                )
            )  # fmt: skip
        db.session.commit()
        return booking


def test_excused_and_changed_to_another_class(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    other, booking = elsewhere(demo, home), booked_by(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"pages/booking?id={booking}")
        tap(page, "有事来不了，请假", "link")
        tap(page, re.compile("第 1 次课"), "radio")
        tap(page, "身体不舒服", "radio")
        fits(page)
        tap(page, "确定请假")
        expect(page.get_by_text(f"已为{FATHER}请假").first).to_be_visible()
        with demo.app.app_context():
            excuse = db.session.scalars(select(Excuse).where(Excuse.booking_id == booking)).one()
            assert (excuse.reason, excuse.withdrawn_at) == ("身体不舒服", None)
            lesson = excuse.lesson_id
        with desk(browser, demo, home.run_id) as seen:
            seen.goto(f"classes/lessons/{lesson}")
            expect(seen.get_by_text("身体不舒服")).to_be_visible()

        tap(page, "看这次预约")
        tap(page, "换到同一门课的其他班", "link")
        tap(page, re.compile("听涛社区"), "radio")
        fits(page)
        tap(page, "换到这个班")
        expect(page.get_by_text("要换到听涛社区的班吗？").first).to_be_visible()
        tap(page, "确定换班")
        expect(page.get_by_role("heading", name="报名成功")).to_be_visible()
    with demo.app.app_context():
        mine = select(Booking.bookable_id, Booking.state).where(Booking.person_id == home.father_id)
        rows = db.session.execute(mine.order_by(Booking.id)).all()
        assert [tuple(row) for row in rows] == [(home.run_id, "cancelled"), (other, "confirmed")]


def test_rated_and_certified_after_the_last_lesson(demo: Demo, browser: Browser) -> None:
    home = family(demo, lead=timedelta(days=-8))
    booking = attended(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"pages/booking?id={booking}")
        tap(page, "评价上过的课", "link")
        tap(page, re.compile("第 1 次课"), "radio")
        tap(page, "非常满意", "radio")
        page.get_by_label("想对社区说的话").fill("老师很有耐心")
        fits(page)
        tap(page, "提交评价")
        expect(page.get_by_text("谢谢您的评价！").first).to_be_visible()

        visit(page, demo, f"night_school/pages/certificate?booking={booking}")
        tap(page, "领取证书")
        expect(page.get_by_text("证书已经领取").first).to_be_visible()
        fits(page)
        with page.expect_download() as paper:
            tap(page, "打开证书（PDF）")
        assert paper.value.suggested_filename.endswith(".pdf")
    with demo.app.app_context():
        rating = db.session.scalars(select(Rating).where(Rating.booking_id == booking)).one()
        assert (rating.stars, rating.comment) == (5, "老师很有耐心")
        [code] = db.session.scalars(
            select(Certificate.code).where(Certificate.booking_id == booking)
        )
    with phone(browser) as stranger:
        visit(stranger, demo, f"night_school/pages/verify?code={code}")
        expect(stranger.get_by_text("这张证书是真的").first).to_be_visible()
        expect(stranger.get_by_text(FATHER)).to_have_count(0)  # hidden in part
        fits(stranger)
        tap(stranger, "再查一张")
        stranger.get_by_label("证书编号").fill("ABCD-EFGH-2345")
        tap(stranger, "核验")
        expect(stranger.get_by_text("没有查到这个编号").first).to_be_visible()
    with desk(browser, demo, home.run_id) as seen:
        seen.goto(f"classes/{home.run_id}/ratings")
        expect(seen.get_by_text("老师很有耐心")).to_be_visible()
