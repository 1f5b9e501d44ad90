"""The plain tables: list, form and spreadsheet, for every entry alike."""

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from backend.db import db
from backend.night_school.models import Course, Teacher, Term
from backend.places.models import CalendarDay
from backend.staff.models import AuditEntry
from backend.tables import TABLES
from tests.admin.tables.sheets import hidden, sheet, upload
from tests.console import text_of
from tests.factories import fresh

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
    market = ("services", "providers", "provider_services", "provider_papers")
    shared = name in ("courses", "categories", "teachers", "terms", "days", *market)
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


def test_adding_teachers_takes_any_manager(console, make, district) -> None:
    local = console.as_(make.staff("manager"))
    assert local.post("/tables/teachers/new", {"name": "周文涛"}).status_code == 302
    assert db.session.scalars(select(Teacher)).one().name == "周文涛"


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
