"""The draw pages: from an empty list to a published result, by a worker's hands."""

import json
from datetime import timedelta

import pytest

from backend import clock
from backend.db import db, transactional
from backend.night_school.draws import closing, desk, service, verify
from backend.night_school.draws.models import Draw, DrawWork
from backend.night_school.draws.service import Application
from backend.night_school.models import CourseRun, Mode
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make, Signed, fresh

DAY = timedelta(days=1)


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def run(make: Make, tonight: ClassTonight) -> CourseRun:
    return make.run(capacity=1, lead=20 * DAY, opens_at=make.now + 2 * DAY)


def form(make: Make, run: CourseRun) -> dict[str, object]:
    def at(days: int) -> str:
        return f"{clock.local(make.now + days * DAY):%Y-%m-%dT%H:%M}"

    return {
        "term_id": run.term_id, "place_id": run.place_id, "title": "春季热门班摇号",
        "number_name": "双色球第2026031期", "opens_at": at(1), "closes_at": at(3),
        "number_at": at(4), "most_wishes": 5, "most_places": 1, "home_weight": 1,
        "first_weight": 1,
    }  # fmt: skip


def set_up(worker: Console, make: Make, run: CourseRun) -> Draw:
    made = worker.post("/draws/new", form(make, run))
    assert made.status_code == 302, text_of(made)
    draw = db.session.query(Draw).one()
    worker.post(f"/draws/{draw.id}/runs", {"run_ids": [run.id]})
    return draw


def apply(who: Signed, draw: Draw, run: CourseRun, make: Make) -> None:
    asked = Application(person_ids=[who.person.id], run_ids=[run.id])
    transactional(lambda: service.apply(db.session(), who.me, draw.id, asked, make.now + 2 * DAY))()


