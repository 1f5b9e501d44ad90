"""A frozen claim as a spreadsheet: sums, and a row a meal; in Chinese always, the same for ever.

It goes out in pieces, and names nobody: who ate is a number.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend import spreadsheet_streams
from backend.canteen.claims import document
from backend.canteen.claims.models import MealClaimLine, Why
from backend.canteen.models import Meal
from backend.canteen.pricing.rules import Payer
from backend.db import AnyRow, table_of
from backend.money import decimal
from backend.spreadsheets import Column, Sheet

_line = table_of(MealClaimLine)
_PAYERS = {
    Payer.CITY: "市级",
    Payer.DISTRICT: "区级",
    Payer.STREET: "街道",
    Payer.COMMUNITY: "社区",
}
_MEALS = {Meal.BREAKFAST: "早餐", Meal.LUNCH: "午餐", Meal.DINNER: "晚餐"}
_WHY = {
    Why.MEAL: "本期用餐", Why.LATE: "补报：以前漏报", Why.UNDONE: "扣回：取餐撤销",
    Why.CANCELLED: "扣回：订单取消", Why.REFUNDED: "扣回：餐费已退",
    Why.LEFT_OUT: "扣回：核定不申报", Why.CHANGED: "更正金额",
}  # fmt: skip


def stream(session: Session, claim: AnyRow) -> Iterator[bytes]:
    """The file in pieces."""
    return spreadsheet_streams.stream(
        [_about(claim), _sums(session, claim), _meals(session, claim)]
    )


def name(claim: AnyRow) -> str:
    """What the file is called, without its ending."""
    payer = _PAYERS[Payer(claim.payer)]
    return f"助餐结算单{claim.id}号 {payer} {claim.first_day}至{claim.last_day}"


def _about(claim: AnyRow) -> Sheet:
    head = claim.head
    rows: list[tuple[str, Any]] = [
        ("结算单号", claim.id), ("付款方", _PAYERS[Payer(claim.payer)]), ("范围", head["place"]),
        ("起始日期", claim.first_day), ("截止日期", claim.last_day),
        ("食堂", "、".join(head["canteens"][one] for one in sorted(head["canteens"], key=int))),
        ("本期餐数", claim.meals), ("更正行数", claim.corrections),
        ("合计（元）", decimal(claim.fen)), ("原文校验码（SHA-256）", claim.sha256),
    ]  # fmt: skip
    return Sheet("结算单", [Column("项目", 24), Column("内容", 70)], rows)


def _sums(session: Session, claim: AnyRow) -> Sheet:
    own = _line.c.why == Why.MEAL
    rows = session.execute(
        select(
            _line.c.canteen_id, _line.c.version_id,
            func.sum(case((own, 1), else_=0)).label("meals"),
            func.sum(case((own, _line.c.fen), else_=0)).label("own_fen"),
            func.sum(_line.c.fen).label("fen"),
        )
        .where(_line.c.claim_id == claim.id)
        .group_by(_line.c.canteen_id, _line.c.version_id)
        .order_by(_line.c.canteen_id, _line.c.version_id)
    )  # fmt: skip
    columns = [Column("食堂", 24), Column("补贴规则", 28), Column("版本", 8), Column("餐数", 8),
               Column("本期（元）"), Column("更正（元）"), Column("合计（元）")]  # fmt: skip
    return Sheet("汇总", columns, (
        (claim.head["canteens"][str(row.canteen_id)], *_rule(claim, row), int(row.meals),
         decimal(int(row.own_fen)), decimal(int(row.fen) - int(row.own_fen)), decimal(int(row.fen)))
        for row in rows
    ))  # fmt: skip


def _meals(session: Session, claim: AnyRow) -> Sheet:
    columns = [Column("序号", 8), Column("日期", 12), Column("餐次", 8), Column("食堂", 24),
               Column("居民编号", 12), Column("订单编号", 12), Column("补贴规则", 28),
               Column("版本", 8), Column("说明", 18), Column("金额（元）", 12)]  # fmt: skip
    canteens = claim.head["canteens"]

    def rows() -> Iterator[tuple[Any, ...]]:
        for page in document.pages(session, claim.id):
            for row in page:
                day: date = row.day
                yield (
                    row.seq, day, _MEALS[Meal(row.meal)], canteens[str(row.canteen_id)],
                    row.person_id, row.booking_id, *_rule(claim, row), _WHY[Why(row.why)],
                    decimal(row.fen),
                )  # fmt: skip

    return Sheet("明细", columns, rows())


def _rule(claim: AnyRow, row: AnyRow) -> tuple[str | None, int | None]:
    rule_name, version = claim.head["rules"].get(str(row.version_id), (None, None))
    return rule_name, version
