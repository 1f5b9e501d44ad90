"""The books of meal accounts: balances imported once, months that tie out."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from backend import spreadsheets
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.db import db
from backend.people.models import Person
from backend.spreadsheets import Column
from tests.admin.test_meal_accounts import clerk, form_on, wang
from tests.console import Console, text_of
from tests.factories import Make

__all__ = ["clerk", "wang"]

HEADINGS = ("姓名*", "手机", "出生日期", "余额（元）*")
IMPORT = "/meal-accounts/import"


def upload(clerk: Console, *rows):
    sheet = spreadsheets.write("期初余额", [Column(one) for one in HEADINGS], rows)
    asked = form_on(clerk, IMPORT, file=(BytesIO(sheet), "balances.xlsx"))
    return clerk.post(IMPORT, asked)


def confirm(clerk: Console, previewed):
    found = re.findall(r'name="(canteen_id|lines|previewed)" value="([^"]+)"', previewed.text)
    return clerk.post(f"{IMPORT}/confirm", dict(found))


def total() -> int:
    return db.session.scalar(select(func.coalesce(func.sum(Purse.balance_fen), 0)))


def test_opening_balances_are_imported_once(clerk: Console, make: Make, cast, wang) -> None:
    for born in (date(1950, 1, 2), date(1951, 3, 4)):
        make.person("李建国", home_place_id=cast.estate.id, birth_date=born)
    make.person("张三", phone="13812345678", home_place_id=cast.estate.id)
    rows = (
        ("王秀英", None, None, 35.5), ("李建国", None, date(1951, 3, 4), 20),
        ("张三", 13812345678, None, "100元"),
    )  # fmt: skip
    shown = upload(clerk, *rows)
    assert "3 位居民，共 155.50 元" in text_of(shown)
    assert total() == 0
    done = confirm(clerk, shown)
    assert done.status_code == 302
    assert total() == 15550
    again = confirm(clerk, shown)
    assert again.status_code == 409
    assert "可能已经办过" in text_of(again)
    assert "都导入过了" in text_of(upload(clerk, *rows))
    assert total() == 15550


def test_a_long_list_is_written_in_few_statements(clerk: Console, make, cast, statements) -> None:
    """Two of one name stand far apart in it, told apart by their birthdays."""
    names = ["李建国", *(f"居民{number}" for number in range(450)), "李建国"]
    db.session.add_all(
        Person(name=name, birth_date=date(1950, 1, 1) + timedelta(days=number),
               home_place_id=cast.estate.id, created_at=make.now)
        for number, name in enumerate(names)
    )  # fmt: skip
    db.session.commit()
    rows = [
        (name, None, date(1950, 1, 1) + timedelta(days=number), 10 + number)
        for number, name in enumerate(names)
    ]
    shown = upload(clerk, *rows)
    assert f"{len(names)} 位居民，共 {sum(row[3] for row in rows)} 元" in text_of(shown)
    statements.clear()
    assert confirm(clerk, shown).status_code == 302
    assert len(statements) <= 40
    kept = db.session.execute(
        select(Person.birth_date, Purse.balance_fen, Purse.kind, Purse.canteen_id.is_not(None))
        .join(MealAccount, MealAccount.person_id == Person.id)
        .join(Purse, Purse.account_id == MealAccount.id)
    )
    assert sorted(map(tuple, kept)) == [(row[2], 100 * row[3], "cash", True) for row in rows]
    assert total() == db.session.scalar(select(func.sum(Entry.fen)))


def test_a_balance_is_added_to_what_is_there(clerk: Console, make, cast, wang) -> None:
    """To somebody's own money, not to a grant; who has no purse of their own yet gets one."""
    li = make.person("李建国", home_place_id=cast.estate.id)
    path = f"/meal-accounts/{wang.id}"
    clerk.post(f"{path}/top-up", form_on(clerk, path, yuan="20"))
    path = f"/meal-accounts/{li.id}"
    grant = {"grant": "重阳补助", "grant_yuan": "8", "expires_on": "2026-12-31"}
    clerk.post(f"{path}/grant", form_on(clerk, path, **grant))
    confirm(clerk, upload(clerk, ("王秀英", None, None, 5), ("李建国", None, None, 6)))
    rows = db.session.execute(
        select(MealAccount.person_id, Purse.kind, Purse.balance_fen).join(
            Purse, Purse.account_id == MealAccount.id
        )
    )
    assert sorted(map(tuple, rows)) == sorted(
        [(wang.id, "cash", 2500), (li.id, "grant", 800), (li.id, "cash", 600)]
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        *((("王秀英", None, None, wrong), "大于 0 的金额")
          for wrong in (0, -5, 9.999, 1e9, "NaN", "９", "十元")),
        (("没有人", None, None, 5), "没有找到这位居民"),
        (("王秀英", "13900000000", None, 5), "没有找到这位居民"),
        (("李建国", None, None, 5), "有 2 位居民都叫这个名字"),
        (("别处的人", None, None, 5), "没有找到这位居民"),
    ],
)  # fmt: skip
def test_wrong_rows_are_told_one_by_one(clerk, make, cast, wang, row, why) -> None:
    for _ in range(2):
        make.person("李建国", home_place_id=cast.estate.id)
    make.person("别处的人", home_place_id=cast.estate_there.id)
    shown = upload(clerk, row)
    assert why in text_of(shown)
    assert "有 1 行有错" in text_of(shown)
    assert 'name="previewed"' not in shown.text
    assert total() == 0


def test_two_rows_for_one_person_and_files_that_are_none(clerk: Console, wang) -> None:
    twice = upload(clerk, ("王秀英", None, None, 5), ("王秀英", None, None, 6))
    assert "有两行是这位居民" in text_of(twice)
    broken = form_on(clerk, IMPORT, file=(BytesIO(b"no sheet"), "x.xlsx"))
    assert clerk.post(IMPORT, broken).status_code == 422
    assert clerk.get(f"{IMPORT}/template.xlsx").status_code == 200


def test_a_month_ties_out_on_the_page_and_in_the_sheet(clerk: Console, wang, make, cast) -> None:
    path = f"/meal-accounts/{wang.id}"
    for yuan in ("100", "50.5"):
        clerk.post(f"{path}/top-up", form_on(clerk, path, yuan=yuan))
    entry_id = db.session.scalar(select(func.max(Entry.id)))
    clerk.post(f"{path}/take-back", {"entry_id": entry_id, "reason": "收错了"})
    page = text_of(clerk.get("/meal-accounts/months"))
    for words in ("1 位居民", "现金充值 +150.50", "冲正 -50.50", "月末余额 100 元"):
        assert words in page
    packed = clerk.get("/meal-accounts/months.xlsx").data
    head, person, last = load_workbook(BytesIO(packed)).worksheets[0].iter_rows(values_only=True)
    assert (head[0], person[0], last[0]) == ("姓名", "王秀英", "合计")
    assert sum(Decimal(str(one)) for one in last[1:-1]) == Decimal(str(last[-1])) == 100
    other = Console(clerk.app).as_(make.staff("clerk", cast.there))
    assert "0 位居民" in text_of(other.get("/meal-accounts/months"))
