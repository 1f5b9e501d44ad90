"""The counter: fetched by code, name or digits, once; mistakes put right; walk-ins sold a meal."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind, Purse
from backend.canteen.kitchen import closing, replacing
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving import queries
from backend.canteen.serving.models import MealServed
from backend.db import db
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import CUTOFF, DAY, Cooked, cooked
from tests.console import Console, me_of, text_of
from tests.factories import Make, fresh

NOON = clock.at_minute(DAY, 720)
KEY = "a-key-of-the-page"


@pytest.fixture
def lunch(app, make: Make) -> Cooked:
    """Two eat here, one at home; orders are closed, and it is noon."""
    meal = cooked(make, db.session())
    meal.dish("清炒时蔬", 400, allergens=["soy"])
    meal.dish("红烧肉", 1000)
    return meal


@pytest.fixture
def orders(lunch: Cooked, make: Make, top_up) -> dict[str, Booking]:
    wang = make.person("王秀英", phone="13800001234")
    found = {
        "王秀英": lunch.order(wang, {"清炒时蔬": 1}, short_code="482913"),
        "李国强": lunch.order(make.person("李国强"), {"红烧肉": 1}, short_code="700001"),
        "赵桂兰": lunch.order(make.person("赵桂兰"), {"红烧肉": 1}, Mode.DELIVERY, "3号楼"),
    }
    lunch.diet(wang, allergens=["soy"])
    lunch.pays(wang, found["王秀英"], 400)
    top_up(wang.id, 600)
    closing.close(db.session(), lunch.id, CUTOFF)
    db.session.commit()
    return found


@pytest.fixture
def top_up(app, now):
    """Cash onto somebody's meal account."""

    def pay_in(person_id: int, fen: int) -> None:
        wish = Credit(person_id=person_id, kind=EntryKind.TOP_UP, fen=fen, key=f"test:{person_id}")
        ledger.credit(db.session(), wish, Actor(), now)
        db.session.commit()

    return pay_in


@pytest.fixture
def counter(console: Console, make: Make, monkeypatch: pytest.MonkeyPatch) -> Console:
    staff = make.staff("counter", make.once("community", make.place), name="许阿芳")
    monkeypatch.setattr("backend.clock.now", lambda: NOON)
    return console.as_(staff)


def tap(counter: Console, lunch: Cooked, booking: Booking, **given):
    plan = {"booking_id": booking.id, "key": KEY}
    return counter.post(f"/counter/{lunch.id}/serve", plan | given)


def names(page) -> list[str]:
    return re.findall(r'class="pick-who"><b>(.*?)</b>', page.get_data(as_text=True))


def test_who_has_ordered_what_with_what_they_must_not_have(counter, lunch, orders) -> None:
    assert counter.get("/").headers["Location"].endswith("/admin/counter")
    assert "已取 0 / 3" in text_of(counter.get("/counter"))
    page = counter.get(f"/counter/{lunch.id}")
    assert names(page) == ["李国强", "王秀英", "赵桂兰"]
    assert "过敏 大豆" in text_of(page)
    assert "13800001234" not in page.get_data(as_text=True)
    assert orders["王秀英"].code not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "found", "proof"),
    [
        ("482913", ["王秀英"], "code"),
        ("482 913", ["王秀英"], "code"),
        ("1234", ["王秀英"], "name"),
        ("秀英", ["王秀英"], "name"),
        ("国", ["李国强"], "name"),
        ("999999", [], "code"),
        ("没有", [], "name"),
    ],
)
def test_found_by_digits_or_name(typed, found, proof, counter, lunch, orders) -> None:
    page = counter.get(f"/counter/{lunch.id}?q={typed}")
    assert names(page) == found
    assert f'name="proof" value="{proof}"' in page.get_data(as_text=True)


def test_fetched_by_a_scanned_code_once(counter, lunch, orders) -> None:
    wang = orders["王秀英"]
    page = counter.get(f"/counter/{lunch.id}?q=xf:b:{wang.code}")
    assert names(page) == ["王秀英"]
    done = tap(counter, lunch, wang, proof="code")
    told = text_of(counter.get(done.headers["Location"].removeprefix("/admin")))
    assert "王秀英 已取餐 12:00" in told
    assert re.search(r"补贴 0 元 自付 4 元 餐卡余额 6 元", told)
    assert fresh(wang).state == State.ATTENDED
    assert tap(counter, lunch, wang, proof="code").status_code == 302  # the same tap again
    again = tap(counter, lunch, wang, key="another-page")
    assert again.status_code == 409
    assert "这一份 12:00 已经由许阿芳交出去了" in text_of(again)
    assert db.session.scalar(select(func.count()).select_from(MealServed)) == 1


def test_a_mistake_is_put_right_with_a_reason(counter, lunch, orders) -> None:
    tap(counter, lunch, orders["李国强"])
    [served] = db.session.scalars(select(MealServed.id))
    assert "撤销这次取餐" in text_of(counter.get(f"/counter/served/{served}"))
    bare = counter.post(f"/counter/served/{served}/take-back", {})
    assert bare.status_code == 422
    counter.post(f"/counter/served/{served}/take-back", {"reason": "点错了人"})
    assert fresh(orders["李国强"]).state == State.CONFIRMED
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "meal.unserve")).one()
    assert entry.after["reason"] == "点错了人"
    assert "这一条已经撤销" in text_of(counter.get(f"/counter/served/{served}"))


