"""The canteen on the phone: a daughter orders for herself and her father, three taps each; too
little money, a price and a dish that change under her, amending, giving back, and what is left on
both accounts.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from backend import clock
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind, MealAccount, Purse
from backend.canteen.items import Planned
from backend.canteen.models import MenuItem
from backend.canteen.ordering.models import MealOrder
from backend.db import db
from backend.night_school.models import CourseRun
from backend.places.models import Place
from tests.client.demo import Demo, phone, serious_faults, sign_in, visit
from tests.client.family import FATHER, Family, family
from tests.client.test_rooms import fits, tap
from tests.console import me_of
from tests.factories import Make

pytestmark = pytest.mark.browser

CANTEEN, SET = "望江小饭堂", "一荤一素套餐"


def a_canteen(demo: Demo, home: Family) -> dict[str, int]:
    """In the family's community, with lunch in three days and in four: the dishes' ids on the menu
    of the first by name.
    """
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        week = list(range(7))
        canteen = make.canteen(place, name=CANTEEN, code="river", weekdays=week, on_holidays=True)
        dishes = {
            name: make.dish(
                canteen, name=name, list_fen=fen, allergens=allergens, is_set=name == SET
            )
            for name, fen, allergens in (
                ("砂锅豆腐", 800, ["soy"]), ("炒青菜", 400, []), ("蒸鲈鱼", 1800, ["fish"]),
                (SET, 1000, []),
            )
        }  # fmt: skip
        me = me_of(make.staff(place=place))
        days = [clock.today(make.now) + timedelta(days=number) for number in (3, 4)]
        planned = [Planned(dish_id=one.id, capacity=5) for one in dishes.values()]
        first, _second = [
            planning.set_menu(db.session(), me, canteen.id, day, "lunch", planned, make.now)
            for day in days
        ]
        for day in days:
            planning.publish(db.session(), me, canteen.id, day, None, make.now)
        db.session.commit()
        rows = db.session.execute(
            select(MenuItem.dish_id, MenuItem.id).where(MenuItem.meal_service_id == first)
        )
        by_dish = {row.dish_id: row.id for row in rows}
        return {name: by_dish[one.id] for name, one in dishes.items()}


def pay_in(demo: Demo, person_id: int, fen: int) -> None:
    with demo.app.app_context():
        given = Credit(
            person_id=person_id, kind=EntryKind.TOP_UP, fen=fen, key=f"{person_id} {fen}"
        )
        ledger.credit(db.session(), given, Actor(), clock.now())
        db.session.commit()


def turn(demo: Demo, item_id: int, **values: object) -> None:
    """Staff change a dish of the menu while somebody looks at it."""
    with demo.app.app_context():
        db.session.execute(update(MenuItem).where(MenuItem.id == item_id).values(**values))
        db.session.commit()


def accounts(demo: Demo, *person_ids: int) -> list[tuple[int, int]]:
    """Of each: what is on the account, and what of it is held."""
    with demo.app.app_context():
        rows = db.session.execute(
            select(MealAccount.person_id, Purse.balance_fen, Purse.held_fen).join(
                Purse, Purse.account_id == MealAccount.id
            )
        )
        found = {row.person_id: (row.balance_fen, row.held_fen) for row in rows}
        return [found[one] for one in person_ids]


def orders(demo: Demo, person_id: int) -> list[tuple[str, int, int]]:
    with demo.app.app_context():
        rows = db.session.execute(
            select(Booking.state, MealOrder.pays_fen, MealOrder.revision)
            .join(MealOrder, MealOrder.booking_id == Booking.id)
            .where(Booking.person_id == person_id)
        )
        return [tuple(row) for row in rows]


def looked_at(page: Page) -> None:
    """Wait for the page; it is as wide as the phone, and nobody is shut out of it."""
    fits(page)
    assert serious_faults(page) == []


def test_a_daughter_orders_for_herself_and_her_father(demo: Demo, browser: Browser) -> None:
    home = family(demo)
    item = a_canteen(demo, home)
    pay_in(demo, home.person_id, 3000)
    pay_in(demo, home.father_id, 500)
    with phone(browser, large=True) as page:
        sign_in(page, demo, home.openid)
        visit(page, demo)
        tap(page, "老年食堂")
        looked_at(page)
        tap(page, re.compile(CANTEEN), "link")
        expect(page.get_by_text("过敏提醒：含大豆")).to_be_visible()
        tap(page, "砂锅豆腐 点一份")
        looked_at(page)
        tap(page, "选好了，下一步")
        expect(page.get_by_role("button", name="确认订餐，付 8 元")).to_be_visible()
        looked_at(page)
        tap(page, "确认订餐，付 8 元")
        expect(page.get_by_text("订好了！").first).to_be_visible()
        expect(page.get_by_text("取餐码")).to_be_visible()
        looked_at(page)
        assert accounts(demo, home.person_id) == [(3000, 800)]

        for_father(page, demo, home, item)
        tap(page, "改菜或改地方")
        tap(page, "炒青菜 点一份")
        tap(page, "选好了，下一步")
        tap(page, "确认改餐，付 10 元")
        expect(page.get_by_text("改好了！").first).to_be_visible()
        assert accounts(demo, home.father_id) == [(2500, 1000)]

        a_dish_is_gone(page, demo, item)
        bring(demo, home.father_id)
        visit(page, demo, "pages/bookings")
        tap(page, re.compile(FATHER), "link")
        he_is_out(page)
        tap(page, "不吃了，退订")
        tap(page, "确定退订")
        expect(page.get_by_text("已经退订，钱回到餐卡了。").first).to_be_visible()
        looked_at(page)
        visit(page, demo, "canteen/pages/account")
        expect(page.get_by_text("另有 8 元 留给已经订的餐")).to_be_visible()
        tap(page, FATHER, "radio")
        expect(page.get_by_text("25 元").first).to_be_visible()
        looked_at(page)
        every_week(page, demo)
        what_it_came_to(page, demo)
    assert orders(demo, home.person_id) == [("confirmed", 800, 1)]
    given_back = [("cancelled", 750, 1)] * 3
    assert orders(demo, home.father_id) == [("cancelled", 1000, 2), *given_back]
    assert accounts(demo, home.person_id, home.father_id) == [(3000, 800), (2500, 0)]


def what_it_came_to(page: Page, demo: Demo) -> None:
    """Of the demo's canteen two months were published."""
    visit(page, demo, "canteen/pages/canteens")
    tap(page, "食堂收支公示")
    expect(page.get_by_text("−92.70 元").first).to_be_visible()
    looked_at(page)
    page.get_by_role("radio").nth(1).tap()
    expect(page.get_by_text("换了新的蒸箱").first).to_be_visible()


