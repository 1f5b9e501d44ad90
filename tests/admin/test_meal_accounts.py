"""Meal accounts in the console: found, topped up with a receipt, refunded, counted."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.models import Entry
from backend.db import db
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def clerk(console: Console, make: Make, cast) -> Console:
    make.once("canteen", make.canteen)
    return console.as_(make.staff("clerk", cast.here, name="顾春梅"))


@pytest.fixture
def wang(make: Make, cast):
    return make.person("王秀英", home_place_id=cast.estate.id)


def form_on(clerk: Console, path: str, **given) -> dict[str, str]:
    """What the page's forms carry along."""
    page = clerk.get(path).text
    hidden = dict(re.findall(r'name="(key|canteen_id)" value="([^"]+)"', page))
    return hidden | given


def test_a_person_is_found_topped_up_and_refunded(clerk, wang) -> None:
    assert "王秀英" in text_of(clerk.get("/meal-accounts?q=王秀英"))
    path = f"/meal-accounts/{wang.id}"
    asked = form_on(clerk, path, yuan="100", note="孙女陪同")
    slips = [clerk.post(f"{path}/top-up", asked).location for _ in range(2)]
    assert slips[0] == slips[1]
    slip = text_of(clerk.get(slips[0].removeprefix("/admin")))
    for words in ("充值收据", "000001", "姓名：王秀英", "收现金 100 元", "经办：顾春梅"):
        assert words in slip
    page = clerk.get(path)
    for words in ("100 元", "现金充值", "孙女陪同", "月初 0 元，进 100 元，出 0 元，结余 100 元"):
        assert words in text_of(page)
    purse_id = re.search(r'<option value="(\d+)">自己充的', page.text)[1]
    asked = form_on(clerk, path, purse_id=purse_id, back_yuan="100.01")
    refused = clerk.post(f"{path}/refund", asked)
    assert refused.status_code == 409
    assert "最多能退 100 元" in text_of(refused)
    asked = form_on(clerk, path, purse_id=purse_id, back_yuan="40")
    slip = text_of(clerk.post(f"{path}/refund", asked, follow_redirects=True))
    assert "退款收据" in slip
    assert "退现金 40 元" in slip
    assert "60 元" in text_of(clerk.get(path))


@pytest.mark.parametrize("typed", ["0", "-5", "9.999", "1e9", "NaN", "９", "", "5000.01", "十元"])
@pytest.mark.parametrize(
    ("verb", "field"), [("top-up", "yuan"), ("grant", "grant_yuan"), ("refund", "back_yuan")]
)
def test_bad_amounts_are_told_and_nothing_is_lost(clerk, wang, verb, field, typed) -> None:
    path = f"/meal-accounts/{wang.id}"
    given = {field: typed, "note": "先记着", "grant": "补助", "expires_on": "2026-12-31"}
    answer = clerk.post(f"{path}/{verb}", form_on(clerk, path, purse_id="1", **given))
    assert answer.status_code == 422
    assert 'value="先记着"' in answer.text
    if field != "back_yuan":  # nothing to refund: the form is not on the page
        assert "请填写" in text_of(answer)
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0


def test_a_relative_pays_and_gets_it_back(clerk, wang, make: Make) -> None:
    fang = make.resident("王芳")
    make.consent(fang.account, wang)
    path = f"/meal-accounts/{wang.id}"
    asked = form_on(clerk, path, yuan="30.5", payer=f"a{fang.account.id}")
    slip = text_of(clerk.post(f"{path}/top-up", asked, follow_redirects=True))
    assert "付款人：王芳" in slip
    page = text_of(clerk.get(path))
    assert "王芳充的，最多退 30.50 元" in page


DAUGHTER = {
    "payer_name": "沈小燕", "payer_phone": "154 0000 0088", "payer_relation": "child",
}  # fmt: skip


