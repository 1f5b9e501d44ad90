"""A grant for many in the console: found by age and category, given once to those ticked."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.canteen.accounts.models import MealAccount, Purse
from backend.db import db
from tests.admin.test_meal_accounts import clerk
from tests.console import text_of

__all__ = ["clerk"]
PAGE = "/meal-accounts/grants"


@pytest.fixture
def people(make, cast):
    """Of eighty with a proof, of eighty without, young with a proof; and somebody elsewhere."""
    old, born = [], {"old": date(1940, 1, 1), "young": date(1990, 1, 1)}
    for name, age, home in (
        ("王秀英", "old", cast.estate), ("李建国", "old", cast.estate),
        ("张小明", "young", cast.estate), ("赵远", "old", cast.estate_there),
    ):  # fmt: skip
        one = make.person(name, birth_date=born[age], home_place_id=home.id)
        if name in ("王秀英", "张小明"):
            make.person_category(one, category="disabled")
        old.append(one)
    return old


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("min_age=80", {"王秀英", "李建国"}),
        ("category=disabled", {"王秀英", "张小明"}),
        ("category=disabled&min_age=80", {"王秀英"}),
        ("category=veteran", set()),
        ("", set()),
    ],
)
def test_who_is_meant(clerk, people, asked, names) -> None:
    page = text_of(clerk.get(f"{PAGE}?{asked}"))
    assert {one.name for one in people if one.name in page} == names


def test_those_ticked_get_it_once(clerk, people) -> None:
    wang, li, _young, there = people
    asked = {
        "key": "k", "person_ids": [wang.id, li.id], "grant": "敬老餐补", "grant_yuan": "50",
        "expires_on": "2026-12-31",
    }  # fmt: skip
    for _ in range(2):
        done = clerk.post(f"{PAGE}?min_age=80", asked, follow_redirects=True)
    assert "补助发给了 0 位居民" in text_of(done)
    got = select(MealAccount.person_id, Purse.balance_fen).join(Purse)
    assert dict(list(db.session.execute(got))) == {wang.id: 5000, li.id: 5000}
    assert clerk.post(PAGE, asked | {"person_ids": [there.id], "key": "l"}).status_code == 404
    for wrong in ({"grant_yuan": "9.999"}, {"person_ids": []}, {"expires_on": "x"}):
        refused = clerk.post(f"{PAGE}?min_age=80", asked | {"key": "m"} | wrong)
        assert refused.status_code == 422
        assert "王秀英" in text_of(refused)
    assert sum(balance for _, balance in db.session.execute(got)) == 10000
