"""A daughter books for her father on her phone: the H5 build against the demo district.

Each step is what a person sees and taps, then the row behind it. SCREENSHOTS=1 renews docs/img.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.db import db
from backend.night_school import class_codes, service
from backend.night_school.models import Attendance, Lesson
from backend.people.models import Identity, IdentityKind
from backend.people.queries import Resident
from tests.client.demo import Demo, phone, settle, sign_in, visit
from tests.client.family import FATHER, Family, booked_by, family
from tests.factories import Make
from tests.server import ROOT
from tests.standin import wait_until

pytestmark = pytest.mark.browser

IMAGES = ROOT / "docs" / "img"


def shoot(page: Page, name: str, folder: Path) -> None:
    """A picture of the screen; kept in docs/img when asked for."""
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "it scrolls sideways"
    kept = IMAGES if os.environ.get("SCREENSHOTS") else folder
    page.screenshot(path=kept / f"phone-{name}.png")


def tap(page: Page, name: str, role: str = "button") -> None:
    page.get_by_role(role, name=name).first.click()


def booking_of(demo: Demo, home: Family) -> Booking:
    with demo.app.app_context():
        return db.session.scalars(
            select(Booking)
            .where(Booking.bookable_id == home.run_id, Booking.person_id == home.father_id)
            .order_by(Booking.id.desc())
        ).first()


def agree_and_confirm(page: Page, confirm: str) -> None:
    page.get_by_role("checkbox", name=re.compile("我自己")).click()  # chosen to begin with
    page.get_by_role("checkbox", name=re.compile(FATHER)).click()
    page.get_by_role("checkbox", name=re.compile("我看过报名须知")).click()
    tap(page, confirm)


def test_signing_in_by_text_and_signing_up_for_the_father(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    """She looks around first; signing in is asked for where it is needed, and goes on by itself."""
    home = family(demo)
    number = f"1540099{home.account_id % 10_000:04d}"
    with demo.app.app_context():
        from backend.people import crypto

        db.session.add(
            Identity(account_id=home.account_id, kind=IdentityKind.PHONE,
                     subject=crypto.phone_hash(number), created_at=clock.now())
        )  # fmt: skip
        db.session.commit()
    with phone(browser) as page:
        visit(page, demo)
        expect(page.get_by_role("heading", name="幸福家园")).to_be_visible()
        shoot(page, "home", tmp_path)
        tap(page, "幸福夜校")
        expect(page.get_by_role("heading", name="夜校课程")).to_be_visible()
        shoot(page, "classes", tmp_path)
        visit(page, demo, f"night_school/pages/class?id={home.run_id}")
        shoot(page, "class", tmp_path)
        tap(page, "报名")
        page.get_by_label("手机号").fill(number)
        tap(page, "获取验证码")
        expect(page.get_by_label("短信验证码")).to_be_visible()
        shoot(page, "sign-in", tmp_path)
        code = re.search(r"\d{6}", demo.standin.texts(number)[-1])
        assert code
        page.get_by_label("短信验证码").fill(code.group())
        expect(page.get_by_text("给谁报名").first).to_be_visible()
        shoot(page, "sign-up", tmp_path)
        agree_and_confirm(page, "确认报名")
        expect(page.get_by_role("heading", name="报名成功")).to_be_visible()
        shoot(page, "result", tmp_path)
        tap(page, "出示签到码")
        expect(page.get_by_role("img", name="签到用的二维码")).to_be_visible()
        shoot(page, "booking", tmp_path)
        booked = booking_of(demo, home)
        digits = re.sub(r"\D", "", page.locator("body").inner_text())
        assert booked.short_code in digits
    assert (booked.account_id, booked.state) == (home.account_id, State.CONFIRMED)


def test_waiting_being_offered_a_place_and_taking_it(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    home = family(demo, places=1)
    with demo.app.app_context():
        make = Make(clock.now())
        first = make.resident("田建民")
        taken = service.enrol(
            db.session(),
            Resident(first.account.id, first.person.id),
            service.Enrolment(run_id=home.run_id, person_id=first.person.id),
            clock.now(),
        ).booking_id
        db.session.commit()
        token = first.token
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"night_school/pages/sign-up?run={home.run_id}")
        agree_and_confirm(page, "确认候补")
        expect(page.get_by_role("heading", name="已经排上候补")).to_be_visible()
        shoot(page, "waiting", tmp_path)
        assert booking_of(demo, home).state == State.WAITING

        gone = page.request.post(
            f"{demo.base}/mp/v1/bookings/{taken}/cancel",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert gone.json()["errcode"] == 0
        visit(page, demo, "pages/bookings")
        expect(page.get_by_text("等到名额了").first).to_be_visible()
        shoot(page, "offer", tmp_path)
        tap(page, "要这个名额")
        expect(page.get_by_text("名额是您的了").first).to_be_visible()
    assert booking_of(demo, home).state == State.CONFIRMED


def test_cancelling_with_a_double_tap(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    home = family(demo)
    booking = booked_by(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"pages/booking?id={booking}")
        settle(page)
        page.get_by_role("button", name=re.compile("取消")).first.click()
        shoot(page, "cancel", tmp_path)
        page.get_by_role("button", name=re.compile("确定取消|确定")).first.dblclick()
        expect(page.get_by_text("已取消").first).to_be_visible()
    with demo.app.app_context():
        assert db.session.get_one(Booking, booking).state == State.CANCELLED
        assert db.session.get_one(Bookable, home.run_id).taken == 0


def test_checking_in_by_the_code_on_the_screen(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    """The link in the class's QR opens the app: it signs in, goes on, and says that it is done."""
    from datetime import timedelta

    home = family(demo, lead=timedelta(minutes=10))
    booking = booked_by(demo, home)
    with demo.app.app_context():
        lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == home.run_id)).first()
        code = class_codes.class_code(lesson.id, clock.now())
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"check-in?lesson={lesson.id}&code={code}")
        expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
        expect(page.get_by_text(FATHER).first).to_be_visible()
        shoot(page, "check-in", tmp_path)
    with demo.app.app_context():
        taken = db.session.scalars(select(Attendance).where(Attendance.booking_id == booking)).one()
        assert taken.presence == "present"