def test_a_draw_from_the_empty_list_to_the_published_result(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    worker = console.as_(tonight.worker)
    assert "还没有摇号" in text_of(worker.get("/draws"))
    assert "春晖社区" in text_of(worker.get("/draws/new"))
    draw = set_up(worker, make, run)
    page = f"/draws/{draw.id}"
    assert fresh(run).mode == Mode.DRAW
    assert "摇号录取" in text_of(worker.get(f"/classes/{run.id}"))
    refused = worker.post(f"{page}/publish")
    assert "还没有公布种子指纹" in text_of(refused)
    worker.post(f"{page}/commit")
    shown = fresh(draw).commitment
    assert shown in text_of(worker.get(page))
    assert "已对居民公布" in text_of(worker.post(f"{page}/publish", follow_redirects=True))
    people = [make.resident(name) for name in ("王秀英", "李建国")]
    for who in people:
        apply(who, draw, run, make)
    with clock.frozen(make.now + 3 * DAY):
        worker = console.as_(tonight.worker)
        assert "待固定名单" in text_of(worker.get(page))
        assert "名单已固定" in text_of(worker.post(f"{page}/close", follow_redirects=True))
        trial = text_of(worker.get(f"{page}/rehearsal"))
        assert "录取 1 / 2 人" in trial
        early = worker.post(f"{page}/conduct", {"number": "12", "again": "12"})
        assert "还没有产生" in text_of(early)
    with clock.frozen(make.now + 5 * DAY):
        worker = console.as_(tonight.worker)
        assert "填号码，摇号" in text_of(worker.get(page))
        typo = worker.post(f"{page}/conduct", {"number": "0512", "again": "0521"})
        assert "两次填写的号码不一样" in text_of(typo)
        assert fresh(draw).drawn_at is None
        done = worker.post(
            f"{page}/conduct", {"number": "0512", "again": "0512"}, follow_redirects=True
        )
        assert "录取 1 人次" in text_of(done)
        twice = worker.post(f"{page}/conduct", {"number": "0513", "again": "0513"})
        assert "摇号结果已经公布" in text_of(twice)
        file = worker.get(f"{page}/draw.json")
        assert verify.problems_of(json.loads(file.data)) == []
        why = text_of(worker.get(f"{page}?text=王秀英"))
        assert "顺序第" in why
        assert "没有找到" in text_of(worker.get(f"{page}?text=没有这人"))


def test_a_large_draw_shows_how_far_it_is_and_then_the_result(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    worker = console.as_(tonight.worker)
    draw = set_up(worker, make, run)
    page = f"/draws/{draw.id}"
    worker.post(f"{page}/commit")
    worker.post(f"{page}/publish")
    for name in ("王秀英", "李建国"):
        apply(make.resident(name), draw, run, make)
    with clock.frozen(make.now + 3 * DAY):
        console.as_(tonight.worker).post(f"{page}/close")
    drawn_at = make.now + 5 * DAY
    with clock.frozen(drawn_at):
        worker = console.as_(tonight.worker)
        number = {"number": "0512", "again": "0512"}
        assert "正在摇号" in text_of(worker.post(f"{page}/conduct", number, follow_redirects=True))
        assert "正在准备" in text_of(worker.get(f"{page}/progress"))
        work = db.session.get_one(DrawWork, draw.id)
        work.claimed_until, work.step = drawn_at + DAY, "write"
        work.done, work.of = 5000, 12000
        db.session.commit()
        assert "5000 / 12000" in text_of(worker.get(f"{page}/progress"))
        work.blocked_by = "零基础书法"
        db.session.commit()
        assert "请先把名额调回去" in text_of(worker.get(page))
        work.blocked_by = work.claimed_until = None
        db.session.commit()
    with clock.frozen(drawn_at + timedelta(minutes=1)):
        worker = console.as_(tonight.worker)
        assert "在这里摇号" in text_of(worker.get(page))
        done = worker.post(f"{page}/finish", follow_redirects=True)
        assert "录取 1 人次" in text_of(done)
        over = worker.get(f"{page}/progress")
        assert over.headers["HX-Refresh"] == "true"
        twice = worker.post(f"{page}/finish", follow_redirects=True)
        assert "结果已经公布" in text_of(twice)


def test_a_form_that_does_not_fit_says_where(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    worker = console.as_(tonight.worker)
    wrong = form(make, run) | {"closes_at": "明天", "title": ""}
    page = text_of(worker.post("/draws/new", wrong))
    assert "请填写正确的日期和时间" in page
    early = form(make, run)
    early["number_at"] = early["opens_at"]
    assert "公开号码要在登记截止之后产生" in text_of(worker.post("/draws/new", early))
    assert db.session.query(Draw).all() == []


def test_rules_change_until_residents_see_them(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    worker = console.as_(tonight.worker)
    draw = set_up(worker, make, run)
    page = f"/draws/{draw.id}"
    changed = form(make, run) | {"home_weight": 2}
    assert "每人最多几个志愿" in text_of(worker.get(f"{page}/change"))
    worker.post(f"{page}/change", changed)
    assert fresh(draw).home_weight == 2
    worker.post(f"{page}/commit")
    worker.post(f"{page}/publish")
    assert "规则和班级不能再改" in text_of(worker.post(f"{page}/change", changed))
    assert "规则和班级不能再改" in text_of(worker.post(f"{page}/runs", {}))


def test_a_draft_is_deleted_and_what_residents_saw_is_not(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    worker = console.as_(tonight.worker)
    draft_id = set_up(worker, make, run).id
    worker.post(f"/draws/{draft_id}/commit")
    stranger = console.as_(make.staff("manager", make.place()))
    assert stranger.post(f"/draws/{draft_id}/delete").status_code == 404
    worker = console.as_(tonight.worker)
    gone = worker.post(f"/draws/{draft_id}/delete", follow_redirects=True)
    assert "恢复先到先得" in text_of(gone)
    assert worker.get(f"/draws/{draft_id}").status_code == 404
    assert (fresh(run).mode, fresh(run).draw_id) == (Mode.FIRST_COME, None)
    seen = set_up(worker, make, run)
    for step in ("commit", "publish"):
        worker.post(f"/draws/{seen.id}/{step}")
    assert "规则和班级不能再改" in text_of(worker.post(f"/draws/{seen.id}/delete"))
    assert fresh(run).draw_id == seen.id


def test_a_number_known_too_early_is_replaced_by_a_later_one(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    worker = console.as_(tonight.worker)
    draw = set_up(worker, make, run)
    page = f"/draws/{draw.id}"
    worker.post(f"{page}/commit")
    worker.post(f"{page}/publish")
    with clock.frozen(make.now + 5 * DAY):
        worker = console.as_(tonight.worker)
        assert "改用之后的一期" in text_of(worker.get(page))
        assert "双色球第2026031期" in text_of(worker.get(f"{page}/number"))
        later = f"{clock.local(make.now + 6 * DAY):%Y-%m-%dT%H:%M}"
        worker.post(f"{page}/number", {"number_name": "下一期", "number_at": later})
        assert fresh(draw).number_name == "下一期"
        assert transactional(lambda: closing.fix(db.session(), draw.id, clock.now()))()


def test_nobody_from_elsewhere_sees_it(
    console: Console, make: Make, tonight: ClassTonight, run: CourseRun
) -> None:
    draw = set_up(console.as_(tonight.worker), make, run)
    stranger = console.as_(make.staff("manager", make.place()))
    assert stranger.get(f"/draws/{draw.id}").status_code == 404
    assert stranger.post(f"/draws/{draw.id}/commit").status_code == 404
    assert draw.title not in text_of(stranger.get("/draws"))
    assert stranger.get("/draws/9999").status_code == 404
    teacher = console.as_(make.staff("teacher"))
    assert teacher.get("/draws").status_code == 403
