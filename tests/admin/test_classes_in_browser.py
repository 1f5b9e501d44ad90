"""A class in a real browser: planned around what is in the way, changed, ruled, decided about."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend import clock
from backend.app import create_app
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.fees.models import Fee
from backend.night_school.models import Attendance, CourseRun, Lesson, Term
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.staff import sessions
from tests import databases, settings
from tests.booking import verbs
from tests.browser import PHONE, TABLET
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
"""A Wednesday in Shanghai; the term that is planned begins on the first of April."""


class Site:
    """A room taken once, two teachers, a class that stayed small, and one in ten minutes."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        make = Make(clock.now())
        here = make.once("community", make.place)
        make.course("声乐基础")
        spring = make.add(
            Term(name="2026年夏季", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1))
        )
        make.once("term", lambda: spring)
        room = make.room(here)
        self.chen_id, self.li_id = make.teacher("陈国栋").id, make.teacher("李雪梅").id
        tea = make.course("茶艺")
        once = make.run(
            course=tea, room_id=room.id, lessons=1, title="茶艺一天",
            starts_at=datetime(2026, 4, 18, 11, tzinfo=UTC),
        )  # fmt: skip
        use = Use(room.id, once.starts_at, once.ends_at, OccupantKind.LESSON, once.id)
        occupancy.occupy(db.session(), [use], make.now)
        small = make.run(
            course=tea, minimum=8, price_fen=8000, title="茶艺小班", lead=timedelta(days=25)
        )
        who = make.person("王秀英", phone="13812345678")
        self.booking = verbs.book(small.id, who.id, staff_id=make.staff().id).booking_id
        small.closes_at = make.now - timedelta(hours=1)
        tonight = make.run(course=make.course("书法"), lead=timedelta(minutes=10))
        verbs.book(tonight.id, make.person("李建国").id, staff_id=make.staff().id)
        self.tonight_id = tonight.id
        worker = make.staff("worker", here, name="王敏")
        self.token = sessions.start(db.session(), worker.id, "Test", clock.now())
        self.small_id, self.here_id = small.id, here.id
        db.session.commit()

    @property
    def planned(self) -> CourseRun:
        return db.session.scalars(select(CourseRun).order_by(CourseRun.id.desc())).first()

    def lessons(self) -> list[tuple[str, int | None]]:
        """When the planned class meets, in Shanghai, and who steps in."""
        db.session.rollback()
        rows = db.session.execute(
            select(Lesson.starts_at, Lesson.teacher_id)
            .where(Lesson.run_id == self.planned.id)
            .order_by(Lesson.number)
        )
        return [(f"{clock.local(one.starts_at):%m-%d %H:%M}", one.teacher_id) for one in rows]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'classes.db'}"
    shift = int((NOON - datetime.now(UTC)).total_seconds())
    app = create_app(settings.for_tests(database_url=url, clock_shift=shift))
    databases.create_tables(app)
    try:
        with app.app_context():
            site = Site(app)
            with serving(environment(database_url=url, clock_shift=str(shift)), workers=1) as base:
                yield site, base
    finally:
        clock.shift(timedelta())
        databases.dispose(app)


