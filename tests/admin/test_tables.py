"""The plain tables: list, form, spreadsheets in and out, for every entry alike."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.db import db
from backend.night_school.models import Course, CourseRun, Lesson, Teacher, Term
from backend.places.models import Atom, CalendarDay, Place, Room
from backend.staff.models import AuditEntry, Staff
from backend.tables import TABLES
from backend.venues.models import OpeningDay, OpenRoom, RoomRules
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def district(make: Make) -> Place:
    make.once("community", make.place)
    return make.once("district", make.place)


@pytest.fixture
def manager(console: Console, make: Make, district: Place) -> Console:
    """Who manages the whole district."""
    return console.as_(make.staff("manager", district, name="刘建华"))


@pytest.fixture
def stocked(make: Make, district: Place) -> Make:
    """One row at least in every table."""
    make.run(teacher_id=make.teacher().id, room_id=make.room().id)
    make.notice()
    make.closure()
    make.day()
    make.rules(make.once("community", make.place))
    make.opening_day()
    return make


def sheet(response) -> list[list]:
    rows = load_workbook(BytesIO(response.data)).active.iter_rows(values_only=True)
    return [list(row) for row in rows]


def packed(rows) -> BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def upload(browser, name, rows):
    file = rows if isinstance(rows, BytesIO) else packed(rows)
    return browser.post(f"/tables/{name}/import", {"file": (file, "x.xlsx")})


def hidden(page, name) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def confirm(browser, name, preview):
    form = {field: hidden(preview, field) for field in ("lines", "previewed")}
    return browser.post(f"/tables/{name}/import/confirm", form)


PAGES = ("", "/new", "/import", "/export.xlsx", "/template.xlsx")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("page", PAGES)
def test_every_table_opens_for_managers_only(console, manager, stocked, name, page) -> None:
    path = f"/tables/{name}{page}"
    assert manager.get(path).status_code == 200
    assert console.as_(stocked.staff("worker")).get(path).status_code == 403
    assert console.get(path).status_code == 302


def test_there_is_no_other_table(manager) -> None:
    assert manager.get("/tables").status_code == 200
    for page in PAGES:
        assert manager.get(f"/tables/people{page}").status_code == 404


@pytest.mark.parametrize("name", TABLES)
def test_an_export_sent_back_changes_nothing(manager, stocked, name) -> None:
    preview = upload(manager, name, BytesIO(manager.get(f"/tables/{name}/export.xlsx").data))
    assert preview.status_code == 200, text_of(preview)
    assert "完全一样" in text_of(preview)
    assert "有错" not in text_of(preview)


@pytest.mark.parametrize("name", TABLES)
def test_rows_out_of_reach_are_not_found(console, manager, stocked, name) -> None:
    page = manager.get(f"/tables/{name}").text
    link = re.search(rf"/admin(/tables/{name}/\d+)", page)[1]
    assert manager.get(link).status_code == 200
    stranger = console.as_(stocked.staff("manager", stocked.place(name="滨江社区")))
    shared = name in ("courses", "categories", "teachers", "terms", "days")
    assert stranger.get(link).status_code == (200 if shared else 404)
    assert manager.get(f"/tables/{name}/999999").status_code == 404


@pytest.mark.parametrize("name", ["courses", "categories", "terms", "days"])
def test_what_the_district_shares_is_edited_by_the_district(console, stocked, name) -> None:
    local = console.as_(stocked.staff("manager"))
    row = {"courses": Course, "terms": Term, "days": CalendarDay}.get(name)
    assert "由区级管理员维护" in text_of(local.get(f"/tables/{name}/new"))
    answer = local.post(f"/tables/{name}/new", {"code": "x1", "name": "x", "title": "x"})
    assert answer.status_code == 403
    assert upload(local, name, [["编码"]]).status_code in (403, 422)
    assert row is None or db.session.scalar(select(func.count()).select_from(row)) == 1


def course_form(stocked, **more):
    category = stocked.once("category", lambda: None)
    return {"code": "guqin-1", "title": "古琴入门", "summary": "从指法开始",
            "category_id": category.code} | more  # fmt: skip


def test_a_new_course(manager, stocked) -> None:
    answer = manager.post("/tables/courses/new", course_form(stocked, bring="=1+1"))
    assert answer.status_code == 302
    row = db.session.scalars(select(Course).where(Course.code == "guqin-1")).one()
    assert (row.title, row.bring) == ("古琴入门", "=1+1")
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_id) == ("table.create", row.id)
    assert note.after["title"] == "古琴入门"


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("code", "", "请填写这一项"),
        ("code", "有空格 的", "只能用字母"),
        ("title", "长" * 61, "1 到 60"),
        ("title", "a\x07b", "控制字符"),
        ("category_id", "nope", "没有“nope”"),
        ("summary", "   ", "请填写这一项"),
    ],
)
def test_a_bad_field_is_named(manager, stocked, field, value, word) -> None:
    answer = manager.post("/tables/courses/new", course_form(stocked, **{field: value}))
    assert answer.status_code == 422
    assert word in text_of(answer)
    assert 'value="从指法开始"' in answer.text or field == "summary"
    assert db.session.scalar(select(func.count()).select_from(Course)) == 1


def test_a_code_is_unique(manager, stocked) -> None:
    assert manager.post("/tables/courses/new", course_form(stocked)).status_code == 302
    answer = manager.post("/tables/courses/new", course_form(stocked, title="别的"))
    assert answer.status_code == 422
    assert "“guqin-1”已经有了" in text_of(answer)


def test_the_second_editor_sees_what_changed(manager, stocked) -> None:
    row = stocked.teacher("周文涛")
    path = f"/tables/teachers/{row.id}"
    opened = hidden(manager.get(path), "original")
    first = {"name": "周文涛", "organisation": "老年大学", "original": opened}
    assert manager.post(path, first).status_code == 302
    second = {"name": "周文韬", "organisation": "区文化馆", "original": opened}
    refused = manager.post(path, second)
    assert refused.status_code == 409
    assert "区文化馆 → 老年大学" in text_of(refused)
    assert 'value="周文韬"' in refused.text
    assert fresh(row).organisation == "老年大学"
    again = second | {"original": hidden(refused, "original")}
    assert manager.post(path, again).status_code == 302
    assert (fresh(row).name, fresh(row).organisation) == ("周文韬", "区文化馆")
    changes = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert changes[0].before == {"organisation": "区文化馆"}
    assert changes[0].after == {"organisation": "老年大学"}


@pytest.mark.parametrize("original", ["", "{}", "x.y.z"])
def test_a_form_that_is_not_ours_is_refused(manager, stocked, original) -> None:
    row = stocked.teacher("周文涛")
    form = {"name": "别人", "original": original}
    assert manager.post(f"/tables/teachers/{row.id}", form).status_code == 422
    assert manager.post(f"/tables/teachers/{row.id}", form, csrf=False).status_code == 400
    assert fresh(row).name == "周文涛"


def test_the_list_is_searched_sorted_and_paged(manager, stocked) -> None:
    for number in range(60):
        stocked.teacher(f"老师{number:02d}")
    page = manager.get("/tables/teachers?sort=-name&page=2")
    assert "第 2 / 2 页" in text_of(page)
    assert "共 61 条" in text_of(page)
    assert text_of(manager.get("/tables/teachers?text=老师07")).count("老师07") == 1
    assert "没有找到" in text_of(manager.get("/tables/teachers?text=%25"))
    for odd in ("page=0", "page=x", "sort=" + "x" * 40):
        assert manager.get(f"/tables/teachers?{odd}").status_code == 422
    assert manager.get("/tables/teachers?sort=password_hash").status_code == 200


def test_the_list_leaves_words_as_they_are(manager, stocked) -> None:
    stocked.teacher("Tom Tang")
    assert "Tom Tang" in text_of(manager.get("/tables/teachers?text=Tom"))


def test_the_export_is_what_the_list_shows(manager, stocked) -> None:
    stocked.teacher("=HYPERLINK(1)")
    stocked.teacher("周文涛")
    rows = sheet(manager.get("/tables/teachers/export.xlsx?text=HYPER"))
    assert rows[0] == ["编号", "姓名*", "单位", "简介", "协议开始", "协议结束", "登录账号"]
    assert [row[1] for row in rows[1:]] == ["=HYPERLINK(1)"]


HEAD = ["编码", "类型", "名称", "上级编码", "地址"]


def test_a_district_starts_from_a_sheet(manager, make, district) -> None:
    rows = [
        HEAD,
        ["s9", "街道", "新华街道", district.code, None],
        ["c9", "社区", "滨江社区", "s9", "滨江路1号"],
        ["e9", "小区", "江畔花园", "c9", None],
        ["b9", "楼栋", "3号楼", "江畔花园", None],
    ]
    before = db.session.scalar(select(func.count()).select_from(Place))
    preview = upload(manager, "places", rows)
    assert "新增 4" in text_of(preview), text_of(preview)
    assert db.session.scalar(select(func.count()).select_from(Place)) == before
    assert confirm(manager, "places", preview).status_code == 302
    found = {
        place.code: place
        for place in db.session.scalars(select(Place).where(Place.code.in_(["s9", "c9", "b9"])))
    }
    assert found["b9"].path.startswith(found["c9"].path)
    assert found["c9"].path == f"{found['s9'].path}{found['c9'].id}/"
    assert found["c9"].address == "滨江路1号"
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 4
    rows[2][4] = "滨江路2号"
    again = upload(manager, "places", rows)
    assert "滨江路1号 → 滨江路2号" in text_of(again)
    assert "更改 1" in text_of(again)
    assert "不变 3" in text_of(again)
    assert confirm(manager, "places", again).status_code == 302
    assert fresh(found["c9"]).address == "滨江路2号"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["c9", "社区", "滨江社区", "nowhere", None], "没有“nowhere”"),
        (["c9", "社区", "滨江社区", "{district}", None], "社区的上级应当是街道"),
        (["c9", "星球", "滨江社区", "{district}", None], "请从这些里选"),
        (["", "社区", "滨江社区", "{district}", None], "请填写这一项"),
        (["s1", "街道", "又一个", "{district}", None], "与第 2 行重复"),
        (["c 9", "社区", "滨江社区", "s1", None], "只能用字母"),
        (["c9", "社区", "长" * 61, "s1", None], "1 到 60"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(manager, make, district, row, word) -> None:
    good = ["s1", "街道", "新华街道", district.code, None]
    row = [cell.format(district=district.code) if cell else cell for cell in row]
    before = db.session.scalar(select(func.count()).select_from(Place))
    preview = upload(manager, "places", [HEAD, good, row])
    assert word in text_of(preview)
    assert 'name="previewed"' not in preview.text
    assert db.session.scalar(select(func.count()).select_from(Place)) == before


def test_a_sheet_reaches_no_further_than_its_sender(console, make, district) -> None:
    elsewhere = make.place(name="滨江社区")
    local = console.as_(make.staff("manager"))
    rows = [HEAD, ["e1", "小区", "江畔花园", elsewhere.code, None],
            [elsewhere.code, "社区", "改名", None, None]]  # fmt: skip
    page = text_of(upload(local, "places", rows))
    assert "不在您的管理范围内" in page
    assert "有错 2" in page


@pytest.mark.parametrize("change", ["lines", "previewed"])
def test_only_what_was_previewed_is_written(manager, make, district, change) -> None:
    preview = upload(manager, "places", [HEAD, ["s9", "街道", "新华街道", district.code, None]])
    form = {field: hidden(preview, field) for field in ("lines", "previewed")}
    answer = manager.post("/tables/places/import/confirm", form | {change: form[change] + "x"})
    assert answer.status_code in (409, 422)
    make.place("street", district, code="s9")
    answer = manager.post("/tables/places/import/confirm", form)
    assert answer.status_code == 409
    assert "预览之后数据有了变化" in text_of(answer)


def test_odd_files_are_answered_in_words(manager, district) -> None:
    for file, status, word in (
        (BytesIO(b"hello"), 422, "打不开"),
        (BytesIO(b""), 422, "请先选择文件"),
        (packed([["随便"], ["x"]]), 422, "不认识标题"),
    ):
        answer = upload(manager, "places", file)
        assert answer.status_code == status
        assert word in text_of(answer)


def test_a_body_of_ten_megabytes_is_refused(manager, district) -> None:
    answer = manager.http.post(
        "/admin/tables/places/import", data=b"x" * 10 * 1024 * 1024,
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": manager.token()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "太大" in text_of(answer)


def test_dates_as_text_are_understood(manager, district) -> None:
    head = ["学期名称", "开始日期", "结束日期"]
    rows = [head, ["春季", "2026/3/1", "2026年7月1日"], ["秋季", date(2026, 9, 1), "2027-01-15"]]
    preview = upload(manager, "terms", rows)
    assert "新增 2" in text_of(preview), text_of(preview)
    assert confirm(manager, "terms", preview).status_code == 302
    found = db.session.scalars(select(Term).order_by(Term.starts_on)).all()
    assert [(term.starts_on, term.ends_on) for term in found] == [
        (date(2026, 3, 1), date(2026, 7, 1)), (date(2026, 9, 1), date(2027, 1, 15)),
    ]  # fmt: skip
    bad = upload(
        manager, "terms", [head, ["夏季", "2026-02-30", "明天"], ["冬季", "2026-12-1", "2026-11-1"]]
    )
    assert "请填写日期" in text_of(bad)
    assert "结束日期要晚于开始日期" in text_of(bad)


def run_form(make, **more):
    return {
        "course_id": make.once("course", make.course).code, "term_id": "2026年春",
        "place_id": make.once("community", make.place).code, "weekday": "周五",
        "from_minute": "19:00", "minutes": "90", "lessons": "4", "capacity": "20",
        "price_fen": "12.50", "audience": "老年人", "min_age": "55",
        "opens_at": "2026-03-15T09:00",
    } | more  # fmt: skip


@pytest.fixture
def term(make: Make) -> Term:
    return make.add(Term(name="2026年春", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))


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


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


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


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(
        st.one_of(
            st.none(), st.integers(-(10**15), 10**15), st.booleans(), st.dates(), st.datetimes(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40),
        ),
        min_size=5, max_size=5,
    )
)  # fmt: skip
def test_no_cell_breaks_the_preview(manager, district, cells) -> None:
    cells = [None if isinstance(cell, str) and cell.startswith("=") else cell for cell in cells]
    answer = upload(manager, "places", [HEAD, cells])
    assert answer.status_code in (200, 422)


def test_adding_teachers_takes_any_manager(console, make, district) -> None:
    local = console.as_(make.staff("manager"))
    assert local.post("/tables/teachers/new", {"name": "周文涛"}).status_code == 302
    assert db.session.scalars(select(Teacher)).one().name == "周文涛"


def test_staff_come_from_a_sheet(console, manager, make, district) -> None:
    community = make.once("community", make.place)
    head = ["用户名", "姓名", "岗位", "工作地点"]
    rows = [head, ["li.mei", "李梅", "社区工作者", community.code]]
    bad = upload(manager, "staff", [*rows, ["Zhou", "周敏", "社区工作者", community.code],
                                    ["sun.li", "孙丽", "社区工作者", district.code]])  # fmt: skip
    assert "小写字母" in text_of(bad)
    assert "不能设在这一级" in text_of(bad)
    preview = upload(manager, "staff", rows)
    assert confirm(manager, "staff", preview).status_code == 302
    made = db.session.scalars(select(Staff).where(Staff.username == "li.mei")).one()
    assert made.must_change_password
    assert console.as_(make.staff("manager", make.place(name="滨江社区"))).get(
        f"/tables/staff/{made.id}"
    ).status_code == 404  # fmt: skip
    again = upload(manager, "staff", [head, ["li.mei", "李玫", "社区工作者", community.code]])
    assert "李梅 → 李玫" in text_of(again)
    assert confirm(manager, "staff", again).status_code == 302
    assert fresh(made).name == "李玫"


def test_a_teacher_is_given_a_sign_in_once(console, manager, stocked) -> None:
    signs_in = stocked.staff("teacher", name="陈国栋")
    form = {"name": "陈国栋", "staff_id": signs_in.username}
    assert manager.post("/tables/teachers/new", form).status_code == 302
    twice = manager.post("/tables/teachers/new", form | {"name": "别人"})
    assert twice.status_code == 422
    assert "已经有别的记录选了它" in text_of(twice)


def test_what_an_editor_cannot_see_stays_as_it_is(console, stocked) -> None:
    elsewhere = stocked.place(name="滨江社区")
    signs_in = stocked.staff("teacher", elsewhere)
    row = stocked.teacher("周文涛", staff_id=signs_in.id)
    local = console.as_(stocked.staff("manager"))
    page = local.get(f"/tables/teachers/{row.id}")
    assert signs_in.username not in page.text
    form = {"name": "周文韬", "original": hidden(page, "original")}
    assert local.post(f"/tables/teachers/{row.id}", form).status_code == 302
    assert (fresh(row).name, fresh(row).staff_id) == ("周文韬", signs_in.id)