def for_father(page: Page, demo: Demo, home: Family, item: dict[str, int]) -> None:
    """The city pays a quarter of his lunch, up to 3 yuan. His account is short; then the price goes
    up while the daughter reads.
    """
    tap(page, "看这家食堂的菜单")
    tap(page, "砂锅豆腐 点一份")
    tap(page, "选好了，下一步")
    tap(page, FATHER, "radio")
    expect(page.get_by_text("长者助餐；市2 元")).to_be_visible()
    expect(page.get_by_text("餐卡里还差 1 元").first).to_be_visible()
    expect(page.get_by_text("带现金到食堂或社区服务台就能充值")).to_be_visible()
    looked_at(page)
    pay_in(demo, home.father_id, 2000)
    tap(page, re.compile("^自取"), "radio")
    expect(page.get_by_role("button", name="确认订餐，付 6 元")).to_be_visible()
    turn(demo, item["砂锅豆腐"], list_fen=900)
    tap(page, "确认订餐，付 6 元")
    expect(page.get_by_text("价格刚刚变了，现在要付 6.75 元").first).to_be_visible()
    looked_at(page)
    assert orders(demo, home.father_id) == []
    tap(page, "确认订餐，付 6.75 元")
    expect(page.get_by_text("订好了！").first).to_be_visible()


def a_dish_is_gone(page: Page, demo: Demo, item: dict[str, int]) -> None:
    """Chosen while there were portions, and sold out before the price was asked."""
    tap(page, "看这家食堂的菜单")
    tap(page, "蒸鲈鱼 点一份")
    turn(demo, item["蒸鲈鱼"], capacity=0)
    tap(page, "选好了，下一步")
    expect(page.get_by_text(re.compile("“蒸鲈鱼”只剩 0 份"))).to_be_visible()
    expect(page.get_by_role("button", name="这样还不能订")).to_be_visible()
    looked_at(page)


def bring(demo: Demo, person_id: int) -> None:
    """What he has ordered is brought home, so that somebody has to be there."""
    with demo.app.app_context():
        theirs = select(Booking.id).where(Booking.person_id == person_id)
        db.session.execute(
            update(MealOrder)
            .where(MealOrder.booking_id.in_(theirs))
            .values(mode="delivery", address="3号楼2单元502")
        )
        db.session.commit()


def he_is_out(page: Page) -> None:
    """That day; and then at home after all."""
    tap(page, re.compile("不在家$"))
    expect(page.get_by_text(re.compile(f"^记下了：.*{FATHER}不在家")).first).to_be_visible()
    looked_at(page)
    tap(page, "改成在家")
    expect(page.get_by_role("button", name=re.compile("不在家$"))).to_be_visible()


def every_week(page: Page, demo: Demo) -> None:
    """The father's lunch is ordered by itself: a day is left out and put back, all of them rest for
    a hospital and go on, and it ends. What he gave back himself stays given back.
    """
    visit(page, demo, "canteen/pages/canteens")
    tap(page, re.compile(CANTEEN), "link")
    tap(page, "每周都订")
    tap(page, FATHER, "radio")
    tap(page, "周六", "checkbox")
    tap(page, "周日", "checkbox")
    looked_at(page)
    tap(page, "确认，以后自动订")
    expect(page.get_by_text("设好了，已经订上 1 餐。").first).to_be_visible()
    expect(page.get_by_text("每天 · 堂食")).to_be_visible()
    expect(page.get_by_text("等菜单").first).to_be_visible()
    expect(page.get_by_text("这天自己办过")).to_be_visible()
    tap(page, "看后面几天")
    looked_at(page)
    with demo.app.app_context():
        day = clock.today(clock.now()) + timedelta(days=4)
    named = re.compile(f"{day.month}月{day.day}日 .* 这天不吃")
    tap(page, named)
    expect(page.get_by_text("不订了。订过的已经退掉").first).to_be_visible()
    tap(page, re.compile("还是要吃"))
    expect(page.get_by_role("button", name=named)).to_be_visible()
    tap(page, "住院、外出，先停一停")
    looked_at(page)
    tap(page, "确定停订")
    expect(page.get_by_text("停好了，退了 1 餐，钱回到餐卡。").first).to_be_visible()
    expect(page.get_by_text(re.compile("^住院：.*起停订，恢复之前一直停。"))).to_be_visible()
    looked_at(page)
    tap(page, "恢复订餐")
    expect(page.get_by_text("恢复了，订上 1 餐。").first).to_be_visible()
    tap(page, "以后不固定订了")
    tap(page, "确定，不再自动订")
    expect(page.get_by_text("好的，以后不自动订了，退了 1 餐。").first).to_be_visible()
    expect(page.get_by_text("还没有固定订餐。")).to_be_visible()
