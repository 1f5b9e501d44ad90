"""The page that says which subsidy applies to somebody's meal, and why the others do not."""

from datetime import date

import pytest

from tests.console import Console, text_of
from tests.factories import Make

DAY = date(2026, 3, 11)
PAGE = "/people/{}/subsidies?meal={}&mode={}&fen={}&day=2026-03-11"


@pytest.fixture
def clerk(console: Console, make: Make) -> Console:
    make.once("canteen", make.canteen)
    return console.as_(make.staff("clerk"))


def test_every_rule_is_tried_and_told(clerk: Console, make: Make) -> None:
    wang = make.person(birth_date=date(1956, 3, 12))
    make.person_category(wang, ends_on=date(2026, 3, 10))
    place = make.once("community", make.place)
    plenty = [{"fixed_fen": 500, "payers": {"city": 3, "street": 2}}]
    make.subsidy(name="四分之一")
    make.subsidy(name="每餐五元", parts=plenty)
    make.subsidy(name="满七十", min_age=70, parts=plenty)
    make.subsidy(name="本社区", home_place_id=place.id, parts=plenty)
    make.subsidy(name="独居", categories=["living_alone", "veteran"], parts=plenty)
    make.subsidy(name="早餐", meals=["breakfast"], parts=plenty)
    make.subsidy(name="送餐", modes=["delivery"], parts=plenty)
    make.subsidy(name="四月起", starts_on=date(2026, 4, 1), parts=plenty)
    make.subsidy(name="到二月", ends_on=date(2026, 2, 28), parts=plenty)
    big = make.subsidy(name="大餐", parts=[dict(plenty[0], min_spend_fen=2000)])
    make.subsidy(rule_id=big.rule_id, version=2, published_at=None, parts=plenty)
    once = make.subsidy(name="一天一次", parts=[{"fixed_fen": 600, "day_meals": 1,
                                             "payers": {"city": 1}}])  # fmt: skip
    make.subsidised_meal(wang, once, DAY, {(0, "city"): 600}, meal="dinner")
    page = text_of(clerk.get(PAGE.format(wang.id, "lunch", "dine_in", "12")))
    for words in (
        "当天年龄 69 岁", "当天有效的证明 没有",
        "原价 12 元，优惠 0 元，补贴 5 元，自付 7 元",
        "每餐五元 第 1 版 能用的规则里，这一条补得最多。 市级 3 元，街道 2 元",
        "四分之一 第 1 版 另一条补得更多，或一样多而排在前面；只用一条，不叠加。 市级 3 元",
        "当天 69 周岁；规则要满 70 周岁。", "没有登记小区；规则要住在春晖社区。",
        "当天没有有效的证明：独居、空巢 或 优抚对象。", "规则里没有这一餐。",
        "规则里没有这种用餐方式。", "2026-04-01 起生效。", "只在 2026-01-01 至 2026-02-28 生效。",
        "这一餐没满 20 元。", "这一天或这一周能补的已经补完。",
        "这一天别的餐已补 6 元（1 餐），这一周已补 6 元（1 餐）；每天最多 1 餐。",
    ):  # fmt: skip
        assert words in page
    assert page.index("每餐五元") < page.index("四分之一") < page.index("一天一次")


def test_an_order_is_told_as_it_was_sold(clerk: Console, make: Make) -> None:
    wang, subsidy = make.person(), make.subsidy()
    make.subsidised_meal(wang, subsidy, DAY, {(0, "city"): 300})
    make.subsidy(
        rule_id=subsidy.rule_id, version=2, parts=[{"fixed_fen": 400, "payers": {"city": 1}}]
    )
    page = text_of(clerk.get(f"/people/{wang.id}/subsidies?day=2026-03-11"))
    assert "原价 20 元，优惠 0 元，补贴 3 元，自付 17 元" in page
    assert "下单时按“长者助餐”第 1 版补了 3 元 ，居民付 17 元" in page
    assert "原价 20 元，优惠 0 元，补贴 4 元，自付 16 元" in page


def test_whom_one_may_ask_about(clerk: Console, console: Console, make: Make) -> None:
    li = make.person(home_place_id=make.place("estate", make.place(name="滨江社区")).id)
    assert clerk.get(f"/people/{li.id}/subsidies").status_code == 404
    wang = make.person()
    assert "这家食堂还没有补贴规则" in text_of(clerk.get(f"/people/{wang.id}/subsidies"))
    elsewhere = make.canteen(make.place(name="东湖社区"))
    path = f"/people/{wang.id}/subsidies?canteen_id="
    assert clerk.get(f"{path}{elsewhere.id}").status_code == 404
    for wrong in ("fen=1e9", "meal=tea", "mode=bus", "day=x", "canteen_id=0"):
        assert clerk.get(f"/people/{wang.id}/subsidies?{wrong}").status_code == 422
    cook = console.as_(make.staff("cook", name="郑强"))
    assert cook.get(f"/people/{wang.id}/subsidies").status_code == 403
    lin = console.as_(make.staff("worker", make.place(name="南苑社区"), name="林静"))
    assert "还没有食堂" in text_of(lin.get(f"/people/{wang.id}/subsidies"))
