"""A till that was closed, on A4: what was counted, its receipts, and two signatures."""

from collections.abc import Mapping
from typing import Any

from fpdf import FPDF

from backend import clock, paper
from backend.canteen.accounts.wording import GUEST, SLIPS, UNNAMED
from backend.money import in_yuan
from backend.paper import Column

_MARGIN = 15
_COLUMNS = (
    Column("收据号", 24), Column("时间", 38), Column("姓名", 48), Column("事项", 26),
    Column("收（元）", 22, right=True), Column("付（元）", 22, right=True),
)  # fmt: skip


def draw(close: Mapping[str, Any]) -> bytes:
    """A PDF of a close as `till.get_close` tells it."""
    pdf = paper.blank("结账单", "portrait", _MARGIN)
    pdf.add_page()
    _head(pdf, close)
    pdf.set_font("serif", size=11)
    came = sum(one["fen"] for one in close["receipts"] if one["fen"] > 0)
    went = -sum(one["fen"] for one in close["receipts"] if one["fen"] < 0)
    total = ("合计", "", "", f"{len(close['receipts'])} 张", in_yuan(came), in_yuan(went))
    paper.table(pdf, _COLUMNS, [*(_row(one) for one in close["receipts"]), total])
    paper.signatures(pdf, "收付人签字：", "清点人签字：")
    paper.number_pages(pdf)
    return bytes(pdf.output())


def _head(pdf: FPDF, close: Mapping[str, Any]) -> None:
    pdf.set_font("serif", size=20)
    paper.centred(pdf, f"结账单 · {close['canteen_name']}", 13)
    pdf.set_font("serif", size=12)
    at = clock.local(close["at"])
    people = f"收付：{close['staff_name']}　清点：{close['closer_name']}"
    paper.centred(pdf, f"{paper.day(at.date())} {at:%H:%M}　{people}", 8)
    pdf.set_font("serif", size=14)
    expected, counted = close["expected_fen"], close["counted_fen"]
    said = f"应有 {in_yuan(expected)} 元，清点 {in_yuan(counted)} 元"
    if counted != expected:
        said += f"，差 {in_yuan(counted - expected)} 元：{close['reason']}"
    paper.write_lines(pdf, said, 10)
    pdf.ln(2)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    at, fen = clock.local(one["at"]), one["fen"]
    return (
        f"{one['number']:06d}", f"{at:%m-%d %H:%M}",
        str(one["name"] or (UNNAMED if one["kind"] else GUEST)), str(SLIPS[one["kind"]]),
        in_yuan(fen) if fen > 0 else "", in_yuan(-fen) if fen < 0 else "",
    )  # fmt: skip