def test_large_type_is_one_tap_away_and_stays(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    with phone(browser) as page:
        visit(page, demo)
        size = "parseFloat(getComputedStyle(document.querySelector('.title, .strong')).fontSize)"
        settle(page)
        before = page.evaluate(size)
        tap(page, "换成大字")
        assert page.evaluate(size) == pytest.approx(before * 1.4)
        shoot(page, "home-large", tmp_path)
        visit(page, demo, "night_school/pages/classes")
        expect(page.get_by_role("heading", name="夜校课程")).to_be_visible()
        settle(page)
        expect(page.locator(".page--large").last).to_be_visible()
        shoot(page, "classes-large", tmp_path)


def test_a_booking_seen_once_is_there_without_a_network(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    home = family(demo)
    booking = booked_by(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"pages/booking?id={booking}")
        expect(page.get_by_role("img", name="签到用的二维码")).to_be_visible()
        visit(page, demo, "pages/bookings")
        settle(page)
        page.context.set_offline(True)
        page.get_by_role("link", name=re.compile(FATHER)).first.click()
        expect(page.get_by_text("现在没有网络").last).to_be_visible()
        expect(page.get_by_role("img", name="签到用的二维码").last).to_be_visible()
        shoot(page, "offline", tmp_path)


def test_the_app_starts_without_a_network(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    """Opened once, closed, opened again in the lift: the code for the door is there."""
    home = family(demo)
    booking = booked_by(demo, home)
    with phone(browser) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo, f"pages/booking?id={booking}")
        expect(page.get_by_role("img", name="签到用的二维码")).to_be_visible()
        visit(page, demo)
        expect(page.get_by_role("button", name="幸福夜校")).to_be_visible()
        wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
        page.context.set_offline(True)
        anew = page.context.new_page()
        page.close()
        anew.goto(f"{demo.client}#/pages/booking?id={booking}")
        expect(anew.get_by_role("img", name="签到用的二维码")).to_be_visible()
        expect(anew.get_by_text("没有网络").last).to_be_visible()
