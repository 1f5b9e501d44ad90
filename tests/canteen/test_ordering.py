"""Ordering a meal: its rules, its price, amending and giving it back, and what becomes of money."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backend import checking
from backend.booking import bookables
from backend.booking import service as booking
from backend.booking.models import Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.canteen import items, planning
from backend.canteen.accounts import ledger
from backend.canteen.accounts.errors import BalanceShort
from backend.canteen.accounts.models import Purse
from backend.canteen.eaters.models import Diet
from backend.canteen.items import Planned
from backend.canteen.models import Canteen, CanteenMeal, MenuItem, Mode
from backend.canteen.ordering import check, errors, forgetting, mine, service
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.errors import Invalid, NotFound
from backend.people.models import Person
from backend.people.queries import Resident
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due

CUT_OFF = timedelta(hours=4)
"""From `now`, a noon, to 16:00."""


@pytest.fixture
def wang(make, top_up):
    """Somebody with 100 yuan on their meal account."""
    signed = make.resident("王秀英", address="3号楼501", phone="13800000001")
    top_up(signed.person.id, 10_000)
    signed.me = Resident(signed.account.id, signed.person.id)
    return signed


@pytest.fixture
def order(session, wang, lunch, now):
    """Order for her; what is not named is one portion of tofu, eaten at the canteen."""

    def place(dishes=None, me=wang.me, at=now, verb=service.order, **given):
        chosen = [(lunch.tofu, 1)] if dishes is None else dishes
        plan = {"meal_service_id": lunch.id, "person_id": wang.person.id, "mode": Mode.DINE_IN}
        with session.begin_nested():
            return verb(session, me, Wanted(**plan | {"dishes": chosen} | given), at)

    return place


def taken(session) -> list[int]:
    return list(session.scalars(select(MenuItem.taken).order_by(MenuItem.id)))


def money(session, person_id) -> tuple[int, int]:
    """(balance, held)"""
    session.expire_all()
    purse = session.scalars(select(Purse)).first()
    return purse.balance_fen, purse.held_fen


def broken(session) -> set[str]:
    found = list(checking.run(session.connection(), check.CHECKS, None))
    assert len(found) == len(check.CHECKS)
    return {one.check.name for one in found if one.rows}


def sound(session) -> bool:
    return not broken(session)


def cancel(session, booking_id, me, at, **given) -> None:
    booking.cancel(session, booking_id, Actor(account_id=me.account_id), at, **given)


def test_an_order_takes_portions_and_holds_money(session, order, lunch, wang, statements) -> None:
    del statements[:]
    made = order([(lunch.fish, 1), (lunch.tofu, 2)], pays_fen=3100)
    assert len(statements) <= 18
    assert (made.is_new, made.state, made.pays_fen) == (True, State.CONFIRMED, 3100)
    assert taken(session) == [2, 1, 0]
    assert money(session, wang.person.id) == (10_000, 3100)
    row = session.get(MealOrder, made.booking_id)
    assert (row.list_fen, row.discount_fen, row.pays_fen, row.address) == (3400, 300, 3100, None)
    booked = session.get(Booking, made.booking_id)
    assert (booked.account_id, booked.once_key) == (wang.account.id, f"meal:{lunch.id}")
    assert sound(session)


def test_a_second_order_amends_the_first(session, order, lunch, wang) -> None:
    first = order([(lunch.tofu, 2), (lunch.greens, 1)])
    second = order([(lunch.fish, 1), (lunch.tofu, 1)], mode=Mode.PICK_UP, note="少放盐")
    assert (second.booking_id, second.is_new, second.pays_fen) == (first.booking_id, False, 2300)
    assert taken(session) == [1, 1, 0]
    assert money(session, wang.person.id) == (10_000, 2300)
    row = session.get(MealOrder, first.booking_id)
    assert (row.revision, row.mode, row.note) == (2, "pick_up", "少放盐")
    history = select(BookingEvent.reason).order_by(BookingEvent.id)
    assert list(session.scalars(history)) == [None, service.AMENDED]
    assert sound(session)


def test_a_meal_has_words_of_its_own(session, order, lunch, wang, now) -> None:
    """Called off while somebody presses, or given back and pressed again."""
    made = order()
    changed = Wanted(meal_service_id=lunch.id, person_id=wang.person.id, mode=Mode.DINE_IN,
                     dishes=[(lunch.tofu, 2)])  # fmt: skip
    bookables.cancel(session, lunch.id, Actor(), now)
    with pytest.raises(errors.DayOff):
        booking.book(session, service.wish_of(changed), Actor(account_id=wang.account.id), now)
    with pytest.raises(errors.OrderOver):
        service.change(session, wang.me, made.booking_id, changed, now)
    eaten = session.get(Booking, made.booking_id)
    eaten.state = State.ATTENDED
    session.flush()
    with pytest.raises(errors.OrderOver):
        cancel(session, made.booking_id, wang.me, now)


def test_the_same_once_more_changes_nothing(session, order, lunch) -> None:
    first = order([(lunch.tofu, 2)])
    assert order([(lunch.tofu, 2)]).booking_id == first.booking_id
    assert session.get(MealOrder, first.booking_id).revision == 1
    assert taken(session) == [2, 0, 0]


def test_a_key_answers_with_the_first_order(session, order, lunch) -> None:
    key = {"idempotency_key": "k", "idempotency_hash": "h"}
    first = order(**key)
    order([(lunch.fish, 1)])
    again = order(**key)
    assert (again.booking_id, again.is_new, again.pays_fen) == (first.booking_id, False, 1500)
    assert taken(session) == [0, 1, 0]


def test_given_back_everything_is_there_again(session, order, lunch, wang, now) -> None:
    first = order([(lunch.tofu, 2), (lunch.greens, 2)])
    cancel(session, first.booking_id, wang.me, now)
    cancel(session, first.booking_id, wang.me, now)
    assert taken(session) == [0, 0, 0]
    assert money(session, wang.person.id) == (10_000, 0)
    assert sound(session)
    assert order().is_new
    assert sound(session)


def test_at_the_cut_off_it_is_closed_for_everything(session, order, lunch, wang, now) -> None:
    made = order(at=now + CUT_OFF - timedelta(microseconds=1))
    for late in (False, True):
        with pytest.raises(errors.OrdersClosed) as refused:
            cancel(session, made.booking_id, wang.me, now + CUT_OFF, late=late)
    assert "今天下午 16:00已经截止" in str(refused.value)
    for dishes in ([(lunch.tofu, 2)], [(lunch.tofu, 1)]):
        with pytest.raises(errors.OrdersClosed):
            order(dishes, at=now + CUT_OFF)
    with pytest.raises(errors.OrdersClosed):
        order(at=now + CUT_OFF, verb=service.quote)
    assert taken(session) == [1, 0, 0]


def test_staff_give_back_what_was_charged(session, order, make, wang, now) -> None:
    made = order()
    session.execute(update(Booking).values(cancel_until=now))
    assert ledger.charge(session, [made.booking_id], now) == 800
    assert money(session, wang.person.id) == (9200, 0)
    assert sound(session)
    booking.cancel(
        session, made.booking_id, Actor(staff_id=make.staff().id), now + CUT_OFF, "住院了"
    )
    assert money(session, wang.person.id) == (10_000, 0)
    assert taken(session) == [0, 0, 0]
    assert sound(session)


def test_a_meal_called_off_twice_is_paid_back_once(session, order, lunch, wang, now) -> None:
    made = order()
    ledger.charge(session, [made.booking_id], now)
    for _ in range(2):
        bookables.cancel(session, lunch.id, Actor(), now)
    assert money(session, wang.person.id) == (10_000, 0)
    with pytest.raises(errors.DayOff, match="已经取消"):
        order()


@pytest.mark.parametrize(
    ("dishes", "refused"),
    [
        ([], Invalid),
        ([("tofu", 0)], Invalid),
        ([("tofu", -5)], Invalid),
        ([("tofu", 1), ("tofu", 1)], Invalid),
        ([("tofu", 3)], errors.TooManyPortions),
        ([("tofu", 1_000_000_000)], errors.TooManyPortions),
        ([("gone", 1)], errors.OffTheMenu),
    ],
)
def test_what_is_not_an_order(session, order, lunch, dishes, refused) -> None:
    ids = vars(lunch) | {"gone": 999_999}
    with pytest.raises(refused):
        order([(ids[name], portions) for name, portions in dishes])
    assert taken(session) == [0, 0, 0]


def test_too_little_money_takes_nothing(session, order, lunch, wang, make, top_up) -> None:
    poor = make.resident("李四")
    top_up(poor.person.id, 799)
    me = Resident(poor.account.id, poor.person.id)
    with pytest.raises(BalanceShort) as refused:
        order(me=me, person_id=poor.person.id)
    assert refused.value.data["short_fen"] == 1
    order([(lunch.greens, 1)], me=me, person_id=poor.person.id)
    with pytest.raises(BalanceShort):  # amending beyond what there is leaves the order as it was
        order([(lunch.fish, 1)], me=me, person_id=poor.person.id)
    assert taken(session) == [0, 0, 1]
    assert session.scalar(select(func.count()).select_from(Booking)) == 1
    assert sound(session)


def test_the_last_portions(session, order, lunch, make, top_up, wang, now) -> None:
    order([(lunch.greens, 2)])
    li = make.resident("李四")
    top_up(li.person.id, 5000)
    me = {"me": Resident(li.account.id, li.person.id), "person_id": li.person.id}
    with pytest.raises(errors.SoldOut) as refused:
        order([(lunch.tofu, 1), (lunch.greens, 2)], **me)
    assert refused.value.data == {"dish": "清炒时蔬", "left": 1, "item_id": lunch.greens}
    order([(lunch.greens, 1)], **me)
    order([(lunch.greens, 2), (lunch.tofu, 1)])  # what one has oneself is still one's own
    assert taken(session) == [1, 0, 3]


def test_what_was_oversold_is_not_sold_again(
    session, order, lunch, kitchen, planner, wang, now
) -> None:
    made = order([(lunch.greens, 2), (lunch.tofu, 1)])
    fewer = [Planned(dish_id=kitchen.tofu.id, capacity=20),
             Planned(dish_id=kitchen.fish.id, discount_fen=300),
             Planned(dish_id=kitchen.greens.id, capacity=0, reason="没送到")]  # fmt: skip
    items.write(session, kitchen.id, lunch.id, fewer)
    order([(lunch.greens, 2), (lunch.tofu, 2)])
    cancel(session, made.booking_id, wang.me, now)
    session.expire_all()
    assert session.get(MenuItem, lunch.greens).overbooked == 0
    with pytest.raises(errors.SoldOut):
        order([(lunch.greens, 1)])


def test_a_stale_price_is_answered_with_the_new_one(session, order, lunch) -> None:
    with pytest.raises(errors.PriceChanged) as refused:
        order([(lunch.fish, 1)], pays_fen=1800)
    assert refused.value.data["pays_fen"] == 1500
    assert "现在一共 15 元" in str(refused.value)
    assert taken(session) == [0, 0, 0]


def test_delivery_costs_up_to_a_sum_and_goes_home(session, order, lunch, wang) -> None:
    session.execute(update(Canteen).values(delivery_fen=200, free_from_fen=1500))
    made = order(mode=Mode.DELIVERY)
    row = session.get(MealOrder, made.booking_id)
    assert (made.pays_fen, row.fee_fen, row.address) == (1000, 200, "3号楼501")
    assert row.phone == "13800000001"
    made = order([(lunch.fish, 1)], mode=Mode.DELIVERY, address="翠园2号楼101", phone="5551234")
    session.expire_all()
    assert (made.pays_fen, row.fee_fen) == (1500, 0)
    assert (row.address, row.phone) == ("翠园2号楼101", "5551234")
    order([(lunch.fish, 1)])
    session.expire_all()
    assert (row.address, row.phone) == (None, None)
    session.execute(update(Person).values(address=None))
    with pytest.raises(errors.DeliverWhere):
        order(mode=Mode.DELIVERY)
    session.execute(update(CanteenMeal).values(modes=["dine_in"]))
    with pytest.raises(errors.NotServedSo):
        order(mode=Mode.PICK_UP)
    assert sound(session)


def test_childrens_sets_are_for_children(session, order, lunch, kitchen, wang, make) -> None:
    kitchen.tofu.for_children = True
    session.flush()
    with pytest.raises(errors.ForChildren):
        order()
    for born, fits in ((lunch.day.replace(year=2008), False),
                       (lunch.day.replace(year=2008, day=13), True),
                       (None, False)):  # fmt: skip
        session.execute(update(Person).values(birth_date=born))
        if fits:
            order()
        else:
            with pytest.raises(errors.ForChildren):
                order()


def test_what_a_diet_is_against_has_to_be_confirmed(session, order, lunch, wang, now) -> None:
    session.add(Diet(person_id=wang.person.id, allergens=["fish"], changed_at=now))
    session.flush()
    with pytest.raises(errors.DietClash, match="清蒸鲈鱼含鱼"):
        order([(lunch.fish, 1)])
    [dish] = order([(lunch.fish, 1)], verb=service.quote)["dishes"]
    assert dish["clashes"][0]["must_confirm"]
    made = order([(lunch.fish, 1)], despite_diet=True)
    reasons = select(BookingEvent.reason).where(BookingEvent.booking_id == made.booking_id)
    assert service.DESPITE_DIET in list(session.scalars(reasons))


def test_a_day_called_off_after_it_was_shown(order, make, kitchen) -> None:
    make.canteen_day(kitchen.canteen)
    with pytest.raises(errors.DayOff, match="台风停餐"):
        order()


def test_what_is_not_on_show_is_not_there(session, order, planner, kitchen, lunch, now) -> None:
    friday = lunch.day + timedelta(days=1)
    plan = [Planned(dish_id=kitchen.tofu.id)]
    ident = planning.set_menu(session, planner, kitchen.id, friday, "lunch", plan, now)
    with pytest.raises(NotFound):
        order(meal_service_id=ident)
    planning.publish(session, planner, kitchen.id, friday, now + timedelta(hours=1), now)
    with pytest.raises(NotFound):
        order(meal_service_id=ident)
    with pytest.raises(NotFound):
        order(meal_service_id=999_999)


def test_for_somebody_of_the_household(session, order, make, wang) -> None:
    daughter = make.resident("王芳")
    me = Resident(daughter.account.id, daughter.person.id)
    with pytest.raises(NotFound):
        order(me=me)
    make.consent(daughter.account, wang.person)
    made = order(me=me)
    booked = session.get(Booking, made.booking_id)
    assert (booked.account_id, booked.person_id) == (daughter.account.id, wang.person.id)
    assert money(session, wang.person.id) == (10_000, 800)


def test_subsidies_are_kept_as_they_were(session, order, lunch, make) -> None:
    version = make.subsidy()
    quoted = order([(lunch.tofu, 2)], verb=service.quote)
    assert (quoted["subsidy_fen"], quoted["pays_fen"], quoted["rule"]) == (200, 1400, "长者助餐")
    assert (quoted["available_fen"], quoted["short_fen"]) == (10_000, 0)
    made = order([(lunch.tofu, 2)], pays_fen=1400)
    later = [{"percent": 5000, "payers": {"city": 1}}]
    make.subsidy(rule_id=version.rule_id, version=2, parts=later)
    assert sound(session)
    row = session.get(MealOrder, made.booking_id)
    assert (row.subsidy_fen, row.subsidy_version_id) == (200, version.id)
    quoted = order([(lunch.tofu, 2)], verb=service.quote)
    assert (quoted["booking_id"], quoted["pays_fen"]) == (made.booking_id, 1200)
    assert quoted["available_fen"] == 10_000


def test_at_the_desk_it_is_the_same(session, order, lunch, make, wang, now) -> None:
    clerk = make.staff()
    wanted = Wanted(
        meal_service_id=lunch.id, person_id=wang.person.id, dishes=[(lunch.tofu, 1)],
        mode=Mode.DINE_IN,
    )  # fmt: skip
    assert service.quote_at_desk(session, wanted, now)["pays_fen"] == 800
    made = service.order_for(session, Actor(staff_id=clerk.id), wanted, now)
    booked = session.get(Booking, made.booking_id)
    assert (booked.account_id, booked.staff_id) == (None, clerk.id)
    with pytest.raises(errors.OrdersClosed):
        service.order_for(session, Actor(staff_id=clerk.id), wanted, now + CUT_OFF)


def test_what_is_told(session, order, lunch, wang, make, now) -> None:
    made = order()
    order([(lunch.fish, 1), (lunch.tofu, 1)])
    booking.cancel(session, made.booking_id, Actor(staff_id=make.staff().id), now, "住院了")
    told = session.scalars(select(Reminder).order_by(Reminder.id)).all()
    assert [one.kind for one in told] == [Kind.BOOKED, Kind.BOOKED, Kind.CANCELLED]

    def say(number: int, **given) -> str | None:
        one = told[number]
        due = Due(
            one.id, Kind(one.kind), wang.person.id, "王秀英", booking_id=made.booking_id,
            facts=one.facts or {}, **given,
        )  # fmt: skip
        found = wording.compose(session, [due], now)
        assert not found.broken
        return found.messages[due.id].body if found.messages else None

    assert say(2) == "王秀英您好，您明天上午 11:00 的午餐退订了，餐费已经退回餐卡。原因：住院了。"
    session.execute(update(Booking).values(state=State.CONFIRMED))
    assert say(0) is None
    assert say(1) == (
        "王秀英您好，您明天上午 11:00 的午餐改好了：红烧豆腐 1 份、清蒸鲈鱼 1 份，堂食，共 23 元，"
        "从餐卡里扣。要改要退，请在今天下午 16:00 前办理。"
    )
    assert say(1, own=False).startswith("王秀英您好，您为王秀英订的明天上午 11:00 的午餐改好了")


def test_where_it_was_brought_is_forgotten(session, order, lunch, now) -> None:
    made = order(mode=Mode.DELIVERY, note="轻敲门")
    assert forgetting.forget(session, now + timedelta(days=30)) == 0
    assert forgetting.forget(session, now + timedelta(days=32)) == 1
    session.expire_all()
    row = session.get(MealOrder, made.booking_id)
    assert (row.address, row.phone, row.note) == (None, None, None)


BREAKS = {
    "portions-counted": update(MenuItem).values(taken=2),
    "orders-have-dishes": update(Booking).values(once_key=None),
    "orders-tie-out": update(MealOrder).values(list_fen=900, pays_fen=900),
    "subsidies-tie-out": update(MealLine).values(list_fen=900, subsidy_fen=100),
    "meals-are-paid": update(Booking).values(state=State.CANCELLED),
}


def test_the_check_finds_what_does_not_tie_out(session, order) -> None:
    order()
    assert set(BREAKS) == {one.name for one in check.CHECKS}
    for name, statement in BREAKS.items():
        nested = session.begin_nested()
        session.execute(statement.execution_options(synchronize_session=False))
        assert name in broken(session)
        nested.rollback()
    assert sound(session)


def test_my_orders(session, order, lunch, wang, make, now) -> None:
    made = order([(lunch.fish, 1), (lunch.tofu, 2)])
    [shown] = mine.list_mine(session, wang.me, now)
    assert (shown["booking_id"], shown["may_change"]) == (made.booking_id, True)
    assert [(one["name"], one["portions"]) for one in shown["dishes"]] == [
        ("红烧豆腐", 2), ("清蒸鲈鱼", 1),
    ]  # fmt: skip
    later = now + timedelta(days=2)
    assert mine.list_mine(session, wang.me, later) == []
    assert len(mine.list_mine(session, wang.me, later, past=True)) == 1
    stranger = make.resident("路人")
    with pytest.raises(NotFound):
        mine.get_mine(
            session, Resident(stranger.account.id, stranger.person.id), made.booking_id, now
        )
    assert b"SUMMARY" in mine.calendar_of(session, wang.me, made.booking_id, now)
