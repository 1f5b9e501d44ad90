"""Spreadsheets: text stays text, and what cannot be read is said in words."""

import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from backend import spreadsheets
from backend.errors import Invalid
from backend.spreadsheets import Column

HEADINGS = ["编码", "名称", "备注"]
REQUIRED = ["编码", "名称"]


def packed(rows, change=None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = [["编码", "名称*"], ["a1", "声乐"], [None, None], ["a2", "太极"]]


@pytest.fixture(autouse=True)
def _in_app(app):
    """Sentences need a language."""


def test_it_reads_rows_by_heading_and_leaves_blank_ones_out() -> None:
    lines = spreadsheets.read(packed(GOOD), HEADINGS, REQUIRED)
    assert [(line.number, line.cells) for line in lines] == [
        (2, {"编码": "a1", "名称": "声乐"}),
        (4, {"编码": "a2", "名称": "太极"}),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+8613800000000", "-x", "@SUM(A1)", '=HYPERLINK("x")'])
def test_text_never_becomes_a_formula(text) -> None:
    out = spreadsheets.write("名单", [Column("姓名")], [[text]])
    cell = load_workbook(BytesIO(out)).active["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert b"<f>" not in zipfile.ZipFile(BytesIO(out)).read("xl/worksheets/sheet1.xml")


def test_control_characters_do_not_break_the_file() -> None:
    out = spreadsheets.write("a/b:c", [Column("姓名")], [["王\x00\x1b秀英"]])
    assert load_workbook(BytesIO(out)).active["A2"].value == "王秀英"


def _with_macro() -> bytes:
    data = BytesIO(packed(GOOD))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return data.getvalue()


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (b"", "打不开"),
        (b"not a spreadsheet", "打不开"),
        (b"PK\x03\x04broken", "打不开"),
        (b"x" * (1024 * 1024 + 1), "太大"),
        (packed([["编码", "名称"]]), "没有内容"),
        (packed([["编码"], ["a1"]]), "缺少"),
        (packed([["编码", "名称", "价格"], ["a1", "声乐", 1]]), "不认识标题“价格”"),
        (packed([["编码", "名称", "名称"], ["a1", "声乐", "x"]]), "两次"),
        (packed(GOOD, lambda sheet: sheet.merge_cells("A2:B2")), "合并"),
        (packed([*GOOD, ["a3", "=A2"]]), "公式"),
        (_with_macro(), "宏"),
        (packed([["编码", "名称"], *[["a", "b"]] * 6001]), "最多"),
    ],
    ids=["empty", "text", "broken", "large", "blank", "missing", "unknown", "twice", "merged",
         "formula", "macro", "long"],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_file(file, word) -> None:
    with pytest.raises(Invalid) as refused:
        spreadsheets.read(file, HEADINGS, REQUIRED)
    assert word in refused.value.errors["file"][0]
