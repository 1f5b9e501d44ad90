"""Copying a term: every class with its new dates, what is in the way, all of the ticked or none."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db
from backend.night_school.models import CourseRun, Lesson, RunHour, Term
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make

MONDAY_EVENING = datetime(2026, 3, 16, 19, tzinfo=clock.LOCAL)


@pytest.fixture
def worker(console: Console, cast) -> Console:
    return console.as_(cast.wang)


@pytest.fixture
def autumn(make: Make) -> Term:
    return make.add(Term(name="2026年秋季", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 31)))


def old_class(make, cast, title="合唱", *, day=0, hour=19, **given) -> CourseRun:
    """A class of the spring term: four weekly lessons of 90 minutes."""
    starts_at = MONDAY_EVENING.replace(hour=hour) + timedelta(days=day)
    return make.run(place=cast.here, course=make.course(title), title=title, starts_at=starts_at,
                    lessons=4, weekday=day, from_minute=hour * 60, **given)  # fmt: skip


def wish(make, cast, autumn, **more):
    source = make.once("term", lambda: None)
    return {"place_id": cast.here.id, "source_id": source.id, "term_id": autumn.id,
            "opens_at": "2026-08-20T09:00"} | more  # fmt: skip


def ticked(page) -> list[str]:
    return re.findall(r'name="chosen" value="(\d+)" checked', page.text)


def confirm(browser, form, page, chosen=None):
    seen = re.findall(r'name="seen" value="([^"]*)"', page.text)
    chosen = ticked(page) if chosen is None else chosen
    return browser.post("/planning/copy/create", form | {"seen": seen, "chosen": chosen})


def drafts(term) -> int:
    return db.session.scalar(
        select(func.count()).select_from(CourseRun).where(CourseRun.term_id == term.id)
    )


def test_a_term_is_copied_as_drafts(worker, make, cast, autumn) -> None:
    room, teacher = make.room(cast.here), make.teacher()
    old_class(make, cast, room_id=room.id, teacher_id=teacher.id, capacity=24, price_fen=500)
    old_class(make, cast, "太极", day=3, room_id=room.id)
    assert worker.get("/planning/copy").status_code == 200
    form = wish(make, cast, autumn)
    page = worker.post("/planning/copy", form)
    assert page.status_code == 200, text_of(page)
    assert "9月21日 周一 至 10月19日 周一，4 次课" in text_of(page)
    assert "10月5日 周一 不上课：国庆节" in text_of(page)
    assert drafts(autumn) == 0
    assert confirm(worker, form, page).status_code == 302
    choir = db.session.scalars(
        select(CourseRun).where(CourseRun.term_id == autumn.id, CourseRun.title == "合唱")
    ).one()
    assert (choir.capacity, choir.price_fen, choir.teacher_id, choir.room_id) == (
        24, 500, teacher.id, room.id,
    )  # fmt: skip
    assert (choir.published_at, choir.opens_at) == (None, datetime(2026, 8, 20, 1, tzinfo=UTC))
    made = select(func.count()).select_from(Lesson).where(Lesson.run_id == choir.id)
    assert db.session.scalar(made) == 4
    hours = select(RunHour.weekday, RunHour.from_minute).where(RunHour.run_id == choir.id)
    assert db.session.execute(hours).all() == [(0, 1140)]
    assert drafts(autumn) == 2
    assert db.session.scalars(select(AuditEntry.action)).all() == ["class.copy", "class.copy"]
    again = worker.post("/planning/copy", form)
    assert ticked(again) == []
    assert "新学期已有" in text_of(again)


def test_a_class_with_a_clash_is_not_ticked(worker, make, cast, autumn) -> None:
    room = make.room(cast.here)
    old_class(make, cast, room_id=room.id)
    free = old_class(make, cast, "太极", day=3, room_id=room.id)
    block = {"place_id": cast.here.id, "course_id": make.course("戏曲").id, "term_id": autumn.id,
             "room_id": room.id, "weekday_1": "0", "from_1": "20:00", "minutes_1": "60",
             "lessons": "10", "capacity": "20", "price_fen": "0", "audience": "everyone",
             "opens_at": "2026-08-20T09:00"}  # fmt: skip
    first = worker.post("/planning/new", block)
    seen = re.findall(r'name="seen" value="([^"]*)"', first.text)
    worker.post("/planning/create", block | {"seen": seen})
    form = wish(make, cast, autumn)
    page = worker.post("/planning/copy", form)
    assert "201教室 20:00–21:00 已有“戏曲”" in text_of(page)
    assert ticked(page) == [str(free.id)]
    both = re.findall(r'name="chosen" value="(\d+)"', page.text)
    refused = confirm(worker, form, page, both)
    assert refused.status_code == 409
    assert "一个班也没有开" in text_of(refused)
    assert drafts(autumn) == 1
    assert confirm(worker, form, page).status_code == 302
    assert drafts(autumn) == 2


def test_what_is_new_since_the_preview_is_shown_again(worker, make, cast, autumn) -> None:
    old_class(make, cast)
    form = wish(make, cast, autumn)
    page = worker.post("/planning/copy", form)
    make.closure(cast.here, starts_on=date(2026, 9, 21), ends_on=date(2026, 9, 21))
    changed = confirm(worker, form, page)
    assert changed.status_code == 409
    assert "预览之后情况有变化" in text_of(changed)
    assert drafts(autumn) == 0
    assert confirm(worker, form, changed).status_code == 302


def test_copies_are_held_against_each_other(worker, make, cast, autumn) -> None:
    """Two old classes that never met share a teacher's hour once both begin with the term."""
    teacher = make.teacher()
    for title in ("合唱", "太极"):
        old_class(make, cast, title, teacher_id=teacher.id)
    page = worker.post("/planning/copy", wish(make, cast, autumn))
    assert len(ticked(page)) == 1
    assert "陈国栋老师 19:00–20:30 在春晖社区上“合唱”" in text_of(page)


