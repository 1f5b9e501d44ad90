"""The certificate on paper: one A4 page each, in Chinese, with its code as text and as a QR."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend import config, paper

_WIDTH, _HEIGHT, _MARGIN = 297, 210, 34


def draw(certificates: Sequence[dict[str, Any]]) -> bytes:
    """A PDF of certificates as `issuing.learners` tells them; the paper is Chinese always."""
    pdf = paper.blank("结业证书", "landscape", _MARGIN)
    for one in certificates:
        _page(pdf, one)
    return bytes(pdf.output())


def check_link(code: str) -> str:
    """The page on which anyone checks a code: what the QR holds."""
    return f"{config.current().public_url}/m/#/night_school/pages/verify?code={code}"


def shown_code(code: str) -> str:
    """As it is printed: in groups of four."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def _page(pdf: FPDF, one: dict[str, Any]) -> None:
    pdf.add_page()
    _frame(pdf)
    pdf.set_text_color(paper.RED)
    pdf.set_font("serif", size=46)
    pdf.set_y(32)
    paper.centred(pdf, "结 业 证 书", 22)
    pdf.set_text_color(paper.INK)
    pdf.set_font("serif", size=28)
    pdf.set_y(68)
    pdf.cell(text=f"{one['name']} 学员：", h=14, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_font("serif", size=19)
    pdf.set_y(88)
    paper.write_lines(pdf, _said(one), 12)
    _foot(pdf, one)


def _frame(pdf: FPDF) -> None:
    pdf.set_draw_color(paper.RED)
    for inset, width in ((10, 1.6), (13, 0.4)):
        pdf.set_line_width(width)
        pdf.rect(inset, inset, _WIDTH - 2 * inset, _HEIGHT - 2 * inset)


def _said(one: dict[str, Any]) -> str:
    indent = "\u3000\u3000"
    return (
        f"{indent}您于{_day(one['starts_on'])}至{_day(one['ends_on'])}参加幸福夜校"
        f"“{one['title']}”课程学习，课程共{one['lessons']}次，您出勤{one['came']}次，"
        f"达到结业要求，准予结业。\n{indent}特发此证，以资鼓励。"
    )


def _foot(pdf: FPDF, one: dict[str, Any]) -> None:
    size, top = 28, 154
    code = BytesIO()
    segno.make(check_link(one["code"]), error="m", micro=False).save(code, kind="png", scale=8)
    pdf.image(code, x=_MARGIN, y=top, w=size)
    pdf.set_text_color(paper.GREY)
    pdf.set_font("serif", size=11)
    pdf.set_xy(_MARGIN + size + 4, top + 8)
    pdf.cell(text=f"证书编号 {shown_code(one['code'])}", h=7, new_x=XPos.LEFT, new_y=YPos.NEXT)
    pdf.cell(text="扫码可核验真伪", h=7)
    pdf.set_text_color(paper.INK)
    pdf.set_font("serif", size=18)
    pdf.set_xy(_WIDTH / 2, top + 4)
    _signed(pdf, one["place_name"])
    _signed(pdf, _day(one["issued_on"]))


def _signed(pdf: FPDF, text: str) -> None:
    pdf.cell(w=_WIDTH / 2 - _MARGIN, h=12, text=text, align=Align.R, new_x=XPos.LEFT,
             new_y=YPos.NEXT)  # fmt: skip


def _day(day: str) -> str:
    return paper.day(date.fromisoformat(day))
