"""The statistics page and its spreadsheet: what they say, who may see what, in a real browser."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from backend import clock
from backend.app import create_app
from backend.db import db
from backend.staff import passwords
from tests import databases, settings
from tests.browser import PHONE
from tests.console import Console, text_of
from tests.factories import Make
from tests.night_school.small_district import District
from tests.server import serving

PASSWORD = "红枣-小米-清粥-2026"


@pytest.fixture
def district(make: Make) -> District:
    return District(make)


def figures(page: str, table: str) -> dict[str, list[str]]:
    """What the cells of one table say, by the name of their line."""
    found = re.search(rf'id="figures-{table}">.*?</table>', page, re.S)
    assert found, table
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", found[0], re.S)
    cells = [
        [unescape(re.sub(r"<.*?>", " ", cell)).split() for cell in re.split(r"</t[hd]>", row)]
        for row in rows
    ]
    return {row[0][0]: [cell[0] for cell in row[1:] if cell] for row in cells}


def test_a_manager_sees_every_cut(console: Console, district: District) -> None:
    page = console.as_(district.manager).get("/statistics?versus=none")
    assert page.status_code == 200
    assert "幸福区 · 2026年春季学期" in text_of(page)
    # classes, places, enrolled, filled, waiting, came, did not come
    assert figures(page.text, "streets") == {
        "和平街道": ["2", "10", "9", "50.0%", "3", "66.7%", "11.1%"],
        "安宁街道": ["1", "4", "<3", "<3", "0", "<3", "<3"],
        "青山街道": ["1", "5", "—", "—", "0", "—", "—"],
    }
    assert figures(page.text, "bands")["35–59"] == ["5", "6", "0", "28.6%", "42.9%"]
    assert "某某" not in page.text


def test_beside_the_term_before(console: Console, district: District) -> None:
    page = text_of(console.as_(district.manager).get("/statistics"))
    assert "报名人次 16 对比期 3" in page
    assert "到课率 54.5% 对比期 100.0%" in page


def test_reach(console: Console, district: District) -> None:
    worker = console.as_(district.worker)
    assert "春晖社区 · 2026年春季学期" in text_of(worker.get("/statistics"))
    for name in ("梅园社区", "和平街道", "幸福区"):
        ident = district.places[name].id
        assert worker.get(f"/statistics?place_id={ident}").status_code == 404
        assert worker.get(f"/statistics.xlsx?place_id={ident}").status_code == 404
    assert worker.get("/statistics?place_id=999999").status_code == 404
    teacher = console.as_(district.make.staff("teacher", district.places["春晖社区"]))
    assert teacher.get("/statistics").status_code == 403
    assert teacher.get("/statistics.xlsx").status_code == 403
    assert "统计" not in text_of(teacher.get("/"))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("period=term-0", 422),
        ("period=1", 422),
        ("period=term-99999", 404),
        ("versus=year-1999", 404),
        ("since=yesterday", 422),
        ("since=2026-03-02&until=2026-03-01", 422),
        ("place_id=x", 422),
        ("place_id=0", 422),
        ("since=2026-03-01&until=2026-03-31", 200),
    ],
)
def test_what_is_asked(console: Console, district: District, asked: str, status: int) -> None:
    manager = console.as_(district.manager)
    assert manager.get(f"/statistics?{asked}").status_code == status
    assert manager.get(f"/statistics.xlsx?{asked}").status_code == status


def test_without_a_term_there_is_nothing_to_count_yet(console: Console, cast) -> None:
    page = console.as_(cast.zhou).get("/statistics")
    assert page.status_code == 200
    assert "还没有可以统计的内容" in page.text


def test_the_spreadsheet_says_what_the_page_says(console: Console, district: District) -> None:
    manager = console.as_(district.manager)
    page = manager.get("/statistics?versus=none").text
    answer = manager.get("/statistics.xlsx?versus=none")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = load_workbook(BytesIO(answer.data))
    assert book.sheetnames == [
        "合计", "街道", "社区", "课程分类", "课程", "年龄段", "口径说明",
    ]  # fmt: skip
    by_age = ["报名人次", "参加人数", "候补", "到课率（%）", "缺席率（%）"]
    by_place = ["开班", "名额", "报名人次", "名额使用率（%）", *by_age[2:]]
    for code, title, headings in (("streets", "街道", by_place), ("bands", "年龄段", by_age)):
        rows = list(book[title].iter_rows(values_only=True))
        at = [rows[0].index(heading) for heading in headings]
        sheet = {row[0].split()[0]: [row[number] for number in at] for row in rows[1:]}
        shown = {
            name: [_value(cell) for cell in cells] for name, cells in figures(page, code).items()
        }
        assert sheet == shown
    both = load_workbook(BytesIO(manager.get("/statistics.xlsx").data))["合计"]
    head, row = both.iter_rows(values_only=True)
    assert row[head.index("报名人次 · 2026年春季学期")] == 16
    assert row[head.index("报名人次 · 2025年秋季学期")] == 3


def _value(cell: str) -> object:
    """A cell of the page as the spreadsheet has it."""
    try:
        return float(cell.rstrip("%")) if "%" in cell else int(cell.replace(",", ""))
    except ValueError:
        return cell


@pytest.fixture
def site(tmp_path) -> Iterator[str]:
    """The small district, served; its manager can sign in."""
    url = f"sqlite:///{tmp_path / 'statistics.db'}"
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    with app.app_context(), clock.frozen(clock.now()):
        district = District(Make(clock.now()))
        district.manager.username = "zhou"
        district.manager.password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
    databases.dispose(app)
    with serving(settings.ENVIRON | {"DATABASE_URL": url}, workers=1) as base:
        yield base


@pytest.mark.browser
def test_charts_are_drawn_under_the_strict_policy(page: Page, site: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/admin/statistics")
    page.get_by_label("用户名").fill("zhou")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("时间").select_option(label="2026年春季学期")
    page.get_by_label("对比").select_option(label="不对比")
    page.get_by_role("button", name="查看").click()
    charts = page.locator("figure.chart canvas")
    expect(charts).to_have_count(8)
    drawn = charts.first.evaluate(
        """canvas => new Set(canvas.getContext('2d')
            .getImageData(0, 0, canvas.width, canvas.height).data).size"""
    )
    assert drawn > 20, "the chart is blank"
    charts.first.hover(position={"x": 120, "y": 60})  # what comes up is drawn too
    page.set_viewport_size(PHONE)
    page.reload()
    expect(charts).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    small = page.evaluate(
        """[...document.querySelectorAll('main button, main a.btn, main summary, main select')]
           .filter(one => one.offsetParent && one.offsetHeight < 44).map(one => one.outerHTML)"""
    )
    assert small == []
    page.get_by_role("link", name="和平街道").click()
    expect(page.get_by_text("和平街道 · 2026年春季学期")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="导出表格").click()
    assert downloading.value.suggested_filename.startswith("和平街道夜校统计")
    assert complaints == []