def test_the_rules_come_along(worker, make, cast, autumn) -> None:
    needed = make.course("乐理")
    old_class(
        make, cast, needs_course_id=needed.id, once_a_year=True, most_missed=2, opens_at=make.now,
        priority_place_id=cast.here.id, priority_until=make.now + timedelta(hours=48),
    )  # fmt: skip
    form = wish(make, cast, autumn)
    assert confirm(worker, form, worker.post("/planning/copy", form)).status_code == 302
    new = db.session.scalars(select(CourseRun).where(CourseRun.term_id == autumn.id)).one()
    assert new.most_missed == 2
    assert (new.needs_course_id, new.once_a_year, new.priority_place_id) == (
        needed.id, True, cast.here.id,
    )  # fmt: skip
    assert new.priority_until == new.opens_at + timedelta(hours=48)


def test_a_year_not_announced_is_pointed_out(worker, make, cast) -> None:
    far = make.add(Term(name="2099年", starts_on=date(2099, 3, 1), ends_on=date(2099, 7, 1)))
    old_class(make, cast)
    page = worker.post("/planning/copy", wish(make, cast, far, opens_at="2099-02-01T09:00"))
    assert "2099 年的法定节假日安排还没有公布" in text_of(page)


@pytest.mark.parametrize(
    ("field", "bad"),
    [("place_id", ""), ("source_id", "999999"), ("term_id", "x"), ("opens_at", "soon"),
     ("term_id", "same"), ("closes_at", "x")],
)  # fmt: skip
def test_a_wrong_field_is_named(worker, make, cast, autumn, field, bad) -> None:
    old_class(make, cast)
    form = wish(make, cast, autumn)
    form[field] = form["source_id"] if bad == "same" else bad
    answer = worker.post("/planning/copy", form)
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_nothing_ticked_there_or_in_reach(worker, console, make, cast, autumn) -> None:
    make.run(place=cast.there)
    form = wish(make, cast, autumn)
    empty = worker.post("/planning/copy", form)
    assert empty.status_code == 422
    assert "没有班级可以复制" in text_of(empty)
    elsewhere = form | {"place_id": cast.there.id}
    assert worker.post("/planning/copy", elsewhere).status_code == 404
    assert worker.post("/planning/copy/create", elsewhere | {"chosen": ["1"]}).status_code == 404
    old_class(make, cast)
    page = worker.post("/planning/copy", form)
    assert confirm(worker, form, page, []).status_code == 422
    assert console.as_(cast.chen).get("/planning/copy").status_code == 403