def test_a_relative_without_an_account_pays_and_gets_it_back(clerk, wang, make: Make) -> None:
    path, named = f"/meal-accounts/{wang.id}", "沈小燕（子女，154****0088）"
    asked = form_on(clerk, path, yuan="50", **DAUGHTER)
    slip = clerk.post(f"{path}/top-up", asked, follow_redirects=True)
    assert f"付款人：{named}" in text_of(slip)
    page = clerk.get(path)
    assert "沈小燕充的，最多退 50 元" in text_of(page)
    payer = re.search(r'<option value="(r\d+)">沈小燕（子女）', page.text)[1]
    clerk.post(f"{path}/top-up", form_on(clerk, path, yuan="20", payer=payer))
    purse_id = re.search(r'<option value="(\d+)">沈小燕充的，最多退 70 元', clerk.get(path).text)[1]
    asked = form_on(clerk, path, purse_id=purse_id, back_yuan="70")
    slip = clerk.post(f"{path}/refund", asked, follow_redirects=True)
    assert f"退给：{named}" in text_of(slip)
    number = re.search(r"receipts/(\d+)\.pdf", slip.text)[1]
    english = {"Accept-Language": "en"}  # the paper is Chinese all the same
    drawn = clerk.get(f"/meal-accounts/receipts/{number}.pdf", headers=english).data
    paper = PdfReader(BytesIO(drawn))
    for words in ("退款收据", named, "柒拾元整"):
        assert words in paper.pages[0].extract_text()
    other = f"/meal-accounts/{make.person('李建国').id}"
    strange = form_on(clerk, other, yuan="5", payer=payer)
    assert clerk.post(f"{other}/top-up", strange).status_code == 404


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (DAUGHTER | {"payer_phone": ""}, "请填写这一项"),
        (DAUGHTER | {"payer_phone": "12345"}, "请填写 11 位手机号码"),
        (DAUGHTER | {"payer_relation": "boss"}, "请选择列出的一项"),
        (DAUGHTER | {"payer": "a1"}, "付款人只选一位"),
        ({"payer": "x1"}, "请选择列出的一项"),
    ],
)
def test_who_pays_is_told_completely(clerk, wang, given, told) -> None:
    path = f"/meal-accounts/{wang.id}"
    answer = clerk.post(f"{path}/top-up", form_on(clerk, path, yuan="5", **given))
    assert (answer.status_code, told in text_of(answer)) == (422, True)
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0


def test_a_line_is_taken_back_with_a_reason(clerk, wang) -> None:
    path = f"/meal-accounts/{wang.id}"
    clerk.post(f"{path}/top-up", form_on(clerk, path, yuan="1000"))
    entry_id = db.session.scalars(select(Entry.id)).one()
    without = clerk.post(f"{path}/take-back", {"entry_id": entry_id, "reason": " "})
    assert without.status_code == 422
    wrong = {"entry_id": entry_id, "reason": "多输了一个 0"}
    slip = text_of(clerk.post(f"{path}/take-back", wrong, follow_redirects=True))
    assert "冲正 1 号收据" in slip
    again = clerk.post(f"{path}/take-back", wrong)
    assert again.status_code == 409
    assert "已经冲正过了" in text_of(again)
    assert "已冲正" in text_of(clerk.get(path))


def test_the_till_is_counted(clerk, wang) -> None:
    path, tills = f"/meal-accounts/{wang.id}", "/meal-accounts/tills"
    clerk.post(f"{path}/top-up", form_on(clerk, path, yuan="80"))
    page = clerk.get(tills)
    assert "应有现金 80 元" in text_of(page)
    hidden = dict(re.findall(r'name="(canteen_id|staff_id|last_id)" value="(\d+)"', page.text))
    wrong = clerk.post(tills, hidden | {"counted": "NaN"})
    assert wrong.status_code == 422
    short = clerk.post(tills, hidden | {"counted": "75"})
    assert short.status_code == 409
    assert "请写明原因" in text_of(short)
    done = clerk.post(tills, hidden | {"counted": "75", "reason": "少收 5 元"})
    report = text_of(clerk.get(done.location.removeprefix("/admin")))
    for words in ("应有现金 80 元", "清点的现金 75 元", "-5 元 少收 5 元", "000001", "王秀英"):
        assert words in report
    again = clerk.post(tills, hidden | {"counted": "75", "reason": "少收 5 元"})
    assert again.status_code == 409
    assert "现金都结清了" in text_of(clerk.get(tills))
    assert db.session.scalars(select(Receipt.close_id)).one() is not None


def test_workers_and_other_clerks_do_not_keep_them(console, cast, clerk, wang, make) -> None:
    assert console.as_(cast.wang).get("/meal-accounts").status_code == 403
    other = console.as_(make.staff("clerk", cast.there))
    assert other.get(f"/meal-accounts/{wang.id}").status_code == 404
    assert other.post(f"/meal-accounts/{wang.id}/top-up", {"key": "k"}).status_code == 404
