"""A whole evening: from the code of `wx.login` to the reminder on the phone, everything real.

Real gunicorn, real scheduler process, the stand-in of WeChat over HTTP, a real browser at the desk.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance, Lesson
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.wechat.standin.settings import StandinSettings
from tests import settings
from tests.browser import PHONE, TABLET, chromium
from tests.camera import film_of
from tests.factories import Make
from tests.journeys.doors import Phone, xingfu
from tests.server import environment, serving
from tests.standin import RunningStandin, free_port, running_standin, wait_until

PHONE_NUMBER = "15400000001"
OPENID = "o-journey-wang-xiuying-000001"
PUSH = {"wx_push_token": "push-token", "wx_push_aes_key": "A" * 43}


@pytest.fixture
def evening(monkeypatch) -> datetime:
    """17:45 in Shanghai for every process: nobody's phone is silent, whenever the test runs."""
    real = datetime.now(UTC)
    target = clock.local(real).replace(hour=17, minute=45, second=0, microsecond=0)
    shift = timedelta(seconds=int((target - real).total_seconds()))
    monkeypatch.setattr(clock, "_shift", shift)
    return clock.now()


@pytest.fixture
def district(own_app: Flask, evening: datetime) -> dict[str, int]:
    """A class that begins at 18:00 today and has places."""
    with own_app.app_context():
        make = Make(evening)
        place = make.once("community", make.place)
        room = make.room(place)
        run = make.run(lead=timedelta(minutes=15), room_id=room.id, title="声乐基础")
        lessons = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id))
        occupancy.occupy(
            db.session(),
            [
                Use(room.id, one.starts_at, one.ends_at, OccupantKind.LESSON, one.id)
                for one in lessons
            ],
            evening,
        )
        db.session.commit()
        return {"run": run.id, "community": place.code}


@pytest.mark.slow
@pytest.mark.browser
def test_from_the_phones_code_to_the_reminder(
    own_app: Flask, district: dict[str, int], evening: datetime, tmp_path: Path
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    product = settings.for_tests(**PUSH)
    beside = StandinSettings.beside(product, callback_url=f"{base}/wechat/push")
    with running_standin(beside) as standin:
        env = environment(
            database_url=own_app.extensions["settings"].database_url,
            wx_api_base=standin.url,
            clock_shift=str(int(clock._shift.total_seconds())),
            **PUSH,
        )
        with serving(env, port=port):
            scheduler = xingfu(env, "scheduler")
            try:
                with Phone(base) as phone:
                    booking = signs_up(phone, standin, district["run"])
                password = one_time_password(env, district["community"])
                with chromium(film_of(f"xf:b:{booking['code']}", tmp_path / "qr.y4m")) as browser:
                    context = browser.new_context(viewport=TABLET, locale="zh-CN")
                    desk = context.new_page()
                    signs_in_at_the_desk(desk, base, password)
                    checks_in_by_scan(desk)
                    context.close()
                    sees_the_reminder(browser.new_page(viewport=PHONE), standin)
            finally:
                scheduler.terminate()
                scheduler.communicate(timeout=20)
    check = xingfu(env, "check")
    said, _ = check.communicate(timeout=30)
    assert check.returncode == 0, said
    with own_app.app_context():
        row = db.session.scalars(select(Attendance)).one()
        assert (row.booking_id, row.presence, row.taken_by) == (
            booking["id"], "present", "resident_code")  # fmt: skip


def signs_up(phone: Phone, standin: RunningStandin, run_id: int) -> dict:
    person_id = phone.sign_in(standin, OPENID, PHONE_NUMBER)
    phone.call("POST", "/me", {"name": "王秀英", "birth_date": "1954-05-01"})
    assert [run["id"] for run in phone.call("GET", "/night-school/runs?text=声乐")["items"]] == [
        run_id
    ]
    can = phone.call("GET", f"/night-school/eligibility?ids={run_id}")
    assert can[0]["can"] == "yes"
    standin.popup(OPENID, {"standin-booked": "accept"})  # in the tap, as the client asks
    standin.pushes(1)
    enrolled = phone.call(
        "POST", f"/night-school/runs/{run_id}/enrolments", {"person_id": person_id},
        **{"Idempotency-Key": "tap-1"},
    )  # fmt: skip
    assert enrolled["state"] == "confirmed"
    return phone.call("GET", f"/bookings/{enrolled['booking_id']}")


def one_time_password(env: dict[str, str], community: str) -> str:
    made = xingfu(env, "create-staff", "lin", "林晓燕", "--role", "worker", "--place", community)
    said, _ = made.communicate(timeout=30)
    found = re.search(r"One-time password: (\S+)", said)
    assert found, said
    return found[1]


def signs_in_at_the_desk(page: Page, base: str, password: str) -> None:
    page.goto(f"{base}/admin/")
    page.get_by_label("用户名").fill("lin")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("当前密码").fill(password)
    page.get_by_label("新密码", exact=True).fill("quiet-lantern-river")
    page.get_by_label("再输一次新密码").fill("quiet-lantern-river")
    page.get_by_role("button", name="保存新密码").click()
    page.goto(f"{base}/admin/")
    expect(page.get_by_role("heading", name="今日社区")).to_be_visible()


def checks_in_by_scan(page: Page) -> None:
    """Today shows the class; its attendance page reads the resident's code from the camera."""
    page.get_by_role("link", name=re.compile("声乐基础")).first.click()
    page.wait_for_load_state()
    if "/classes/lessons/" not in page.url:
        page.get_by_role("link", name=re.compile("考勤|签到")).first.click()
    row = page.locator("li.att", has_text="王秀英")
    expect(row).to_be_visible()
    page.get_by_role("button", name="打开摄像头扫码").click()
    expect(page.locator("#verdict")).to_contain_text("王秀英", timeout=15_000)
    expect(page.locator("#verdict")).to_contain_text("签到成功")
    expect(page.locator("#tally")).to_contain_text("1 / 1")
    expect(page.get_by_text("全部已上传")).to_be_visible(timeout=15_000)


def sees_the_reminder(page: Page, standin: RunningStandin) -> None:
    wait_until(lambda: len(standin.messages(OPENID)) == 1, seconds=30)
    page.goto(f"{standin.url}/phone/{OPENID}")
    expect(page.locator("body")).to_contain_text("声乐基础")
