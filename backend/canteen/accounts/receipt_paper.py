"""A receipt on paper: one A4 page with two copies, for who paid and for the canteen's file."""

from collections.abc import Mapping
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend import clock, paper
from backend.canteen.accounts.wording import UNNAMED
from backend.money import in_words, in_yuan

_MARGIN, _HALF = 18, 148.5
_COPIES = ("居民留存", "食堂存根")


def draw(slip: Mapping[str, Any]) -> bytes:
    """A PDF of a receipt as `receipts.get_receipt` tells it."""
    pdf = paper.blank(f"收据 {slip['number']:06d}", "portrait", _MARGIN)
    pdf.add_page()
    for number, copy in enumerate(_COPIES):
        _copy(pdf, slip, copy, number * _HALF)
    pdf.set_draw_color(paper.GREY)
    pdf.set_dash_pattern(dash=2, gap=2)
    pdf.line(0, _HALF, pdf.w, _HALF)
    return bytes(pdf.output())


def _copy(pdf: FPDF, slip: Mapping[str, Any], copy: str, top: float) -> None:
    back = slip["fen"] < 0
    pdf.set_y(top + 12)
    pdf.set_font("serif", size=24)
    paper.centred(pdf, "退款收据" if back else "充值收据", 11)
    pdf.set_font("serif", size=12)
    _ends(pdf, f"{slip['canteen_name']}（{copy}）", f"收据号 {slip['number']:06d}", 9)
    pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
    pdf.ln(3)
    pdf.set_font("serif", size=16)
    _line(pdf, f"姓名：{slip['name'] or UNNAMED}")
    _line(pdf, f"{'退给' if back else '付款人'}：{slip['by']}")
    pdf.set_font("serif", size=22)
    fen = abs(slip["fen"])
    _line(pdf, f"{'退现金' if back else '收现金'}：{in_yuan(fen)} 元", 13)
    pdf.set_font("serif", size=16)
    _line(pdf, f"大写：{in_words(fen)}")
    pdf.set_font("serif", size=13)
    for text in _notes(slip):
        paper.write_lines(pdf, text, 7)
    pdf.set_y(top + 118)
    _ends(pdf, "收款人签字：" if back else "付款人签字：", "经办人签字：" + "　" * 7, 9)
    pdf.set_font("serif", size=11)
    at = clock.local(slip["at"])
    _ends(pdf, f"{paper.day(at.date())} {at:%H:%M}　经办：{slip['staff_name']}", _where(slip), 8)


def _notes(slip: Mapping[str, Any]) -> list[str]:
    notes = []
    if slip["reversed_by"]:
        notes.append(f"已由 {slip['reversed_by']:06d} 号收据冲正，本收据作废。")
    if slip["reverses"]:
        notes.append(f"冲正 {slip['reverses']:06d} 号收据。")
    if slip["note"]:
        notes.append(f"备注：{slip['note']}")
    if slip["fen"] > 0:
        notes.append("没用完的钱随时可以退，退给付款人。")
    return notes


def _where(slip: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (slip["address"], slip["phone"])))


def _line(pdf: FPDF, text: str, height: float = 10) -> None:
    pdf.cell(text=text, h=height, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _ends(pdf: FPDF, left: str, right: str, height: float) -> None:
    pdf.cell(text=left, h=height)
    pdf.set_x(pdf.l_margin)
    pdf.cell(w=0, text=right, h=height, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
