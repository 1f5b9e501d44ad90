"""The sheet of a month as one A4 page for the notice board, and as a spreadsheet; in Chinese."""

from datetime import date
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend import paper, spreadsheets
from backend.money import decimal, in_yuan
from backend.spreadsheets import Column

_HEADINGS = ("食堂", "用餐（份）", "个人自付（元）", "补贴（元）", "支出（元）", "结余（元）")
_WIDTHS = (86, 32, 38, 38, 38, 36)
_MARGIN, _ROW, _LAST = 14, 10.5, 172
NOTE = (
    "用餐份数按窗口取餐和送达的登记统计，散客按人数算，不含个人信息；个人自付是这个月的餐实际向居民和散客收取的餐费，"
    "已减去退款；"
    "补贴是各级按规定承担的部分。"
)


def draw(sheet: dict[str, Any]) -> bytes:
    """A PDF of what `service.list_public` tells; further pages where the canteens are many."""
    month: date = sheet["month"]
    title = f"{month.year}年{month.month}月社区食堂收支公示"
    pdf = paper.blank(title, "landscape", _MARGIN)
    _page(pdf, title)
    for one in sheet["canteens"]:
        if pdf.get_y() > _LAST - _ROW:
            _page(pdf, title)
        _row(pdf, _cells(one))
    if len(sheet["canteens"]) > 1:
        _row(pdf, _cells(total(sheet["canteens"])))
    pdf.ln(4)
    pdf.set_font("serif", size=11)
    pdf.set_text_color(paper.GREY)
    paper.write_lines(pdf, NOTE, 6)
    for one in sheet["canteens"]:
        if one["note"]:
            paper.write_lines(pdf, f"{one['name']}：{one['note']}", 6)
    return bytes(pdf.output())


def write(sheet: dict[str, Any]) -> bytes:
    """The same as a spreadsheet, with numbers to reckon with."""
    month: date = sheet["month"]
    rows = [*sheet["canteens"], *([total(sheet["canteens"])] if sheet["canteens"] else [])]
    columns = [Column(heading, 24 if at == 0 else 16) for at, heading in enumerate(_HEADINGS)]
    return spreadsheets.write(f"{month:%Y-%m}", [*columns, Column("说明", 40)], [
        (one["name"], one["meals"], *(decimal(one[name]) for name in (
            "income_fen", "subsidy_fen", "cost_fen")), decimal(left(one)), one["note"])
        for one in rows
    ])  # fmt: skip


def total(canteens: list[dict[str, Any]]) -> dict[str, Any]:
    """All of them together."""
    names = ("meals", "income_fen", "subsidy_fen", "cost_fen")
    sums = {name: sum(one[name] for one in canteens) for name in names}
    return {"name": "合计", "note": None} | sums


def left(one: dict[str, Any]) -> int:
    """What is left of income and subsidies; less than nothing where it cost more."""
    return int(one["income_fen"] + one["subsidy_fen"] - one["cost_fen"])


def _page(pdf: FPDF, title: str) -> None:
    pdf.add_page()
    pdf.set_font("serif", size=22)
    pdf.set_text_color(paper.INK)
    paper.centred(pdf, title, 16)
    pdf.ln(2)
    pdf.set_font("serif", size=13)
    _row(pdf, _HEADINGS)


def _row(pdf: FPDF, cells: tuple[str, ...]) -> None:
    for at, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True)):
        is_last = at == len(cells) - 1
        pdf.cell(
            w=width, h=_ROW, text=cell, border="B", align=Align.R if at else Align.L,
            new_x=XPos.LMARGIN if is_last else XPos.RIGHT,
            new_y=YPos.NEXT if is_last else YPos.TOP,
        )  # fmt: skip


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    amounts = (one["income_fen"], one["subsidy_fen"], one["cost_fen"], left(one))
    return one["name"][:18], str(one["meals"]), *(in_yuan(fen) for fen in amounts)
