"""What a canteen that closes hands over: a spreadsheet of everybody, and a list to sign on A4."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from backend import clock, paper, spreadsheets
from backend.canteen.accounts.closing_models import Way
from backend.canteen.accounts.wording import UNNAMED, WAYS
from backend.money import decimal, in_yuan
from backend.paper import Column
from backend.spreadsheets import Sheet

_MARGIN = 15
_COLUMNS = (
    Column("收据号", 24), Column("姓名", 40), Column("退给", 52),
    Column("金额（元）", 26, right=True), Column("签收", 38),
)  # fmt: skip


def write(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Everybody, and those who are paid by the bank apart, with room for their accounts."""
    listed = [
        spreadsheets.Column(str(_("姓名"))), spreadsheets.Column(str(_("退给")), 22),
        spreadsheets.Column(str(_("方式"))), spreadsheets.Column(str(_("名单金额（元）"))),
        spreadsheets.Column(str(_("实退（元）"))), spreadsheets.Column(str(_("收据号"))),
    ]  # fmt: skip
    bank = [
        spreadsheets.Column(str(_("收款人")), 22), spreadsheets.Column(str(_("居民姓名"))),
        spreadsheets.Column(str(_("金额（元）"))), spreadsheets.Column(str(_("开户银行")), 28),
        spreadsheets.Column(str(_("账号")), 28),
    ]  # fmt: skip
    by_bank = [one for one in lines if one["way"] == Way.TRANSFER]
    everybody = [
        (
            one["name"] or str(UNNAMED), one["by"], str(WAYS[one["way"]]), decimal(one["fen"]),
            _paid(one), one["number"],
        )
        for one in lines
    ]  # fmt: skip
    transfers = [
        (one["by"], one["name"] or str(UNNAMED), _paid(one) or decimal(one["fen"]), "", "")
        for one in by_bank
        if not one["done_at"] or one["paid_fen"]
    ]
    sheets = [Sheet(str(_("全部")), listed, everybody)]
    if by_bank:
        sheets.append(Sheet(str(_("转账名单")), bank, transfers))
    return spreadsheets.write_book(sheets)


def draw(closing: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Those who were paid in cash, with room to sign."""
    title = f"{closing['canteen_name']} 退款签收名单"
    paid = [one for one in lines if one["way"] == Way.CASH and one["paid_fen"]]
    pdf = paper.blank(title, "portrait", _MARGIN)
    pdf.add_page()
    pdf.set_font("serif", size=20)
    paper.centred(pdf, title, 13)
    pdf.set_font("serif", size=12)
    begun = clock.local(closing["begun_at"])
    total = in_yuan(sum(one["paid_fen"] for one in paid))
    paper.centred(pdf, f"{paper.day(begun.date())}　共 {len(paid)} 人次，{total} 元", 9)
    pdf.ln(2)
    rows = [
        (
            f"{one['number']:06d}", str(one["name"] or UNNAMED), one["by"],
            in_yuan(one["paid_fen"]), "",
        )
        for one in paid
    ]  # fmt: skip
    paper.table(pdf, _COLUMNS, rows, height=10.5)
    paper.signatures(pdf, "经办人签字：", "复核人签字：")
    paper.number_pages(pdf)
    return bytes(pdf.output())


def _paid(one: Mapping[str, Any]) -> Any:
    return None if one["paid_fen"] is None else decimal(one["paid_fen"])
