"""Nobody answers, in the console: from the courier's call to the outcome."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend import clock
from backend.canteen.models import Mode
from backend.canteen.welfare.models import AbsentDay, DutyText, GridWorker, WelfareCase
from backend.db import db
from backend.people.models import Consent, Relation
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import DAY, cooked
from tests.canteen.serving import Counter
from tests.console import Console, text_of
from tests.factories import Make

NOON = clock.at_minute(DAY, 700)  # 11:40
KEY = "abcdef-0001"


@pytest.fixture
def lunch(make: Make, app) -> SimpleNamespace:
    """A lunch that is brought to 王秀英; she has a daughter, and her community a grid worker."""
    meal = cooked(make, db.session())
    meal.dish("清炒时蔬", 400)
    place = make.once("community", make.place)
    wang = make.person("王秀英", phone="13800000001", home_place_id=place.id)
    daughter = make.resident("王丽", phone="13900000002")
    make.add(
        Consent(
            account_id=daughter.account.id, person_id=wang.id, relation=Relation.PARENT,
            requested_at=make.now, given_at=make.now,
        )
    )  # fmt: skip
    make.add(GridWorker(place_id=place.id, name="何平", phone="13700000003", about="1 到 6 号楼"))
    booking = meal.order(wang, {"清炒时蔬": 1}, Mode.DELIVERY, "3号楼2单元502")
    return SimpleNamespace(
        wang=wang.id,
        booking=booking,
        canteen_id=meal.canteen.id,
        path=f"/canteens/orders/{booking.id}",
    )


@pytest.fixture
def clerk(console: Console, make: Make) -> Console:
    return console.as_(make.staff("clerk", make.once("community", make.place)))


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_from_the_couriers_call_to_the_outcome(clerk: Console, lunch, make: Make) -> None:
    assert "没有要核实的" in text_of(clerk.get("/welfare"))
    assert "开始核实" not in clerk.get(lunch.path).text  # it is not the day yet
    with clock.frozen(NOON):
        clerk = clerk.as_(make.staff("clerk", make.once("community", make.place)))
        assert "开始核实" in clerk.get(lunch.path).text
        opened = clerk.post(f"{lunch.path}/no-answer", {"key": KEY})
        again = clerk.post(f"{lunch.path}/no-answer", {"key": KEY})
        assert opened.location == again.location
        case = opened.location.removeprefix("/admin")
    with clock.frozen(NOON + timedelta(minutes=12)):
        for page in ("/welfare", "/welfare/alarm", f"/canteens/{lunch.canteen_id}"):
            shown = text_of(clerk.get(page))
            assert "王秀英 · 午餐" in shown
            assert "3号楼2单元502" in shown  # where the courier knocks
            assert "12 分钟" in shown
            assert "该问邻居或网格员了" in shown
        shown = clerk.get(case).text
        assert "13900000002" not in shown
        assert "139****0002" in shown
        ring = clerk.post(f"{case}/phones")
        for number in ("13800000001", "13900000002", "13700000003"):
            assert f'href="tel:{number}"' in ring.text
        assert "子女" in text_of(ring)
        wrong = clerk.post(f"{case}/steps", {"step": "grid", "answer": "", "key": "k-000001"})
        assert wrong.status_code == 422
        tried = {"step": "grid", "answer": "heard", "note": "去了女儿家", "key": "k-000001"}
        for _twice in range(2):
            done = text_of(clerk.post(f"{case}/steps", tried, follow_redirects=True))
        assert done.count("联系网格员： 问到了情况 去了女儿家") == 1
        ending = {"outcome": "away", "food": "neighbour", "food_with": ""}
        refused = clerk.post(f"{case}/close", ending)
        assert (refused.status_code, "请写明交给了哪位邻居。" in refused.text) == (422, True)
        closed = clerk.post(f"{case}/close", {**ending, "food_with": "501 张阿姨"})
        shown = text_of(clerk.get(closed.location.removeprefix("/admin")))
        assert "外出，平安 ；饭菜交给邻居（501 张阿姨）" in shown
        assert "显示全部号码" not in shown
        assert clerk.post(f"{case}/phones").status_code == 409
        refused = clerk.post(f"{case}/close", {**ending, "outcome": "safe", "food_with": "张"})
        assert (refused.status_code, "不能再改" in refused.text) == (409, True)
        added = clerk.post(f"{case}/add", {"note": "晚上已回家"}, follow_redirects=True)
        assert "补充：晚上已回家" in text_of(added)
        closed = text_of(clerk.get("/welfare"))
        assert "外出，平安" in closed
        assert "3号楼2单元502" not in closed
    assert [one for one in actions() if one.startswith("welfare")] == [
        "welfare.open", "welfare.show_phones", "welfare.log", "welfare.close",
        "welfare.add",
    ]  # fmt: skip


def test_the_case_says_whether_the_duty_office_was_told(clerk: Console, lunch, make) -> None:
    community = make.once("community", make.place)
    with clock.frozen(NOON):
        inside = clerk.as_(make.staff("clerk", community))
        case = inside.post(f"{lunch.path}/no-answer", {"key": KEY}).location.removeprefix("/admin")
        told = make.add(
            DutyText(
                case_id=int(case.rsplit("/", 1)[1]), place_id=community.id, phone="13700000009",
                due_at=NOON, sent_at=NOON,
            )
        )  # fmt: skip
        db.session.commit()
        assert "11:40 短信通知了值班室（春晖社区）" in text_of(inside.get(case))
        told.sent_at, told.given_up_at = None, NOON
        db.session.commit()
        assert "短信没有发到值班室（春晖社区），请打电话" in text_of(inside.get(case))


def test_another_community_finds_nothing(clerk: Console, console: Console, lunch, make) -> None:
    elsewhere = make.place(name="别的社区")
    with clock.frozen(NOON):
        inside = clerk.as_(make.staff("clerk", make.once("community", make.place)))
        case = inside.post(f"{lunch.path}/no-answer", {"key": KEY}).location.removeprefix("/admin")
        other = console.as_(make.staff("clerk", elsewhere))
        for response in (
            other.get(case), other.post(f"{case}/phones"), other.get("/welfare/999999"),
            other.post(f"{case}/add", {"note": "x"}),
            other.post(f"{lunch.path}/no-answer", {"key": "k-000002"}),
        ):  # fmt: skip
            assert response.status_code == 404
        assert "没有要核实的" in text_of(other.get("/welfare"))
        cook = console.as_(make.staff("cook", make.once("community", make.place)))
        assert cook.get("/welfare").status_code == 403


def test_absence_is_announced_on_the_telephone(clerk: Console, lunch, make: Make) -> None:
    path = f"/people/{lunch.wang}"
    late = clerk.post(f"{path}/absences", {"day": "2026-03-10"})
    assert (late.status_code, "请选今天到一个月以内的日期。" in late.text) == (422, True)
    done = clerk.post(f"{path}/absences", {"day": str(DAY)}, follow_redirects=True)
    assert "已登记3月12日 周四不在家。" in text_of(done)
    with clock.frozen(NOON):
        inside = clerk.as_(make.staff("clerk", make.once("community", make.place)))
        told = inside.post(f"{lunch.path}/no-answer", {"key": KEY}, follow_redirects=True)
        assert "已经登记过不在家" in text_of(told)
    assert db.session.scalars(select(WelfareCase.id)).all() == []
    clerk.post(f"{path}/absences/take-back", {"day": str(DAY)})
    assert db.session.scalars(select(AbsentDay.id)).all() == []
    assert [one for one in actions() if one.startswith("absence")] == [
        "absence.announce", "absence.take_back",
    ]  # fmt: skip


def test_a_meal_fetched_meanwhile_shows_on_the_case(clerk: Console, lunch, make: Make) -> None:
    with clock.frozen(NOON):
        staff = make.staff("clerk", make.once("community", make.place))
        clerk = clerk.as_(staff)
        case = clerk.post(f"{lunch.path}/no-answer", {"key": KEY}).location.removeprefix("/admin")
    with clock.frozen(NOON + timedelta(minutes=8)):
        assert "取走" not in text_of(clerk.get(case))
        Counter(db.session(), staff.id).serve(lunch.booking, clock.now())
        assert "11:48 已取餐" in text_of(clerk.get("/welfare"))
        shown = text_of(clerk.get(case))
        assert "11:48 这一餐已经有人取走，请核对是不是本人" in shown
        assert "结束核实" in shown  # who fetched it is for a person to find out
