"""What printed pages share: the font, lines broken as Chinese is, text in the middle, days."""

from datetime import date
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

RED, INK, GREY = (163, 32, 32), (34, 34, 34), (96, 96, 96)

FONT = (
    Path(__file__).parent
    / "static" / "vendor" / "noto-serif-sc-0.4.3" / "NotoSerifSC_400Regular.ttf"
)  # fmt: skip
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


def day(on: date) -> str:
    """2026-09-01 becomes 2026年9月1日."""
    return f"{on.year}年{on.month}月{on.day}日"
