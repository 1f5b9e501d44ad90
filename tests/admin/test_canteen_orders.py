"""Meals at the desk: ordered on the telephone, amended, given back; the agent stays known."""

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, Purse
from backend.canteen.eaters.models import Diet
from backend.canteen.models import MenuItem
from backend.db import db
from backend.reminders.models import Reminder
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import CUTOFF, DAY, Cooked, cooked
from tests.canteen.serving import Counter
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def clerk(console: Console, make: Make) -> Console:
    return console.as_(make.staff("clerk", name="顾春梅"))


@pytest.fixture
def wang(make: Make, now):
    """Without a phone, with 20 yuan."""
    person = make.person("王秀英", home_place_id=make.place("estate").id, address="3号楼501")
    paid = Credit(person_id=person.id, kind=EntryKind.TOP_UP, fen=2000, key="w")
    ledger.credit(db.session(), paid, Actor(), now)
    db.session.commit()
    return person


@pytest.fixture
def lunch(make: Make) -> Cooked:
    """Thursday's lunch of tofu and, at most five portions, fish."""
    meal = cooked(make, db.session())
    meal.dish("红烧豆腐")
    meal.dish("清蒸鲈鱼", 1500, allergens=["fish"]).capacity = 5
    db.session.commit()
    return meal


def ids(lunch: Cooked) -> list[int]:
    return [one.id for one in lunch.items.values()]


def test_on_the_telephone(clerk: Console, lunch, wang, now) -> None:
    tofu, fish = ids(lunch)
    card = clerk.get(f"/people/{wang.id}").text
    assert f"/admin/canteens/order?person_id={wang.id}" in card
    choices = f"/canteens/order?person_id={wang.id}"
    assert "3月12日 周四 午餐" in text_of(clerk.get(choices))
    assert "已订" not in text_of(clerk.get(choices))
    page = f"/canteens/meals/{lunch.id}/order"
    assert "王秀英" in text_of(clerk.get(f"{page}?q=王秀英"))
    chosen = f"?person_id={wang.id}&mode=delivery&n_{tofu}=1"
    priced = text_of(clerk.get(page + chosen))
    for words in ("一共 8 元", "餐卡可用 20", "3号楼501"):
        assert words in priced
    form = {"person_id": wang.id, "mode": "delivery", f"n_{tofu}": "1", "pays_fen": "800"}
    done = clerk.post(page, form, follow_redirects=True)
    for words in ("订好了。", "红烧豆腐 × 1", "送到", "顾春梅"):
        assert words in text_of(done)
    [booked] = db.session.scalars(select(Booking))
    assert (booked.account_id, booked.person_id) == (None, wang.id)
    assert "已订" in text_of(clerk.get(choices))
    assert "已订" not in text_of(clerk.get("/canteens/order"))
    filled = clerk.get(f"{page}?person_id={wang.id}").text
    assert "已经订了这一餐" in filled
    assert f'name="n_{tofu}" type="number" min="0" max="2" value="1"' in filled
    stale = clerk.post(page, form | {f"n_{fish}": "1", f"n_{tofu}": ""})
    assert (stale.status_code, "现在一共 15 元" in text_of(stale)) == (409, True)
    amended = form | {f"n_{fish}": "1", f"n_{tofu}": "", "pays_fen": "1500", "mode": "dine_in"}
    assert "改好了。" in text_of(clerk.post(page, amended, follow_redirects=True))
    listed = text_of(clerk.get(f"/canteens/meals/{lunch.id}/orders"))
    for words in ("1 份订单", "清蒸鲈鱼 × 1", "已订 1/5 份"):
        assert words in listed
    order = f"/canteens/orders/{booked.id}"
    assert clerk.post(f"{order}/cancel", {}).status_code == 422
    over = text_of(clerk.post(f"{order}/cancel", {"reason": "住院了"}, follow_redirects=True))
    for words in ("已退订，餐费退回餐卡。", "（住院了）"):
        assert words in over
    assert clerk.post(f"{order}/cancel", {"reason": "住院了"}).status_code == 302
    assert db.session.scalar(select(Purse.held_fen)) == 0
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["meal_order.create", "meal_order.change", "meal_order.cancel"]
    assert set(db.session.scalars(select(BookingEvent.account_id))) == {None}


