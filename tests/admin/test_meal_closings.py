"""Everybody's money back in the console: a list to look at, ways, steps, and the papers."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from backend.canteen.accounts import closings, ledger
from backend.canteen.accounts.models import Purse
from backend.db import db
from tests.admin.test_meal_accounts import clerk, form_on, wang
from tests.canteen.conftest import meal_of
from tests.console import Console, text_of
from tests.factories import Make

__all__ = ["clerk", "meal_of", "wang"]


@pytest.fixture
def closing(clerk: Console, make: Make, cast, wang, meal_of, now) -> str:
    """Wang and her daughter paid 20 yuan each, Li 20, 5 of which are held; the page."""
    li, fang = make.person("李建国", home_place_id=cast.estate.id), make.resident("王芳")
    make.consent(fang.account, wang)
    for person, given in ((wang, {}), (wang, {"payer": f"a{fang.account.id}"}), (li, {})):
        path = f"/meal-accounts/{person.id}"
        hidden = form_on(clerk, path, yuan="20", **given)
        clerk.post(f"{path}/top-up", hidden)
    ledger.hold(db.session(), li.id, meal_of(li.id), 500, now.date(), now)
    db.session.commit()
    return f"/meal-accounts/closing/{hidden['canteen_id']}"


def total() -> int:
    return db.session.scalar(select(func.coalesce(func.sum(Purse.balance_fen), 0)))


def test_a_list_is_looked_at_then_paid_in_steps(clerk: Console, closing, monkeypatch) -> None:
    monkeypatch.setattr(closings, "PAGE", 2)
    page = text_of(clerk.get(closing))
    for words in ("3 笔，共 55 元", "还有 5 元为订好的餐留着", "列名单不动钱"):
        assert words in page
    clerk.post(f"{closing}/list")
    page = clerk.get(closing)
    for words in ("3 笔，共 55 元", "第 1 页，共 2 页", "另有 5 元留着订餐"):
        assert words in text_of(page)
    assert "退给：王芳" in text_of(clerk.get(closing)) + text_of(clerk.get(f"{closing}?page=2"))
    refused = clerk.post(f"{closing}/ways", {"way": "transfer"})
    assert (refused.status_code, "请先勾选" in text_of(refused)) == (422, True)
    first = re.search(r'name="line_ids" value="(\d+)"', page.text)[1]
    clerk.post(f"{closing}/ways", {"way": "transfer", "line_ids": first})
    assert "现金 2 笔 40 元，转账 1 笔 15 元" in text_of(clerk.get(closing))
    assert total() == 6000
    assert clerk.post(f"{closing}/begin", {"expected_fen": 5499}).status_code == 409
    clerk.post(f"{closing}/begin", {"expected_fen": 5500})
    assert "已办 0 笔，共 3 笔" in text_of(clerk.get(closing))
    assert "停办退款还没有办完" in text_of(clerk.get("/meal-accounts"))
    step = clerk.post(f"{closing}/pay", headers={"HX-Request": "true"})
    assert step.headers["HX-Refresh"] == "true"
    assert total() == 500
    clerk.post(f"{closing}/pay")
    assert total() == 500
    assert "实退 55 元：现金 40 元，转账 15 元" in text_of(clerk.get(closing))


def test_the_papers_of_a_list(clerk: Console, closing) -> None:
    clerk.post(f"{closing}/list")
    found = re.search(r"closings/(\d+)\.xlsx", clerk.get(closing).text)[1]
    path = f"/meal-accounts/closings/{found}"
    line = re.search(r'name="line_ids" value="(\d+)"', clerk.get(closing).text)[1]
    clerk.post(f"{closing}/ways", {"way": "transfer", "line_ids": line})
    before = load_workbook(BytesIO(clerk.get(f"{path}.xlsx").data))
    assert before.sheetnames == ["全部", "转账名单"]
    assert [row[3] for row in before["全部"].iter_rows(min_row=2, values_only=True)] == [15, 20, 20]
    clerk.post(f"{closing}/begin", {"expected_fen": 5500})
    clerk.post(f"{closing}/pay")
    after = load_workbook(BytesIO(clerk.get(f"{path}.xlsx").data))
    rows = list(after["全部"].iter_rows(min_row=2, values_only=True))
    assert sorted((row[2], row[4], row[5]) for row in rows if row[5]) == [
        ("现金", 20, 4), ("现金", 20, 5),
    ]  # fmt: skip
    [bank] = after["转账名单"].iter_rows(min_row=2, values_only=True)
    assert bank == ("李建国", "李建国", 15, None, None)
    said = PdfReader(BytesIO(clerk.get(f"{path}.pdf").data)).pages[0].extract_text()
    for words in ("退款签收名单", "共 2 人次，40 元", "000004", "王芳"):
        assert words in said


def test_other_canteens_are_not_found(clerk: Console, closing, make: Make, cast) -> None:
    clerk.post(f"{closing}/list")
    found = re.search(r"/closings/\d+", clerk.get(closing).text)[0]
    other = Console(clerk.app).as_(make.staff("clerk", cast.there))
    for path in (closing, f"/meal-accounts{found}.xlsx", f"/meal-accounts{found}.pdf"):
        assert other.get(path).status_code == 404
    for verb in ("list", "begin", "pay"):
        assert other.post(f"{closing}/{verb}", {"expected_fen": 1}).status_code == 404
    assert clerk.get(f"{closing}?page=0").status_code == 422
    assert clerk.post(f"{closing}/ways", {"way": "gold", "everyone": "true"}).status_code == 422
