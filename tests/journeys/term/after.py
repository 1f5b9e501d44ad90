"""27 June: certificates for those who came, hours taught, and the term in figures."""

import re
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Browser, expect
from pypdf import PdfReader
from sqlalchemy import select

from backend.night_school.certificates.models import Certificate
from tests.browser import PHONE
from tests.journeys.doors import says
from tests.journeys.term.lessons import Class
from tests.journeys.term.world import World

NEEDED = 10
"""Lessons of twelve: 80 per cent are 9.6."""


def issue_the_certificates(world: World, book: Class) -> dict[str, str]:
    """To those who came ten times or more, and to nobody else; the codes by name."""
    earned = {one.who.name for one in book.learners if book.came(one) >= NEEDED}
    assert 0 < len(earned) < len(book.learners)
    worker, path = world.clerk("wang"), f"/classes/{book.run_id}/certificates"
    assert f"生成 {len(earned)} 份证书" in says(worker.get(path))
    assert f"已为 {len(earned)} 位学员生成结业证书" in worker.does(path)
    papers = PdfReader(BytesIO(worker.get(f"{path}.pdf").content)).pages
    codes = {}
    for paper in papers:
        text = paper.extract_text()
        code = re.search(r"证书编号 ([0-9A-Z-]{14})", text)
        [name] = [one.who.name for one in book.learners if one.who.name in text]
        assert code
        codes[name] = code[1].replace("-", "")
    assert set(codes) == earned
    rows = world.rows(select(Certificate.code, Certificate.came))
    assert {row.code for row in rows} == set(codes.values())
    assert min(row.came for row in rows) >= NEEDED
    return codes


def read_ones_own(world: World, book: Class, codes: dict[str, str]) -> None:
    """On the phone: the paper for who has earned one, how many lessons are missing for the rest."""
    for one in (book.learners[0], book.learners[-1]):
        phone, path = world.phone(one.who), f"/bookings/{one.booking_id}/certificate"
        told = phone.get(path)
        assert (told["came"], told["lessons"], told["needed"]) == (book.came(one), 12, NEEDED)
        assert told["code"] == codes.get(one.who.name)
        paper = phone.send("GET", f"{path}.pdf")
        assert paper.status_code == (200 if one.who.name in codes else 404)
    assert phone.send("POST", path).json()["data"] == {"came": told["came"], "needed": NEEDED}


def check_a_code(world: World, browser: Browser, codes: dict[str, str]) -> None:
    """An employer opens the page that the paper's QR names."""
    name, code = next(iter(codes.items()))
    told = world.phone().get(f"/certificates/{code}")
    assert told["title"] == "书法入门"
    assert name not in told.values(), "the page shows a masked name"
    assert world.phone().send("GET", "/certificates/222222222222").status_code == 404
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.base}/m/#/night_school/pages/verify?code={code}")
    expect(page.get_by_text("书法入门").first).to_be_visible()
    expect(page.get_by_text(name[0]).first).to_be_visible()
    context.close()


def count_the_hours(world: World, term_id: int) -> None:
    """Eleven lessons by the teacher, one by the substitute."""
    page = says(world.clerk("wang").get(f"/classes/hours?term_id={term_id}"))
    assert re.search(r"陈国栋 区文化馆 11 次课，16.5 小时", page), page
    assert re.search(r"李雪梅 区文化馆 1 次课，1.5 小时", page), page


def read_the_statistics(world: World, book: Class, waiting: int) -> None:
    """The page and the sheet say what this test has counted itself."""
    worker, counted = world.clerk("wang"), book.counted()
    came = counted["present"] + counted["late"]
    excused = counted["excused"] + counted["excused_after"]
    marks = came + counted["absent"] + excused
    assert marks == 12 * len(book.learners)
    rates = (round(100 * came / marks, 1), round(100 * counted["absent"] / marks, 1))
    shown = _line_of(worker.get("/statistics?versus=none").text, "courses", "书法入门")
    assert shown["runs"] == "1"
    assert (shown["places"], shown["enrolled"]) == ("22", "22")
    assert (shown["fill_rate"], shown["waiting"]) == ("100.0", str(waiting))
    assert (shown["attendance_rate"], shown["no_show_rate"]) == (str(rates[0]), str(rates[1]))
    file = worker.get("/statistics.xlsx?versus=none").content
    head, *lines = load_workbook(BytesIO(file))["课程"].iter_rows(values_only=True)
    [line] = [dict(zip(head, one, strict=True)) for one in lines if "书法入门" in one]
    assert [line[name] for name in ("已上课次", "到课", "缺席", "请假", "候补")] == [
        12, came, counted["absent"], excused, waiting,
    ]  # fmt: skip
    assert (line["到课率（%）"], line["缺席率（%）"]) == rates


def _line_of(page: str, table: str, name: str) -> dict[str, Any]:
    """The figures of one line of a table, by measure."""
    found = re.search(rf'id="figures-{table}">.*?</table>', page, re.S)
    assert found, table
    [row] = [one for one in found[0].split("<tr>") if f">{name}</th>" in one]
    return dict(re.findall(r'data-measure="(\w+)" data-now="([\d.]+)"', row))