def test_what_belongs_to_others_is_not_there(console, counter, lunch, orders, make) -> None:
    far = make.place(name="远处社区")
    stranger = Console(console.app).as_(make.staff("counter", far))
    tap(counter, lunch, orders["李国强"])
    [served] = db.session.scalars(select(MealServed.id))
    for path in (f"/counter/{lunch.id}", f"/counter/served/{served}",
                 f"/counter/{lunch.id}/walk-in", "/counter/999999"):  # fmt: skip
        assert stranger.get(path).status_code == 404
    assert tap(stranger, lunch, orders["王秀英"]).status_code == 404
    assert stranger.post(f"/counter/served/{served}/take-back", {"reason": "x"}).status_code == 404
    assert "清炒时蔬" not in text_of(stranger.get("/counter"))
    other = cooked(make, db.session(), meal="dinner")
    assert tap(counter, other, orders["王秀英"]).status_code == 404
    cook = Console(console.app).as_(make.staff("cook", make.once("community", make.place)))
    assert cook.get("/counter").status_code == 403


def sale(lunch: Cooked, person, **given):
    dish = lunch.items["红烧肉"].id
    plan = {"person_id": person.id, f"n_{dish}": 1, "mode": "dine_in", "pays_fen": 1000, "key": KEY}
    return plan | given


def paid(person) -> tuple[str, int, int]:
    row = db.session.execute(
        select(Booking.state, MealOrder.pays_fen)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(Booking.person_id == person.id)
    ).one()
    return row.state, row.pays_fen, db.session.scalar(select(func.sum(Purse.balance_fen)))


def test_a_walk_in_pays_in_cash_and_draws_on_the_same_portions(
    counter, lunch, orders, make
) -> None:
    pork = lunch.items["红烧肉"]
    pork.capacity = 3
    db.session.commit()
    chen = make.person("陈静", phone="13800005678")
    at = f"/counter/{lunch.id}/walk-in"
    assert "陈静" in text_of(counter.get(f"{at}?q=5678"))
    quoted = text_of(counter.get(f"{at}?person_id={chen.id}&n_{pork.id}=1"))
    assert "收现金 10 元，取餐" in quoted
    assert "从餐卡付" not in quoted
    short = counter.post(at, sale(lunch, chen))
    assert short.status_code == 409  # nothing on the account, nothing taken
    assert db.session.scalar(select(func.count()).where(Booking.person_id == chen.id)) == 0
    for _ in range(2):  # a double click
        sold = counter.post(at, sale(lunch, chen, in_cash="1"))
        assert sold.status_code == 302
    assert "陈静 已取餐 12:00" in text_of(counter.get(sold.headers["Location"][6:]))
    assert paid(chen) == (State.ATTENDED, 1000, 600)  # 600 of which are Wang's
    assert db.session.scalars(select(Receipt.fen)).all() == [1000]
    assert fresh(pork).taken == 3
    li = make.person("李建国")
    assert "只剩 0 份" in text_of(counter.get(f"{at}?person_id={li.id}&n_{pork.id}=1"))
    assert counter.post(at, sale(lunch, li, in_cash="1", key="other-key")).status_code == 409
    # A mistake: the order ends, too, and the money is on the account.
    [served] = db.session.scalars(
        select(MealServed.id).join(Booking).where(Booking.person_id == chen.id)
    )
    counter.post(f"/counter/served/{served}/take-back", {"reason": "不吃了", "give_back": "1"})
    assert paid(chen) == (State.CANCELLED, 1000, 1600)
    assert fresh(pork).taken == 2


def test_a_walk_in_pays_from_the_account(counter, lunch, orders, make, top_up) -> None:
    chen = make.person("陈静")
    top_up(chen.id, 1500)
    at = f"/counter/{lunch.id}/walk-in"
    pork = lunch.items["红烧肉"].id
    assert "从餐卡付，取餐" in text_of(counter.get(f"{at}?person_id={chen.id}&n_{pork}=1"))
    stale = counter.post(at, sale(lunch, chen, pays_fen=900))
    assert stale.status_code == 409
    assert counter.post(at, sale(lunch, chen)).status_code == 302
    assert paid(chen) == (State.ATTENDED, 1000, 600 + 500)
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 0
    twice = counter.post(at, sale(lunch, chen, key="another-key"))
    assert "已经订了这一餐" in text_of(twice)


def test_a_walk_in_gets_the_difference_of_a_replaced_dish(
    counter, lunch, orders, make, top_up
) -> None:
    chen, pork = make.person("陈静"), lunch.items["红烧肉"]
    top_up(chen.id, 1500)
    tofu = make.dish(lunch.canteen, name="豆腐", list_fen=600)
    cook, session = me_of(make.staff("manager")), db.session()
    replacing.replace(session, cook, lunch.id, pork.id, tofu.id, pork.dish_id, "没到货", NOON)
    session.commit()
    assert counter.post(f"/counter/{lunch.id}/walk-in", sale(lunch, chen)).status_code == 302
    assert paid(chen) == (State.ATTENDED, 1000, 600 + 900)
    orders = queries.list_orders(session, lunch.service)
    assert [one["pays_fen"] for one in orders if one["person_id"] == chen.id] == [600]


def test_walk_ins_come_on_the_day_until_the_meal_ends(
    counter, lunch, orders, make, monkeypatch
) -> None:
    chen = make.person("陈静")
    for moment in (clock.at_minute(DAY) - timedelta(seconds=1), lunch.service.ends_at):
        monkeypatch.setattr("backend.clock.now", lambda moment=moment: moment)
        answer = counter.post(f"/counter/{lunch.id}/walk-in", sale(lunch, chen, in_cash="1"))
        assert answer.status_code == 409
