"""Who stands at the counter and is not on the list: registered on the spot, or sold to as guest."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, update

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.accounts.desk_models import Receipt, TillClose
from backend.canteen.accounts.models import Entry
from backend.canteen.claims import eaten
from backend.canteen.guests.models import GuestLine, GuestSale
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.canteen.public_months import figures
from backend.commands.check import audit
from backend.db import db
from backend.errors import KeyReused
from backend.people.models import Account, Consent, Person
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import CUTOFF, DAY, Cooked, cooked
from tests.console import Console, text_of
from tests.factories import Make, fresh

NOON = clock.at_minute(DAY, 720)
KEY = "a-key-of-the-page"


@pytest.fixture
def lunch(app, make: Make) -> Cooked:
    """Orders are closed; one portion of pork is ordered, four are cooked."""
    meal = cooked(make, db.session())
    meal.dish("清炒时蔬", 400)
    meal.dish("红烧肉", 1000)
    meal.dish("儿童套餐", 900, for_children=True)
    meal.order(make.person("李国强"), {"红烧肉": 1})
    meal.items["红烧肉"].capacity = 4
    meal.items["红烧肉"].discount_fen = 0
    meal.items["清炒时蔬"].discount_fen = 100
    closing.close(db.session(), meal.id, CUTOFF)
    db.session.commit()
    return meal


@pytest.fixture
def counter(console: Console, make: Make, monkeypatch: pytest.MonkeyPatch) -> Console:
    staff = make.staff("counter", make.once("community", make.place), name="许阿芳")
    monkeypatch.setattr("backend.clock.now", lambda: NOON)
    return console.as_(staff)


def wish(lunch: Cooked, pork: int = 1, greens: int = 0, **given):
    portions = {f"n_{lunch.items['红烧肉'].id}": pork, f"n_{lunch.items['清炒时蔬'].id}": greens}
    plan = {"people": 1, "pays_fen": 1000 * pork + 400 * greens, "key": KEY}
    return portions | plan | given


def the_sale() -> GuestSale:
    return db.session.scalars(select(GuestSale)).one()


def receipts() -> list[tuple[int, int]]:
    return [tuple(one) for one in db.session.execute(
        select(Receipt.number, Receipt.fen).order_by(Receipt.number)
    )]  # fmt: skip


def broken() -> list[str]:
    """Checks of money, portions and guests that find something."""
    about = ("guest", "portions", "receipts", "tills")
    found = audit(timedelta(hours=1))
    return [one.check.name for one in found if one.rows and one.check.name.startswith(about)]


def test_guests_pay_the_full_price_in_cash_and_nobody_is_named(counter, lunch, make) -> None:
    at = f"/counter/{lunch.id}/guests"
    page = counter.get(at)
    assert "还剩 3 份" in text_of(page)
    assert "儿童套餐" not in text_of(page)
    pork, greens = lunch.items["红烧肉"], lunch.items["清炒时蔬"]
    shown = text_of(counter.get(f"{at}?people=2&n_{pork.id}=2&n_{greens.id}=1"))
    assert "一共 24 元" in shown  # no discount
    assert "收现金 24 元，取餐" in shown
    for _ in range(2):  # a double click
        sold = counter.post(at, wish(lunch, 2, 1, people=2))
        assert sold.headers["Location"].endswith(f"/counter/{lunch.id}")
    sale = the_sale()
    assert (sale.people, sale.fen, sale.at, sale.undone_at) == (2, 2400, NOON, None)
    lines = db.session.execute(select(GuestLine.menu_item_id, GuestLine.portions, GuestLine.fen))
    assert {tuple(one) for one in lines} == {(pork.id, 2, 2000), (greens.id, 1, 400)}
    assert (fresh(pork).taken, fresh(greens).taken) == (3, 1)
    assert receipts() == [(1, 2400)]
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0  # on nobody's account
    listed = text_of(counter.get(f"/counter/{lunch.id}"))
    assert "已卖给散客，收现金 24 元。" in listed
    assert "散客（2 位，收现金 24 元）" in listed
    assert "24 元 · 收据 000001 清炒时蔬 × 1 红烧肉 × 2" in listed
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "guest_sale.sell"))
    assert entry.one().after["amount_fen"] == 2400
    other = counter.post(at, wish(lunch, 1, people=1, pays_fen=1000))  # under the same key
    assert (other.status_code, str(KeyReused.sentence) in other.text) == (422, True)
    assert receipts() == [(1, 2400)]
    assert broken() == []


def test_the_audit_finds_sales_that_do_not_add_up(counter, lunch) -> None:
    counter.post(f"/counter/{lunch.id}/guests", wish(lunch, 2, 1, people=2))
    assert broken() == []
    db.session.execute(update(GuestLine).values(fen=GuestLine.fen + 1))
    assert broken() == ["guest-sales-are-their-lines"]
    db.session.rollback()
    db.session.execute(update(Receipt).values(fen=Receipt.fen - 1))
    assert "guest-sales-are-receipted" in broken()
    db.session.rollback()


def test_no_more_than_there_are(counter, lunch) -> None:
    at = f"/counter/{lunch.id}/guests"
    pork = lunch.items["红烧肉"]
    assert "只剩 3 份" in text_of(counter.get(f"{at}?n_{pork.id}=4"))
    assert counter.post(at, wish(lunch, 4)).status_code == 409
    assert (fresh(pork).taken, receipts()) == (1, [])
    assert counter.post(at, wish(lunch, 3)).status_code == 302
    assert counter.post(at, wish(lunch, 1, key="another-key")).status_code == 409
    assert fresh(pork).taken == 4
    assert broken() == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"pays_fen": 900}, 409), ({"people": 0}, 422), ({"people": ""}, 422), ({"key": ""}, 422),
        ({"people": "二"}, 422), ({"pays_fen": -1}, 422),
    ],
)  # fmt: skip
def test_what_is_not_meant_is_not_sold(given, status, counter, lunch) -> None:
    asked = wish(lunch, 1, **given)
    assert counter.post(f"/counter/{lunch.id}/guests", asked).status_code == status
    assert (
        counter.post(f"/counter/{lunch.id}/guests", wish(lunch, 0, pays_fen=1)).status_code == 422
    )
    child = {f"n_{lunch.items['儿童套餐'].id}": 1, "people": 1, "pays_fen": 900, "key": KEY}
    assert counter.post(f"/counter/{lunch.id}/guests", child).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(GuestSale)) == 0
    assert fresh(lunch.items["红烧肉"]).taken == 1


def test_a_mistake_gives_cash_and_portions_back_once(counter, lunch) -> None:
    counter.post(f"/counter/{lunch.id}/guests", wish(lunch, 2, people=2))
    sale_id = the_sale().id
    at = f"/counter/guests/{sale_id}"
    assert "撤销，退现金 20 元" in text_of(counter.get(at))
    assert counter.post(f"{at}/take-back", {"reason": ""}).status_code == 422
    for _ in range(2):
        back = counter.post(f"{at}/take-back", {"reason": "客人不吃了"}, follow_redirects=True)
        assert "已撤销，请把现金退给客人" in text_of(back)
    assert "已撤销 客人不吃了" in text_of(counter.get(f"/counter/{lunch.id}"))
    assert receipts() == [(1, 2000), (2, -2000)]
    assert fresh(lunch.items["红烧肉"]).taken == 1
    sale = fresh(the_sale())
    assert (sale.undone_reason, sale.fen) == ("客人不吃了", 2000)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in actions if one.startswith("guest")] == [
        "guest_sale.sell", "guest_sale.take_back",
    ]  # fmt: skip
    assert broken() == []


def test_guests_come_once_orders_are_closed_until_the_meal_ends(
    counter, lunch, make, monkeypatch
) -> None:
    """On its day: what residents ordered is cooked first."""
    second = timedelta(seconds=1)
    for moment, status in (
        (clock.at_minute(DAY) - second, 409), (lunch.service.ends_at, 409),
        (lunch.service.ends_at - second, 302),
    ):  # fmt: skip
        monkeypatch.setattr("backend.clock.now", lambda moment=moment: moment)
        key = f"at-{moment:%d%H%M%S}"
        sold = counter.post(f"/counter/{lunch.id}/guests", wish(lunch, key=key))
        assert sold.status_code == status
    lunch.service.closes_at = NOON
    db.session.commit()
    monkeypatch.setattr("backend.clock.now", lambda: NOON - second)
    early = counter.post(f"/counter/{lunch.id}/guests", wish(lunch, key="early-key"))
    assert text_of(early).count("要在今天中午 12:00 以后、开餐结束以前") == 1
    lunch.service.cancelled_at = NOON - second
    db.session.commit()
    monkeypatch.setattr("backend.clock.now", lambda: NOON)
    off = counter.post(f"/counter/{lunch.id}/guests", wish(lunch, key="later-key"))
    assert off.status_code == 409
    assert len(receipts()) == 1


def test_guests_of_others_are_not_there(console, counter, lunch, make) -> None:
    counter.post(f"/counter/{lunch.id}/guests", wish(lunch))
    sale_id = the_sale().id
    stranger = Console(console.app).as_(make.staff("counter", make.place(name="远处社区")))
    for path in (f"/counter/{lunch.id}/guests", f"/counter/guests/{sale_id}",
                 f"/counter/{lunch.id}/walk-in/new", "/counter/guests/999999"):  # fmt: skip
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/counter/{lunch.id}/guests", wish(lunch, key="k" * 8)).status_code == 404
    assert stranger.post(f"/counter/guests/{sale_id}/take-back", {"reason": "x"}).status_code == 404
    assert stranger.post(f"/counter/{lunch.id}/walk-in/new", {"name": "陈静"}).status_code == 404
    cook = Console(console.app).as_(make.staff("cook", make.once("community", make.place)))
    assert cook.get(f"/counter/{lunch.id}/guests").status_code == 403
    assert cook.post(f"/counter/{lunch.id}/walk-in/new", {"name": "陈静"}).status_code == 403
    assert fresh(the_sale()).undone_at is None


def test_guests_are_in_the_till_the_month_the_board_and_the_live_page(
    console, counter, lunch, make
) -> None:
    here = make.once("community", make.place)
    counter.post(f"/counter/{lunch.id}/guests", wish(lunch, 2, people=2))
    counter.post(f"/counter/{lunch.id}/guests", wish(lunch, 0, 1, key="gone-again"))
    gone = db.session.scalars(select(GuestSale.id).where(GuestSale.key == "gone-again")).one()
    counter.post(f"/counter/guests/{gone}/take-back", {"reason": "点错了"})
    clerk = Console(console.app).as_(make.staff("clerk", here, name="顾春梅"))
    assert "2 散客" in text_of(clerk.get(f"/canteens/meals/{lunch.id}/live"))
    board = text_of(clerk.get(f"/kitchen/{lunch.id}/board"))
    assert "已做 0 / 3 还差 3 含散客 2" in board
    assert "清炒时蔬" not in board  # taken back, and nobody ordered it
    month = figures.read(
        db.session(), [lunch.canteen.id], DAY.replace(day=1), DAY.replace(month=4, day=1)
    )[lunch.canteen.id]
    assert (month.meals, month.income_fen, month.subsidy_fen) == (2, 2000, 0)
    books = text_of(clerk.get(f"/subsidies/settlement?month={DAY:%Y-%m}-01"))
    assert "1 餐" in books
    assert "；另有散客 2 位，收现金 20 " in books
    asked = select(eaten.booking.c.id).select_from(eaten.orders()).where(eaten.stands())
    assert db.session.scalars(asked).all() == []  # nothing to claim
    till = {"canteen_id": lunch.canteen.id, "staff_id": the_staff(), "counted": "20"}
    last = db.session.scalar(select(func.max(Receipt.id)))
    assert clerk.post("/meal-accounts/tills", till | {"last_id": last}).status_code == 302
    close = db.session.scalars(select(TillClose)).one()
    assert (close.expected_fen, close.counted_fen) == (2000, 2000)
    shown = text_of(clerk.get(f"/meal-accounts/tills/{close.id}"))
    assert shown.count("散客 散客餐费") == 3
    [page] = PdfReader(BytesIO(clerk.get(f"/meal-accounts/tills/{close.id}.pdf").data)).pages
    assert page.extract_text().count("散客餐费") == 3
    assert broken() == []


def the_staff() -> int:
    return db.session.scalars(select(GuestSale.staff_id).limit(1)).one()


def test_somebody_new_is_registered_and_goes_on_with_the_meal(counter, lunch, make) -> None:
    estate = make.place("estate", make.once("community", make.place))
    walk_in = f"/counter/{lunch.id}/walk-in"
    assert f"{walk_in}/new?q=%E9%99%88" in counter.get(f"{walk_in}?q=陈").text
    assert 'value="陈静"' in counter.get(f"{walk_in}/new?q=陈静").text
    assert 'value="13800005678"' in counter.get(f"{walk_in}/new?q=13800005678").text
    form = {
        "name": "陈静", "birth_date": "1951-02-03", "phone": "13800005678",
        "home_place_id": estate.id,
    }  # fmt: skip
    assert counter.post(f"{walk_in}/new", form | {"name": ""}).status_code == 422
    done = counter.post(f"{walk_in}/new", form)
    person = db.session.scalars(select(Person).where(Person.name == "陈静")).one()
    assert done.headers["Location"].endswith(f"{walk_in}?person_id={person.id}")
    assert (person.home_place_id, person.phone) == (estate.id, "13800005678")
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == "person.register"
    pork = lunch.items["红烧肉"].id
    plan = {f"n_{pork}": 1, "person_id": person.id, "mode": Mode.DINE_IN, "pays_fen": 1000,
            "key": KEY, "in_cash": "1"}  # fmt: skip
    assert counter.post(walk_in, plan).status_code == 302
    state = select(Booking.state).where(Booking.person_id == person.id)
    assert db.session.scalars(state).one() == State.ATTENDED
    for table in (Account, Consent):  # nobody acts for them until they say so at the desk
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    assert counter.get(f"/people/{person.id}").status_code == 403
    assert counter.get("/people/new").status_code == 403


def test_whoever_is_on_file_is_shown_before_a_second_card_is_made(counter, lunch, make) -> None:
    known = make.person("陈静", phone="13800005678")
    at = f"/counter/{lunch.id}/walk-in"
    form = {"name": "陈晓静", "phone": "13800005678"}
    asked = counter.post(f"{at}/new", form)
    assert asked.status_code == 409
    assert f'href="/admin{at}?person_id={known.id}"' in asked.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2
    assert counter.post(f"{at}/new", form | {"knows_others": "true"}).status_code == 302
    assert db.session.scalar(select(func.count()).select_from(Person)) == 3


def test_homes_are_those_of_the_canteens_own_place(counter, lunch, make) -> None:
    make.place("estate", make.once("community", make.place), name="近处小区")
    far = make.place("estate", make.place(name="远处社区"), name="远处小区")
    page = text_of(counter.get(f"/counter/{lunch.id}/walk-in/new"))
    assert "近处小区" in page
    assert "远处小区" not in page
    form = {"name": "陈静", "home_place_id": far.id}
    assert counter.post(f"/counter/{lunch.id}/walk-in/new", form).status_code == 422
