"""What `GET /me/data` tells: everything about me, in words, and nothing about others."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db, transactional
from backend.night_school.models import Attendance, Lesson
from backend.people.models import Identity, IdentityKind
from backend.reminders.models import SubscriptionGrant
from backend.reminders.preparing import prepare
from backend.staff import audit
from tests.api import ApiClient
from tests.factories import Make, Signed
from tests.people.conftest import PHONE, enrol


@pytest.fixture
def wang(make: Make) -> Signed:
    estate = make.place("estate")
    return make.resident(
        "王秀英", phone=PHONE, birth_date=date(1953, 5, 1), gender="female", address="3单元501",
        home_place_id=estate.id, note="耳背，请大声说话",
    )  # fmt: skip


def read(api: ApiClient, who: Signed, **headers: str) -> dict[str, dict[str, str]]:
    """Sections by title, rows by label."""
    told = api.get("/me/data", as_=who.token, headers=headers).json["data"]
    return {
        section["title"]: {row["label"]: row["value"] for row in section["rows"]}
        for section in told["sections"]
    }


def test_my_own_facts_in_full(api: ApiClient, wang: Signed) -> None:
    facts = read(api, wang)["我的资料"]
    assert facts == {
        "姓名": "王秀英", "性别": "女", "出生日期": "1953-05-01", "手机号": PHONE,
        "居住地": "翠园小区", "门牌": "3单元501", "社区备注": "耳背，请大声说话", "语言": "中文",
        "登记时间": "2026-03-11 12:00",
    }  # fmt: skip


def test_it_says_when_it_was_made(api: ApiClient, wang: Signed, now: datetime) -> None:
    told = api.get("/me/data", as_=wang.token)
    assert told.json["data"]["made_at"] == clock.rfc3339(now)
    assert "private" in told.headers["Cache-Control"]


def test_ways_to_sign_in(api: ApiClient, make: Make, wang: Signed, now: datetime) -> None:
    make.add(
        Identity(
            account_id=wang.account.id, kind=IdentityKind.PHONE, subject=wang.person.phone_hash,
            created_at=now,
        )
    )  # fmt: skip
    api.post("/me/calendar-link", as_=wang.token)
    told = read(api, wang)["账号与登录"]
    assert set(told) == {
        "账号开通", "已关联微信", "已验证手机号", "登录于 2026-03-11 12:00", "日历链接",
    }  # fmt: skip
    assert told["登录于 2026-03-11 12:00"] == "有效至 2026-06-09 12:00"
    assert wang.openid not in str(told)


def test_household_on_both_sides(api: ApiClient, make: Make, wang: Signed) -> None:
    make.consent(wang.account, make.person("王大明"))
    make.consent(make.resident("王芳").account, wang.person)
    body = {"name": "李建国", "phone": "13700000000", "relation": "spouse"}
    api.post("/household/adults", body, as_=wang.token)
    assert read(api, wang)["家人代办"] == {
        "王大明": "您可以代办（父母）", "王芳": "可以为您代办", "李建国": "等待对方同意（配偶）",
    }  # fmt: skip


def test_bookings_attendance_messages_and_grants(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    run, other = make.run(), make.run(title="书法入门")
    booked = enrol(api, run, wang, wang.person.id)
    gone = enrol(api, other, wang, wang.person.id)
    api.post(f"/bookings/{gone}/cancel", as_=wang.token)
    lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()
    make.add(
        Attendance(lesson_id=lesson.id, booking_id=booked, presence="late", taken_by="tap", at=now)
    )
    make.add(
        SubscriptionGrant(
            openid=wang.openid, template_id="standin-lesson", remaining=2, changed_at=now
        )
    )
    transactional(prepare)(db.session(), now)
    told = read(api, wang)
    assert told["报名与预约"] == {
        "声乐基础（春晖社区）": "已报名，2026-03-18 12:00 开始，2026-03-11 12:00 报名",
        "书法入门（春晖社区）": "已取消，2026-03-18 12:00 开始，2026-03-11 12:00 报名",
    }
    assert told["考勤"] == {"声乐基础 第 1 课": "2026-03-18 12:00 迟到"}
    assert len(told["收到的消息"]) == 1
    assert "声乐基础" in str(told["收到的消息"])
    assert told["微信提醒授权"] == {"上课和预约提醒": "还可以发送 2 次"}


def test_that_staff_looked(api: ApiClient, make: Make, wang: Signed, now: datetime) -> None:
    staff = make.staff(name="林晓燕")
    audit.record(db.session(), staff.id, "person.show_phone", "person", wang.person.id)
    db.session.commit()
    told = read(api, wang)["工作人员的操作记录"]
    assert told == {"查看或修改您的资料": "1 条，最近一次 2026-03-11 12:00"}


def test_in_english(api: ApiClient, make: Make, wang: Signed) -> None:
    enrol(api, make.run(), wang, wang.person.id)
    told = read(api, wang, **{"Accept-Language": "en"})
    assert next(iter(told)) == "My details"
    assert "性别" not in str(told)
    assert told["My details"]["Name"] == "王秀英"


def test_of_a_newcomer_there_is_little(api: ApiClient, make: Make) -> None:
    newcomer = make.resident("", birth_date=None)
    assert list(read(api, newcomer)) == ["我的资料", "账号与登录"]


def test_nothing_about_others(api: ApiClient, make: Make, wang: Signed) -> None:
    li = make.resident("李建国", phone="13700000000", address="9单元101")
    enrol(api, make.run(title="太极拳"), li, li.person.id)
    told = str(read(api, wang))
    for word in ("李建国", "13700000000", "9单元101", "太极拳"):
        assert word not in told


def test_it_is_asked_for_now_and_then(app, api: ApiClient, wang: Signed) -> None:
    """Reading everything costs more than one read."""
    view = app.view_functions["me.get_own_data"]
    assert view._apidoc["door"]["limit"] == "20/minute per account"
    assert api.get("/me/data").status_code == 401
