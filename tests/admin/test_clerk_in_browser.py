"""A clerk's morning in a browser and on PostgreSQL: cash in with a receipt, a meal for somebody who
calls, what is not spent back, the till counted; and pages, papers and rows say the same.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from backend import checking, clock
from backend.booking.models import Booking
from backend.canteen import planning
from backend.canteen.accounts import check
from backend.canteen.accounts.desk_models import Receipt, TillClose
from backend.canteen.accounts.models import Entry, Purse
from backend.canteen.items import Planned
from backend.canteen.ordering import check as ordering_check
from backend.db import db
from tests import databases
from tests.browser import PHONE
from tests.console import me_of
from tests.desks import clock_from, fits, served, signed_in
from tests.factories import Make

pytestmark = pytest.mark.browser

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
THURSDAY = date(2026, 3, 12)


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """A canteen with tomorrow's lunch, its clerk, and a resident without a phone of her own."""
    url = databases.new_database("postgresql", request, tmp_path_factory)
    with clock_from(NOON, url) as app:
        make, session = Make(clock.now()), db.session()
        canteen, tofu = make.once("canteen", make.canteen), make.dish()
        planner = me_of(make.staff("worker"))
        menu = [Planned(dish_id=tofu.id, capacity=20)]
        planning.set_menu(session, planner, canteen.id, THURSDAY, "lunch", menu, clock.now())
        planning.publish(session, planner, canteen.id, THURSDAY, None, clock.now())
        wang = make.person("王秀英", birth_date=date(1944, 5, 1))
        clerk = make.staff("clerk", make.once("community", make.place), name="顾春梅")
        session.commit()
        with served(app) as base:
            yield SimpleNamespace(base=base, clerk=clerk, account=f"meal-accounts/{wang.id}")


@pytest.fixture
def page(site: SimpleNamespace, browser: Browser) -> Iterator[Page]:
    with signed_in(browser, site.base, site.clerk) as page:
        yield page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def paper(page: Page, link: str) -> str:
    """What the PDF behind a link says."""
    href = page.get_by_role("link", name=link).get_attribute("href")
    answer = page.request.get(f"{page.url.split('/admin')[0]}{href}")
    assert answer.headers["content-type"] == "application/pdf"
    return "".join(one.extract_text() for one in PdfReader(BytesIO(answer.body())).pages)


def test_a_clerks_morning(site: SimpleNamespace, page: Page) -> None:
    finds_her_and_takes_cash(page)
    orders_lunch_as_she_calls(page, site)
    gives_back_what_is_not_spent(page, site)
    counts_the_till(page)
    everything_says_the_same(page, site)


def finds_her_and_takes_cash(page: Page) -> None:
    page.goto("meal-accounts")
    page.get_by_label("查找居民").fill("王秀英")
    press(page, "查找")
    page.get_by_role("link", name="王秀英").click()
    page.get_by_label("收到多少元").fill("100")
    press(page, "充值并出收据")
    expect(page.locator(".slip")).to_contain_text("收现金 100 元")
    said = paper(page, "打印收据")
    for words in ("充值收据", "000001", "王秀英", "壹佰元整", "居民留存", "食堂存根"):
        assert words in said


def orders_lunch_as_she_calls(page: Page, site: SimpleNamespace) -> None:
    page.goto(site.account)
    page.get_by_role("link", name="帮居民订餐").click()
    page.get_by_role("link", name="午餐").click()
    page.get_by_label("红烧豆腐").fill("2")
    press(page, "算价格")
    expect(page.get_by_role("heading", name="一共 16 元")).to_be_visible()
    press(page, "订餐")
    expect(page.locator("body")).to_contain_text("订好了")


def gives_back_what_is_not_spent(page: Page, site: SimpleNamespace) -> None:
    """She asks for all of it: what is kept for tomorrow's lunch stays."""
    page.goto(site.account)
    expect(page.locator(".meal-number")).to_contain_text("84")
    page.locator("summary", has_text="退款").click()
    page.get_by_label("退多少元").fill("100")
    press(page, "退款并出收据")
    expect(page.get_by_role("alert")).to_contain_text("最多能退 84 元")
    page.get_by_label("退多少元").fill("50.50")
    press(page, "退款并出收据")
    expect(page.locator(".slip")).to_contain_text("退现金 50.50 元")
    assert "伍拾元伍角整" in paper(page, "打印收据")


def counts_the_till(page: Page) -> None:
    page.goto("meal-accounts/tills")
    expect(page.locator("form.panel")).to_contain_text("49.50 元")
    page.get_by_label("清点的现金（元）").fill("49.5")
    press(page, "结账")
    said = paper(page, "打印结账单")
    for words in ("应有 49.50 元，清点 49.50 元", "000001", "000002", "100", "50.50"):
        assert words in said


def everything_says_the_same(page: Page, site: SimpleNamespace) -> None:
    page.set_viewport_size(PHONE)
    page.goto(site.account)
    expect(page.locator("#statement")).to_contain_text(
        "月初 0 元，进 100 元，出 50.50 元，结余 49.50 元"
    )
    assert fits(page)
    session = db.session()
    lines = session.execute(select(Entry.kind, Entry.fen).order_by(Entry.id)).all()
    assert [tuple(one) for one in lines] == [("top_up", 10000), ("refund", -5050)]
    purse = session.scalars(select(Purse)).one()
    assert (purse.balance_fen, purse.held_fen) == (4950, 1600)
    close = session.scalars(select(TillClose)).one()
    assert (close.expected_fen, close.counted_fen) == (4950, 4950)
    receipts = session.scalars(select(Receipt).order_by(Receipt.number)).all()
    assert [(one.number, one.fen, one.close_id) for one in receipts] == [
        (1, 10000, close.id), (2, -5050, close.id),
    ]  # fmt: skip
    assert session.scalars(select(Booking.state)).all() == ["confirmed"]
    every = (*check.CHECKS, *ordering_check.CHECKS)
    found = checking.run(session.connection(), every, clock.now())
    assert [one.check.name for one in found if one.rows] == []
