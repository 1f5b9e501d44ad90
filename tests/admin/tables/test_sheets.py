"""The plain tables from spreadsheets: previewed, then written as previewed."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.db import db
from backend.night_school.models import Term
from backend.places.models import Place
from backend.staff.models import AuditEntry, Staff
from tests.admin.tables.sheets import HEAD, confirm, hidden, packed, upload
from tests.console import text_of
from tests.factories import fresh


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