@pytest.fixture
def desk(running: tuple[Site, str], browser: Browser) -> Iterator[Page]:
    """The worker's tablet, signed in; no page may scroll sideways or break the policy."""
    site, base = running
    context = browser.new_context(viewport=TABLET, locale="zh-CN", base_url=f"{base}/admin/")
    context.add_cookies([{"name": COOKIE, "value": site.token, "url": f"{base}/admin"}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert [one for one in complaints if "409" not in one] == []


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_a_class_is_planned_around_what_is_in_the_way(
    running: tuple[Site, str], desk: Page
) -> None:
    site, _ = running
    desk.goto(f"planning/new?place_id={site.here_id}")
    chosen = {
        "课程": "声乐基础",
        "学期": "2026年夏季",
        "教室": "201教室（30 人）",
        "对象": "不限",
    }
    for name, value in chosen.items():
        desk.get_by_label(name).first.select_option(value)
    desk.get_by_label("老师").select_option(str(site.chen_id))
    desk.locator("[name=weekday_1]").select_option("周六")
    for name, value in {"from_1": "19:00", "minutes_1": "90", "lessons": "4", "capacity": "20",
                        "price_fen": "0", "opens_at": "2026-03-12T09:00"}.items():  # fmt: skip
        desk.locator(f"[name={name}]").fill(value)
    fits(desk)
    press(desk, "预览上课日期")
    expect(desk.get_by_text("有 1 次课有冲突")).to_be_visible()
    expect(desk.get_by_text("不上课：清明")).to_be_visible()
    expect(desk.get_by_text("已有“茶艺一天”")).to_be_visible()
    fits(desk)
    desk.locator("li.clash").get_by_text("跳过").click()
    press(desk, "开班")
    expect(desk.get_by_text("新", exact=True)).to_be_visible()  # the last date is another now
    press(desk, "开班")
    expect(desk.get_by_text("已开班，核对后就可以发布。")).to_be_visible()
    assert [day for day, _ in site.lessons()] == [
        "04-11 19:00", "04-25 19:00", "05-09 19:00", "05-16 19:00",
    ]  # fmt: skip

    desk.get_by_role("link", name="调整第 2 次课").click()
    desk.get_by_label("开始").fill("18:30")
    desk.get_by_label("结束").fill("20:00")
    desk.get_by_label("改哪几次课").select_option("这次和以后各次")
    press(desk, "保存并通知学员")
    expect(desk.get_by_role("heading", name="会动 3 次课")).to_be_visible()
    fits(desk)
    press(desk, "确认调整，通知学员")
    expect(desk.get_by_text("课次已调整，会通知所有学员。")).to_be_visible()

    desk.get_by_role("link", name="调整第 3 次课").click()
    desk.get_by_label("代课老师").select_option(str(site.li_id))
    press(desk, "保存并通知学员")
    expect(desk.get_by_text("李雪梅代课")).to_be_visible()
    assert site.lessons() == [
        ("04-11 19:00", None), ("04-25 18:30", None), ("05-09 18:30", site.li_id),
        ("05-16 18:30", None),
    ]  # fmt: skip


def test_rules_are_read_as_they_are_composed(running: tuple[Site, str], desk: Page) -> None:
    """What residents will read changes beside the form, before anything is saved."""
    site, _ = running
    desk.goto(f"classes/{site.small_id}/rules")
    read = desk.locator("#sentences")
    desk.get_by_label("最小年龄").fill("55")
    desk.get_by_label("最小年龄").press("Tab")
    expect(read).to_contain_text("55 岁及以上")
    desk.get_by_text("这门课每人一年只能报一次").click()
    expect(read).to_contain_text("这门课每人一年只能报一次")
    fits(desk)
    desk.reload()
    expect(read).not_to_contain_text("55 岁")
    desk.get_by_label("最小年龄").fill("60")
    desk.get_by_text("报名已经开始，我确定要改").click()
    press(desk, "保存")
    expect(desk.get_by_text("报名条件已保存。")).to_be_visible()
    expect(read).to_contain_text("60 岁及以上")
    db.session.rollback()
    assert db.session.get_one(CourseRun, site.small_id).min_age == 60


def test_a_fee_is_marked_and_a_small_class_decided_on_a_phone(
    running: tuple[Site, str], desk: Page
) -> None:
    site, _ = running
    desk.set_viewport_size(PHONE)
    desk.goto("")
    expect(desk.get_by_text("人数不足，等您决定").first).to_be_visible()
    desk.goto(f"classes/{site.small_id}")
    desk.get_by_role("link", name="王秀英的费用").click()
    desk.get_by_label("方式").select_option("现金")
    fits(desk)
    press(desk, "保存")
    expect(desk.get_by_text("交费情况已登记。")).to_be_visible()
    fits(desk)

    desk.goto(f"classes/{site.small_id}/minimum")
    desk.get_by_label("原因").first.fill("老师和学员都愿意")
    fits(desk)
    press(desk, "照常开班")
    expect(desk.get_by_text("已决定照常开班。")).to_be_visible()
    db.session.rollback()
    fee = db.session.scalars(select(Fee).where(Fee.booking_id == site.booking)).one()
    assert (fee.state, fee.method) == ("paid", "cash")
    assert db.session.get_one(Booking, site.booking).state == "confirmed"
    assert db.session.get_one(CourseRun, site.small_id).run_anyway_at is not None


def test_a_teacher_takes_attendance_by_a_link_until_it_is_taken_back(
    running: tuple[Site, str], desk: Page, browser: Browser
) -> None:
    site, _ = running
    desk.goto(f"classes/{site.tonight_id}/teacher-links")
    desk.get_by_label("给哪位老师").fill("沈若兰")
    press(desk, "生成链接")
    link = desk.get_by_label("链接", exact=True).input_value()
    phone = browser.new_page(viewport=PHONE, locale="zh-CN")
    phone.goto(link)
    expect(phone.get_by_text("沈若兰老师")).to_be_visible()
    press(phone, "李建国 到课")
    expect(phone.locator(".tally-main")).to_have_text("1 / 1 已到")
    fits(phone)
    press(phone, "撤销")
    expect(phone.locator(".tally-main")).to_have_text("0 / 1 已到")
    press(phone, "李建国 迟到")
    press(desk, "收回链接")
    expect(desk.get_by_text("链接已收回，不能再打开。")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("button", name="李建国 到课")).to_have_count(0)
    phone.close()
    db.session.rollback()
    assert db.session.scalars(select(Attendance.presence)).all() == ["late"]
