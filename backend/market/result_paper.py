"""The result of a market day on one A4 page, for the notice board; in Chinese always."""

from datetime import date
from io import BytesIO
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend import config, paper

_WIDTH, _HEIGHT, _MARGIN = 210, 297, 24
_GREEN = (31, 107, 92)
_MOST = 12
"""So many services have a line of their own; the others are added up."""
_NAMED, _LONG = 7, 85
"""So many organisations are thanked by name; so many characters are written smaller."""


def draw(result: dict[str, Any]) -> bytes:
    """A PDF of what `results.read` tells."""
    pdf = paper.blank(f"{result['title']}服务公示", "portrait", _MARGIN)
    pdf.add_page()
    pdf.set_draw_color(_GREEN)
    pdf.set_line_width(1.2)
    pdf.rect(10, 10, _WIDTH - 20, _HEIGHT - 20)
    _head(pdf, result)
    _services(pdf, result["services"])
    _thanks(pdf, result)
    _foot(pdf, result["id"])
    return bytes(pdf.output())


def address(market_day_id: int) -> str:
    """Where everybody reads the same page."""
    return f"{config.current().public_url}/mp/v1/market/days/{market_day_id}/result.pdf"


def _head(pdf: FPDF, result: dict[str, Any]) -> None:
    pdf.set_text_color(_GREEN)
    pdf.set_y(24)
    size = 30
    pdf.set_font("serif", size=size)
    while pdf.get_string_width(result["title"]) > pdf.epw:
        size -= 1
        pdf.set_font("serif", size=size)
    paper.centred(pdf, result["title"], 16)
    pdf.set_text_color(paper.INK)
    pdf.set_font("serif", size=15)
    paper.centred(pdf, paper.day(date.fromisoformat(result["day"])), 9)
    paper.centred(pdf, f"{result['place_name']} · {result['spot']}", 9)
    pdf.set_y(70)
    pdf.set_font("serif", size=22)
    paper.centred(pdf, "共为邻居服务", 12)
    pdf.set_text_color(_GREEN)
    pdf.set_font("serif", size=54)
    paper.centred(pdf, f"{result['served']} 人次", 26)
    pdf.set_text_color(paper.INK)


def _services(pdf: FPDF, services: list[dict[str, Any]]) -> None:
    pdf.set_y(116)
    shown = services if len(services) <= _MOST else services[: _MOST - 1]
    rest = sum(one["served"] for one in services[len(shown) :])
    lines = [(one["service"], one["served"]) for one in shown]
    if len(shown) < len(services):
        lines.append((f"其他 {len(services) - len(shown)} 项", rest))
    height = min(15.0, 96 / max(len(lines), 1))
    pdf.set_font("serif", size=round(height * 1.45))
    pdf.set_line_width(0.2)
    for service, served in lines:
        pdf.cell(w=pdf.epw * 0.7, h=height, text=service, border="B")
        pdf.cell(w=pdf.epw * 0.3, h=height, text=f"{served} 人次", border="B", align=Align.R,
                 new_x=XPos.LMARGIN, new_y=YPos.NEXT)  # fmt: skip


def _thanks(pdf: FPDF, result: dict[str, Any]) -> None:
    pdf.set_y(216)
    names = result["organisations"]
    who = "、".join(names[:_NAMED]) + (f"等 {len(names)} 家单位" if len(names) > _NAMED else "")
    if result["people"]:
        people = f"出摊的 {result['people']} 位师傅、医生和志愿者"
        who = f"{who}，和{people}" if who else people
    small = len(who) > _LONG
    pdf.set_font("serif", size=11 if small else 14)
    if who:
        paper.write_lines(pdf, f"感谢{who}。\n谢谢大家，把服务送到家门口。", 6.5 if small else 8.5)


def _foot(pdf: FPDF, market_day_id: int) -> None:
    size, top = 24, _HEIGHT - 44
    code = BytesIO()
    segno.make(address(market_day_id), error="m", micro=False).save(code, kind="png", scale=8)
    pdf.image(code, x=_WIDTH - _MARGIN - size, y=top, w=size)
    pdf.set_text_color(paper.GREY)
    pdf.set_font("serif", size=11)
    pdf.set_xy(_MARGIN, top + 10)
    pdf.cell(text="扫码可在手机上查看这一页。人次按叫号和上门记录统计，不含个人信息。", h=7)
