"""What the layers owe for a month: sums per canteen, rule version and payer, to the fen."""

from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from random import Random

import pytest
from openpyxl import load_workbook

from backend.booking.models import State
from backend.canteen.pricing.settlement import of_month
from backend.db import db
from tests.console import Console, me_of, text_of
from tests.factories import Make

FIRST, UNTIL = date(2026, 3, 1), date(2026, 4, 1)
MONTH = "/subsidies/settlement?month=2026-03-11"


@pytest.fixture
def clerk(console: Console, make: Make) -> Console:
    make.once("canteen", make.canteen)
    return console.as_(make.staff("clerk"))


def test_a_month_by_canteen_version_and_payer(clerk: Console, make: Make) -> None:
    first = make.subsidy()
    second = make.subsidy(rule_id=first.rule_id, version=2)
    wang, li = make.person(), make.person("李建国")
    for day, given in (
        (1, {}), (10, {"version": second}), (11, {"person": li}), (11, {"meal": "dinner"}),
    ):  # fmt: skip
        plan = {"person": wang, "version": first, "day": date(2026, 3, day)} | given
        make.subsidised_meal(shares={(0, "city"): 199, (0, "street"): 101}, **plan)
    for day, given in (
        (date(2026, 2, 28), {}), (date(2026, 4, 1), {}),
        (date(2026, 3, 20), {}),  # orders are still open
        (date(2026, 3, 9), {"state": State.CANCELLED}),
    ):  # fmt: skip
        make.subsidised_meal(wang, first, day, {(0, "city"): 999}, **given)
    page = text_of(clerk.get(MONTH))
    for words in (
        "2026年3月的订餐对账", "市级 7.96 元", "街道 4.04 元", "春晖社区 · 4 餐",
        "长者助餐 第 1 版 3 5.97 0 3.03 0 9", "长者助餐 第 2 版 1 1.99 0 1.01 0 3",
        "合计 7.96 0 4.04 0 12", "原价 80 = 优惠 0 + 补贴 12 + 居民付 68", "对得上",
    ):  # fmt: skip
        assert words in page
    book = load_workbook(BytesIO(clerk.get(MONTH.replace("?", ".xlsx?")).data))
    claims, sums = (list(sheet.values)[1:] for sheet in book.worksheets)
    assert claims == [
        ("春晖社区食堂", "长者助餐", 1, 3, 5.97, 0, 3.03, 0, 9),
        ("春晖社区食堂", "长者助餐", 2, 1, 1.99, 0, 1.01, 0, 3),
    ]
    assert sums == [("春晖社区食堂", 4, 80, 0, 12, 68, 0, 12, 0, 0)]
    assert "还没有截止订餐的餐次" in text_of(clerk.get("/subsidies/settlement?month=2026-05-01"))


def test_sums_are_those_of_the_lines(make: Make, now) -> None:
    """Sixty meals with shares at random."""
    dice, wang = Random(7), make.person()
    versions = [make.subsidy(name=f"规则{number}") for number in range(3)]
    owed: Counter[tuple[int, str]] = Counter()
    for number in range(60):
        version = dice.choice(versions)
        day = FIRST + timedelta(days=number // 6)
        shares = {(0, payer): dice.randint(1, 333) for payer in dice.sample(
            ["city", "district", "street", "community"], 2)}  # fmt: skip
        make.subsidised_meal(wang, version, day, shares, meal=("lunch", "dinner")[number % 2])
        for (_part, payer), fen in shares.items():
            owed[version.rule_id, payer] += fen
    me = me_of(make.staff("manager"))
    [found] = of_month(db.session(), me, FIRST, UNTIL, now)
    assert found.ties_out
    assert found.meals == 60 == sum(claim.meals for claim in found.claims)
    told = {
        (one.rule_id, payer): fen for one in found.claims for payer, fen in one.by_payer.items()
    }
    assert told == owed
    assert found.subsidy_fen == sum(owed.values())


def test_who_settles_what(clerk: Console, console: Console, make: Make) -> None:
    make.subsidised_meal(make.person(), make.subsidy(), date(2026, 3, 10), {(0, "city"): 300})
    worker = console.as_(make.staff("worker", name="王敏"))
    assert worker.get(MONTH).status_code == 403
    assert "订餐对账" not in text_of(worker.get("/subsidies"))
    assert "订餐对账" in text_of(clerk.get("/subsidies"))
    lin = console.as_(make.staff("clerk", make.place(name="滨江社区"), name="林静"))
    assert "春晖社区食堂" not in text_of(lin.get(MONTH))
    assert clerk.get("/subsidies/settlement?month=x").status_code == 422
    accountant = console.as_(make.staff("accountant", name="沈会计"))
    assert "春晖社区食堂" in text_of(accountant.get(MONTH))
