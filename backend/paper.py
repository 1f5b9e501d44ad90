"""What printed pages share: the font, lines broken as Chinese is, tables, signatures, days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

RED, INK, GREY = (163, 32, 32), (34, 34, 34), (96, 96, 96)

FONT = (
    Path(__file__).parent
    / "static" / "vendor" / "noto-serif-sc-0.4.3" / "NotoSerifSC_400Regular.ttf"
)  # fmt: skip
_BOTTOM = 278
_NEVER_FIRST = "，。、；：！？”》）"


def blank(title: str, orientation: str, margin: int) -> FPDF:
    """A4 without a page yet; the font is `serif`, the language Chinese."""
    pdf = FPDF(orientation=orientation, format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(margin)
    pdf.add_font("serif", fname=FONT)
    pdf.set_lang("zh-CN")
    pdf.set_title(title)
    return pdf


def write_lines(pdf: FPDF, text: str, height: float) -> None:
    """The text from here down, broken at the right margin.

    No line begins with a mark that ends something.
    """
    lines = [""]
    for char in text:
        too_long = pdf.get_string_width(lines[-1] + char) > pdf.epw - 2
        if char == "\n" or (too_long and char not in _NEVER_FIRST):
            lines.append("")
        if char != "\n":
            lines[-1] += char
    for line in lines:
        pdf.cell(text=line, h=height, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def centred(pdf: FPDF, text: str, height: float) -> None:
    """One line in the middle of the page."""
    pdf.cell(w=0, h=height, text=text, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in millimetres; numbers stand to the right."""

    heading: str
    width: float
    right: bool = False


def table(
    pdf: FPDF, columns: Sequence[Column], rows: Iterable[Sequence[str]], height: float = 8.5
) -> None:
    """Rows under their headings, which stand again on every further page (A4 upright)."""
    heads = [column.heading for column in columns]
    _row(pdf, columns, heads, height, fill=True)
    for row in rows:
        if pdf.get_y() + height > _BOTTOM:
            pdf.add_page()
            _row(pdf, columns, heads, height, fill=True)
        _row(pdf, columns, row, height, fill=False)


def _row(
    pdf: FPDF, columns: Sequence[Column], cells: Sequence[str], height: float, *, fill: bool
) -> None:
    pdf.set_fill_color(235)
    for column, text in zip(columns, cells, strict=True):
        align = Align.R if column.right else Align.L
        fitting = _fitting(pdf, text, column.width - 3)
        pdf.cell(w=column.width, h=height, text=fitting, border=1, align=align, fill=fill)
    pdf.ln(height)


def _fitting(pdf: FPDF, text: str, width: float) -> str:
    """The text, cut with a mark where it is too long."""
    if pdf.get_string_width(text) <= width:
        return text
    while text and pdf.get_string_width(text + "…") > width:
        text = text[:-1]
    return text + "…"


def signatures(pdf: FPDF, *who: str) -> None:
    """Room to sign, side by side, on a page that has it."""
    if pdf.get_y() + 24 > _BOTTOM:
        pdf.add_page()
    pdf.ln(14)
    for one in who:
        pdf.cell(w=pdf.epw / len(who), h=8, text=one)
    pdf.ln(8)


def number_pages(pdf: FPDF) -> None:
    """At the foot of each page which of how many it is, where there are several."""
    if pdf.pages_count == 1:
        return
    for number in range(1, pdf.pages_count + 1):
        pdf.page = number
        for size in (9, 10):  # another one first: each page is told its font
            pdf.set_font("serif", size=size)
        pdf.set_y(-12)
        centred(pdf, f"第 {number} 页，共 {pdf.pages_count} 页", 6)


def day(on: date) -> str:
    """2026-09-01 becomes 2026年9月1日."""
    return f"{on.year}年{on.month}月{on.day}日"
