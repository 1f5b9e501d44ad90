"""The production sheet on A4: what is cooked, what is special and for whom, what is missing."""

from collections.abc import Iterable, Sequence

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend import clock, paper
from backend.canteen.eaters.models import Texture
from backend.canteen.eaters.wording import TEXTURES
from backend.canteen.kitchen import wording
from backend.canteen.kitchen.head import Head
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.sheet import Sheet
from backend.canteen.models import Mode
from backend.canteen.wording import MODES

_MARGIN, _ROW, _BOTTOM = 15, 9.5, 280
_NO_NAME = "（未填姓名）"


def draw(head: Head, sheet: Sheet) -> bytes:
    """A PDF of the sheet as it was frozen."""
    pdf = paper.blank(f"{head.title} 生产单", "portrait", _MARGIN)
    pdf.add_page()
    _head(pdf, head, sheet)
    _dishes(pdf, sheet)
    _specials(pdf, sheet)
    _lost(pdf, sheet.lost)
    return bytes(pdf.output())


def _head(pdf: FPDF, head: Head, sheet: Sheet) -> None:
    pdf.set_font("serif", size=22)
    paper.write_lines(pdf, f"{head.title} 生产单", 12)
    pdf.set_font("serif", size=12)
    at = clock.local(head.frozen_at)
    _line(
        pdf,
        f"第 1 版 · {at.month}月{at.day}日 {at:%H:%M} 截止。之后的改动请看屏幕上的“截止后的变动”。",
        7,
    )
    pdf.set_font("serif", size=16)
    modes = "，".join(f"{MODES[Mode(one)]} {sheet.modes[one]} 份" for one in sheet.ways)
    _line(
        pdf, f"{sheet.orders} 人订餐，共 {sheet.portions} 份" + (f"：{modes}" if modes else ""), 11
    )


def _dishes(pdf: FPDF, sheet: Sheet) -> None:
    _title(pdf, "按菜品")
    textures = [one for one in sheet.textures if one != Texture.NORMAL]
    heads = ["合计", *(str(TEXTURES[Texture(one)]) for one in textures)]
    heads += [str(MODES[Mode(one)]) for one in sheet.ways]
    width = min(22.0, 110 / max(len(heads), 1))
    _row(pdf, "", heads, width, 12)
    for row in sheet.dishes:
        counts = [row.portions, *(row.textures[one] for one in textures)]
        counts += [row.modes[one] for one in sheet.ways]
        _row(pdf, row.dish, [str(one or "") for one in counts], width, 15)


def _specials(pdf: FPDF, sheet: Sheet) -> None:
    if not sheet.specials:
        return
    _title(pdf, f"特殊餐（共 {sum(one.portions for one in sheet.specials)} 份，单独做、单独装）")
    for group in sheet.specials:
        _room(pdf, 3 * _ROW)
        pdf.set_font("serif", size=14)
        pdf.set_fill_color(225)
        needs = wording.needs(group.texture, group.marks)
        pdf.cell(w=pdf.epw - 30, h=_ROW, text=needs, fill=True)
        pdf.cell(w=30, h=_ROW, text=f"小计 {group.portions} 份", fill=True, align=Align.R,
                 new_x=XPos.LMARGIN, new_y=YPos.NEXT)  # fmt: skip
        for dish, lines in group.dishes.items():
            pdf.set_font("serif", size=13)
            _paragraph(pdf, f"{dish} {group.count(dish)} 份：{_names(lines)}", 7.5)
        pdf.ln(1.5)


def _lost(pdf: FPDF, lines: Sequence[Line]) -> None:
    if not lines:
        return
    _title(pdf, f"送餐地址待补（{len(lines)} 人，照做，问清地址再送）")
    pdf.set_font("serif", size=13)
    _paragraph(pdf, _names(lines), 7.5)


def _names(lines: Iterable[Line]) -> str:
    return "、".join(
        f"{one.name or _NO_NAME}×{one.portions}" if one.portions > 1 else one.name or _NO_NAME
        for one in lines
    )


def _title(pdf: FPDF, text: str) -> None:
    _room(pdf, 3 * _ROW)
    pdf.ln(3)
    pdf.set_font("serif", size=15)
    _line(pdf, text, 10)


def _row(pdf: FPDF, first: str, cells: Sequence[str], width: float, size: float) -> None:
    _room(pdf, _ROW)
    pdf.set_font("serif", size=size)
    pdf.cell(w=pdf.epw - width * len(cells), h=_ROW, text=first, border="B")
    for cell in cells:
        pdf.cell(w=width, h=_ROW, text=cell, border="B", align=Align.R)
    pdf.ln(_ROW)


def _line(pdf: FPDF, text: str, height: float) -> None:
    pdf.cell(text=text, h=height, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _paragraph(pdf: FPDF, text: str, height: float) -> None:
    """Broken at the margin, a page at a time."""
    line = ""
    for char in [*text, "\n"]:
        if char == "\n" or pdf.get_string_width(line + char) > pdf.epw - 2:
            _room(pdf, height)
            _line(pdf, line, height)
            line = ""
        line += char


def _room(pdf: FPDF, height: float) -> None:
    """On the next page where it would not fit on this one."""
    if pdf.get_y() + height > _BOTTOM:
        pdf.add_page()