def test_what_stands_against_it_is_said(
    clerk: Console, console: Console, make: Make, lunch, wang, now
) -> None:
    tofu, fish = ids(lunch)
    page = f"/canteens/meals/{lunch.id}/order"
    db.session.add(Diet(person_id=wang.id, allergens=["fish"], changed_at=now))
    db.session.commit()
    chosen = f"{page}?person_id={wang.id}&mode=dine_in"
    assert "含鱼（过敏）" in text_of(clerk.get(f"{chosen}&n_{fish}=1"))
    form = {"person_id": wang.id, "mode": "dine_in", f"n_{fish}": "1", "pays_fen": "1500"}
    refused = clerk.post(page, form)
    assert (refused.status_code, "请先核对忌口" in text_of(refused)) == (409, True)
    assert clerk.post(page, form | {"despite_diet": "true"}).status_code == 302
    assert "最多订 2 份" in text_of(clerk.get(f"{chosen}&n_{tofu}=3"))
    assert "餐卡还差 18 元" in text_of(clerk.get(f"{chosen}&n_{tofu}=1&n_{fish}=2"))
    assert clerk.get(f"{chosen}&n_{tofu}=-5").status_code == 422
    item = db.session.get_one(MenuItem, fish)
    item.capacity, item.overbooked = 0, 1
    db.session.commit()
    assert "超订 1 份" in text_of(clerk.get(f"/canteens/meals/{lunch.id}/orders"))
    with clock.frozen(CUTOFF):
        clerk = console.as_(make.staff("clerk", name="周敏"))
        assert "现在没有能订的餐次" in text_of(clerk.get("/canteens/order"))
        assert "已经截止" in text_of(clerk.get(f"{chosen}&n_{tofu}=1"))
        late = clerk.get(f"/canteens/orders/{db.session.scalar(select(Booking.id))}")
        assert "厨房可能已经备餐" in text_of(late)


def test_elsewhere_it_is_not_there(console: Console, make: Make, lunch, wang) -> None:
    tofu, _fish = ids(lunch)
    other = console.as_(make.staff("clerk", make.place(name="滨江社区"), name="周敏"))
    form = {"person_id": wang.id, "mode": "dine_in", f"n_{tofu}": "1"}
    for answer in (
        other.get(f"/canteens/meals/{lunch.id}/orders"),
        other.get(f"/canteens/meals/{lunch.id}/order"),
        other.post(f"/canteens/meals/{lunch.id}/order", form),
        other.get("/canteens/orders/1"),
        other.post("/canteens/orders/1/cancel", {"reason": "住院了"}),
    ):
        assert answer.status_code == 404
    assert "现在没有能订的餐次" in text_of(other.get("/canteens/order"))
    cook = console.as_(make.staff("cook", name="郑国强"))
    assert cook.get(f"/canteens/meals/{lunch.id}/orders").status_code == 403
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_the_price_of_a_spoiled_meal_goes_back_once(
    clerk: Console, lunch, wang, make: Make, now
) -> None:
    booking = lunch.order(wang, {"红烧豆腐": 1})
    ledger.hold(db.session(), wang.id, booking.id, 800, DAY, now)
    ledger.charge(db.session(), [booking.id], now)
    db.session.commit()
    page = f"/canteens/orders/{booking.id}"
    spoiled = {"reason": "汤洒了"}
    with clock.frozen(clock.at_minute(DAY, 720)):
        staff = make.staff("clerk", name="顾春梅")
        clerk = clerk.as_(staff)
        assert "退还餐费" not in text_of(clerk.get(page))
        early = clerk.post(f"{page}/refund", spoiled)
        assert (early.status_code, "请用“退订”" in text_of(early)) == (409, True)
        Counter(db.session(), staff.id).serve(booking, clock.now())
        shown = text_of(clerk.get(page))
        assert "8 元退回餐卡，取餐记录不变" in shown
        assert "已参加" not in shown  # as of a class
        assert "已取餐" in shown
        assert clerk.post(f"{page}/refund", {"reason": ""}).status_code == 422
        for _twice in range(2):
            done = text_of(clerk.post(f"{page}/refund", spoiled, follow_redirects=True))
            assert "这一餐的餐费已经退回餐卡。" in done
        worker = clerk.as_(make.staff("worker", make.once("community", make.place)))
        assert worker.post(f"{page}/refund", spoiled).status_code == 403
    assert db.session.scalars(select(Purse.balance_fen)).all() == [2000]
    back = db.session.scalars(select(Entry).where(Entry.kind == EntryKind.REVERSAL)).one()
    assert (back.fen, back.booking_id, back.staff_id, back.note) == (
        800, booking.id, staff.id, "汤洒了",
    )  # fmt: skip
    assert db.session.scalars(select(Booking.state)).one() == "attended"
    told = db.session.scalars(select(Reminder.facts)).all()
    assert told == [{"what": "refunded", "fen": 800, "reason": "汤洒了"}]
    asked = select(AuditEntry.after).where(AuditEntry.action == "meal_order.refund")
    assert db.session.scalars(asked).all() == [{"paid_fen": 0, "reason": "汤洒了"}]
