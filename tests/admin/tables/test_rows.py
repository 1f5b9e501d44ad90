"""What one table or another asks of its rows: terms, days, classes, rooms, pictures."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.db import db
from backend.night_school.models import CourseRun, Lesson, Term
from backend.places.models import Atom, Room
from backend.venues.models import OpeningDay, OpenRoom, RoomRules
from tests.admin.tables.sheets import confirm, hidden, upload
from tests.console import text_of
from tests.factories import fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def run_form(make, **more):
    return {
        "course_id": make.once("course", make.course).code, "term_id": "2026年春",
        "place_id": make.once("community", make.place).code, "weekday": "周五",
        "from_minute": "19:00", "minutes": "90", "lessons": "4", "capacity": "20",
        "price_fen": "12.50", "audience": "老年人", "min_age": "55",
        "opens_at": "2026-03-15T09:00",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-01", "2026-04-01", "ends_on"),  # one day in common
        ("2026-07-01", "2026-09-01", "starts_on"),
        ("2026-05-01", "2026-06-01", "starts_on"),
        ("2026-01-01", "2026-12-31", "ends_on"),
    ],
)
def test_a_term_overlapping_another_is_refused(manager, make, term, first, last, field) -> None:
    asked = {"name": "夏令营", "starts_on": first, "ends_on": last}
    refused = manager.post("/tables/terms/new", asked)
    assert refused.status_code == 422
    assert "和“2026年春”（2026-04-01 至 2026-07-01）重叠了" in text_of(refused)
    assert f'id="{field}-error"' in refused.text
    rows = [["学期名称", "开始日期", "结束日期"], ["夏令营", first, last]]
    assert "重叠了" in text_of(upload(manager, "terms", rows))
    other = make.add(Term(name="远处", starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 1)))
    path = f"/tables/terms/{other.id}"
    stands = hidden(manager.get(path), "original")
    moved = manager.post(path, {**asked, "name": "远处", "original": stands})
    assert "重叠了" in text_of(moved)
    assert db.session.scalar(select(func.count()).select_from(Term)) == 2


def test_terms_may_follow_each_other_and_change(manager, make, term) -> None:
    asked = {"name": "暑期", "starts_on": "2026-07-02", "ends_on": "2026-08-31"}
    assert manager.post("/tables/terms/new", asked).status_code == 302
    path = f"/tables/terms/{term.id}"
    same = {"name": "2026年春", "starts_on": "2026-04-01", "ends_on": "2026-06-30"}
    same["original"] = hidden(manager.get(path), "original")
    assert manager.post(path, same).status_code == 302
    assert fresh(term).ends_on == date(2026, 6, 30)


def test_the_database_keeps_terms_apart_too(make, term) -> None:
    db.session.add(Term(name="x", starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 1)))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    ("name", "form", "word"),
    [
        ("days", {"day": "2027-10-01", "kind": "休息", "name": "国庆节"}, "请从这些里选"),
        ("days", {"day": "2026-05-20", "kind": "放假", "name": "又一次"}, "已经有了"),
        ("closures", {"starts_on": "2026-05-02", "ends_on": "2026-05-01", "reason": "停电"},
         "不能早于开始日期"),
        ("closures", {"starts_on": "2026-05-02", "ends_on": "2026-05-03"}, "请填写这一项"),
    ],
)  # fmt: skip
def test_a_wrong_day_or_closure_is_named(manager, stocked, name, form, word) -> None:
    if name == "closures":
        form = {"place_id": stocked.once("community", stocked.place).code} | form
    answer = manager.post(f"/tables/{name}/new", form)
    assert answer.status_code == 422
    assert word in text_of(answer)


def test_a_closure_is_for_ones_own_places(console, manager, stocked) -> None:
    here = stocked.once("community", stocked.place)
    form = {"place_id": here.code, "starts_on": "2026-06-01", "ends_on": "2026-06-01",
            "reason": "防汛值守"}  # fmt: skip
    stranger = console.as_(stocked.staff("manager", stocked.place(name="滨江社区")))
    assert stranger.post("/tables/closures/new", form).status_code == 422
    assert manager.post("/tables/closures/new", form).status_code == 302
    day = {"day": "2031-10-01", "kind": "放假", "name": "国庆节"}
    assert manager.post("/tables/days/new", day).status_code == 302


def test_a_class_is_opened_as_a_draft(manager, make, district, term) -> None:
    room = make.room()
    form = run_form(make, room_id=f"春晖社区 {room.name}")
    answer = manager.post("/tables/runs/new", form)
    run = db.session.scalars(select(CourseRun)).one()
    assert answer.location == f"/admin/classes/{run.id}"
    assert (run.price_fen, run.audience, run.published_at) == (1250, "seniors", None)
    assert db.session.scalar(select(func.count()).select_from(Lesson)) == 4
    assert "未发布" in text_of(manager.get(f"/classes/{run.id}"))
    clash = manager.post("/tables/runs/new", form)
    assert clash.status_code == 409
    assert "声乐基础" in text_of(clash)
    for field, bad in (
        ("weekday", "周八"), ("from_minute", "25:00"), ("price_fen", "-1"), ("lessons", "61"),
        ("price_fen", "1.005"), ("max_age", "20"), ("closes_at", "2026-03-01T00:00"),
        ("room_id", "别处"), ("opens_at", "soon"),
    ):  # fmt: skip
        wrong = run_form(make, **{field: bad})
        assert manager.post("/tables/runs/new", wrong).status_code == 422, field
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 1


def test_classes_from_a_sheet_say_which_row_clashes(manager, make, district, term) -> None:
    room = f"春晖社区 {make.room().name}"
    head = ["课程", "学期", "社区", "教室", "星期", "上课时间", "时长（分钟）", "课次", "名额",
            "费用（元）", "对象", "报名开始"]  # fmt: skip
    course = make.once("course", make.course).title
    row = [course, "2026年春", "春晖社区", room, "周五", "19:00", 90, 4, 20, 0, "不限",
           "2026-03-15 09:00"]  # fmt: skip
    later = [*row[:5], "20:00", *row[6:]]
    bad = upload(manager, "runs", [head, row, later])
    assert "201教室 19:00–20:30 已有“声乐基础”" in text_of(bad)
    assert "有错 1" in text_of(bad)
    assert db.session.scalar(select(func.count()).select_from(CourseRun)) == 0
    good = upload(manager, "runs", [head, row, [*row[:4], "周六", *row[5:]]])
    assert "新增 2" in text_of(good), text_of(good)
    assert confirm(manager, "runs", good).status_code == 302
    assert db.session.scalar(select(func.count()).select_from(Lesson)) == 8


def test_a_new_room_is_one_atom(manager, make, district) -> None:
    place = make.once("community", make.place)
    venue = make.venue(place)
    form = {
        "venue_id": venue.code, "name": "三楼舞蹈室", "capacity": "25", "functions": "舞蹈、音乐",
        "equipment": "镜墙，音响",
    }  # fmt: skip
    assert manager.post("/tables/rooms/new", form).status_code == 302
    room = db.session.scalars(select(Room)).one()
    assert db.session.scalars(select(Atom)).one().name == room.name
    assert (room.place_id, room.functions, room.equipment) == (
        place.id, ["dance", "music"], ["sound", "mirrors"],
    )  # fmt: skip
    assert db.session.scalars(select(OpenRoom)).one().title == "三楼舞蹈室"
    unknown = manager.post("/tables/rooms/new", form | {"name": "四楼", "equipment": "无人机"})
    assert "没有“无人机”" in text_of(unknown)


def test_hours_and_rules_are_kept_in_one_form(manager, make, district) -> None:
    venue = make.venue(make.once("community", make.place))
    form = {"venue_id": venue.code, "monday": "9：00-12：00，14:00—21:00", "sunday": "不开放"}
    both = manager.post("/tables/room_rules/new", form | {"place_id": "p-none"})
    assert both.status_code == 422
    assert manager.post("/tables/room_rules/new", form).status_code == 302
    kept = db.session.scalars(select(RoomRules)).one()
    assert (kept.monday, kept.sunday, kept.tuesday) == ("09:00-12:00 14:00-21:00", "", None)
    listed = manager.get("/tables/room_rules").get_data(as_text=True)
    assert f'/tables/room_rules/{kept.id}">{venue.name}</a>' in listed  # what is named leads there
    assert manager.post("/tables/room_rules/new", form).status_code == 422  # once per venue
    for hours in ("9点到12点", "12:00-11:00 10:00-13:00"):
        again = manager.post(f"/tables/room_rules/{kept.id}", {"monday": hours})
        assert "请填写时间段" in text_of(again), hours


def test_a_day_has_other_hours_once(manager, make, district) -> None:
    venue = make.venue(make.once("community", make.place))
    form = {"venue_id": venue.code, "day": "2026-05-20", "hours": "不开放", "reason": "选举"}
    assert manager.post("/tables/opening_days/new", form).status_code == 302
    assert db.session.scalars(select(OpeningDay.hours)).one() == ""
    again = manager.post("/tables/opening_days/new", form)
    assert "这一天已经有安排了" in text_of(again)


def test_a_picture_is_raster_and_small(manager, stocked, app, tmp_path, monkeypatch) -> None:
    kept = replace(app.extensions["settings"], static_dir=str(tmp_path))
    monkeypatch.setitem(app.extensions, "settings", kept)
    course = stocked.once("course", lambda: None)
    path = f"/tables/courses/{course.id}/picture"
    for file, word in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "PNG 或 JPEG"),
        (b"", "请先选择文件"),
        (PNG + b"\0" * 450_000, "太大"),
    ):
        answer = manager.post(path, {"picture": (BytesIO(file), "x.png")})
        assert answer.status_code == 422
        assert word in text_of(answer)
    assert fresh(course).picture == "music.svg"
    assert manager.post(path, {"picture": (BytesIO(PNG), "../../x.svg")}).status_code == 302
    name = fresh(course).picture
    assert re.fullmatch(r"[0-9a-f]{20}\.png", name)
    assert (tmp_path / name).read_bytes() == PNG
    with app.test_client().get(f"/mp/v1/pictures/{name}") as served:
        assert served.data == PNG


def test_a_teacher_is_given_a_sign_in_once(console, manager, stocked) -> None:
    signs_in = stocked.staff("teacher", name="陈国栋")
    form = {"name": "陈国栋", "staff_id": signs_in.username}
    assert manager.post("/tables/teachers/new", form).status_code == 302
    twice = manager.post("/tables/teachers/new", form | {"name": "别人"})
    assert twice.status_code == 422
    assert "已经有别的记录选了它" in text_of(twice)
