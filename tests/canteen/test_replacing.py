"""A dish of the day is replaced: who paid more gets it back, who must not eat it is called."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, true, update

from backend.booking.service import Actor, cancel
from backend.canteen.accounts import ledger
from backend.canteen.accounts.models import Entry, EntryKind, Hold, Purse
from backend.canteen.kitchen import alarms, board, closing, lines, replacing, sheet
from backend.canteen.kitchen import check as kitchen_check
from backend.canteen.kitchen.board import Tap
from backend.canteen.kitchen.errors import AlreadyReplaced, NotFrozen
from backend.canteen.kitchen.models import LateClash, Stage
from backend.canteen.models import Dish
from backend.canteen.ordering import check as ordering_check
from backend.canteen.ordering import mine
from backend.canteen.ordering.models import MealCut, MealLine, MealOrder, MealShare
from backend.canteen.pricing import facts
from backend.canteen.pricing.rules import Part, Payer, Rule
from backend.checking import run
from backend.errors import NotFound
from backend.reminders import call_list, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.canteen.kitchens import AFTER, CUTOFF, Cooked, cooked


@pytest.fixture
def cook(make) -> SignedInStaff:
    place = make.once("community", make.place)
    someone = make.staff(Role.COOK, place)
    return SignedInStaff(someone.id, "刘师傅", (Scope(Role.COOK, place.id, place.path, ""),))


@pytest.fixture
def lunch(make, session) -> Cooked:
    meal = cooked(make, session)
    meal.fish = meal.dish("清蒸鲈鱼", 1800).dish_id
    return meal


def purses(session) -> list[tuple[str, int]]:
    session.expire_all()
    return [
        (one.kind, one.balance_fen) for one in session.scalars(select(Purse).order_by(Purse.id))
    ]


def test_the_difference_comes_back_where_it_came_from(lunch: Cooked, make, session, cook) -> None:
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200, allergens=["crustaceans"])
    wang, li = make.person("王秀英"), make.person("李国强")
    order = lunch.order(wang, {"清蒸鲈鱼": 2})
    lunch.pays(wang, order, 3500, grant="重阳补助")
    lunch.pays(wang, order, 100)
    lunch.order(li, {"清蒸鲈鱼": 1})  # paid by somebody else: nothing comes back that nobody paid
    lunch.diet(li, allergens=["crustaceans"])
    item = lunch.items["清蒸鲈鱼"].id
    asked = (session, cook, lunch.id, item)
    with pytest.raises(NotFrozen):
        replacing.replace(*asked, shrimps.id, lunch.fish, "鲈鱼没到", make.now)
    closing.close(session, lunch.id, CUTOFF)
    [choice] = replacing.choices(*asked)[2]
    assert (choice.credit_fen, choice.against) == (1800, ["李国强"])
    assert replacing.replace(*asked, shrimps.id, lunch.fish, "鲈鱼没到", AFTER) == 1200
    session.commit()
    assert purses(session) == [("grant", 1100), ("cash", 100)]
    with pytest.raises(AlreadyReplaced):
        replacing.replace(*asked, shrimps.id, lunch.fish, "鲈鱼没到", AFTER)
    [change] = sheet.changes(lines.frozen(session, lunch.id), lines.current(session, lunch.id))
    assert (change.line.dish, change.clashes) == ("虾仁", ("allergen:crustaceans",))
    calls = call_list.list_calls(session, true(), AFTER)
    [call] = [one for one in calls if one["person_name"] == "李国强"]
    assert "虾仁可能不合适（过敏 虾蟹）" in call["tell"]
    cancel(session, order.id, Actor(staff_id=cook.staff_id), AFTER, "不吃了")
    assert purses(session) == [("grant", 3500), ("cash", 100)]  # all of it, and once
    kinds = session.scalars(select(Entry.kind).order_by(Entry.id)).all()
    assert kinds.count(EntryKind.CREDIT) == 2


def test_a_dearer_dish_costs_nobody_more(lunch: Cooked, make, session, cook) -> None:
    wang = make.person("王秀英")
    lunch.pays(wang, lunch.order(wang, {"清蒸鲈鱼": 1}), 1800)
    closing.close(session, lunch.id, CUTOFF)
    dear = make.dish(lunch.canteen, name="海参", list_fen=9000, allergens=[])
    item = lunch.items["清蒸鲈鱼"].id
    asked = (session, cook, lunch.id, item)
    assert replacing.replace(*asked, dear.id, lunch.fish, "鲈鱼没到", AFTER) == 0
    assert purses(session) == [("cash", 0)]
    elsewhere = make.dish(make.canteen(make.place(name="东湖社区")), name="别家").id
    with pytest.raises(NotFound):
        replacing.replace(*asked, elsewhere, dear.id, "鲈鱼没到", AFTER)
    told = session.scalars(select(Reminder)).one()
    assert told.facts["dish"] == "海参"


def test_a_replacement_is_replaced(lunch: Cooked, make, session, cook) -> None:
    """Credits add up to the largest difference; only what holds now is told and called about."""
    wang, li = make.person("王秀英"), make.person("李国强")
    order = lunch.order(wang, {"清蒸鲈鱼": 2})
    lunch.pays(wang, order, 3600)
    lunch.diet(li, allergens=["crustaceans"])
    lunch.order(li, {"清蒸鲈鱼": 1})
    closing.close(session, lunch.id, CUTOFF)
    item = lunch.items["清蒸鲈鱼"].id
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200, allergens=["crustaceans"])
    beef = make.dish(lunch.canteen, name="牛肉", list_fen=1500, allergens=[])
    tofu = make.dish(lunch.canteen, name="豆腐", list_fen=1000, allergens=["crustaceans"])
    had, cooked_id = [], lunch.fish
    for minute, dish in enumerate((shrimps, beef, tofu)):
        at = AFTER + timedelta(minutes=minute)
        expected = {choice.dish.id: choice.credit_fen
                    for choice in replacing.choices(session, cook, lunch.id, item)[2]}  # fmt: skip
        credited = replacing.replace(
            session, cook, lunch.id, item, dish.id, cooked_id, "没到货", at
        )
        session.commit()
        with pytest.raises(AlreadyReplaced):  # somebody else presses, who saw what was before
            replacing.replace(session, cook, lunch.id, item, tofu.id, cooked_id, "没到货", at)
        had.append(credited)
        cooked_id = dish.id
        told = " ".join(one["tell"] for one in call_list.list_calls(session, true(), at))
        assert ("可能不合适" in told) == (dish is not beef)
        assert f"{dish.name}可能不合适" in told or dish is beef
    # Li, for whom nobody paid, gets nothing back; of what is offered that counts as if they had.
    assert had == [1200, 0, 400]
    assert expected[lunch.fish] == 0
    assert purses(session) == [("cash", 1600)]
    assert {one.dish for one in lines.current(session, lunch.id)} == {"豆腐"}
    assert [one.name for one in replacing.ended_of_meal(session, lunch.id)] == ["虾仁", "牛肉"]
    back = (session, cook, lunch.id, item, lunch.fish, tofu.id, "鲈鱼到了", AFTER)
    assert replacing.replace(*back) == 0
    assert replacing.of_meal(session, lunch.id) == []
    reminder = session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    reminder.person_name, reminder.phone, reminder.owner_id = "李国强", None, None
    [message] = wording.compose(session, [call_list._due(reminder)], AFTER).messages.values()
    assert "还是做清蒸鲈鱼，不换成豆腐了。原因：鲈鱼到了。" in message.body
    cancel(session, order.id, Actor(staff_id=cook.staff_id), AFTER, "不吃了")
    assert purses(session) == [("cash", 3600)]


def test_a_second_replacement_is_what_everybody_sees(lunch: Cooked, make, session, cook) -> None:
    """The board, the order, and what is told: of two changes the one that holds."""
    daughter = make.resident("李娜")
    order = lunch.order(daughter.person, {"清蒸鲈鱼": 2}, account_id=daughter.account.id)
    lunch.pays(daughter.person, order, 3600)
    closing.close(session, lunch.id, CUTOFF)
    item = lunch.items["清蒸鲈鱼"].id
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200, allergens=[])
    tofu = make.dish(lunch.canteen, name="豆腐", list_fen=1000, allergens=[])
    seen, cooked_id = [], lunch.fish
    for minute, dish in enumerate((shrimps, tofu, session.get_one(Dish, lunch.fish))):
        at = AFTER + timedelta(minutes=minute)
        tap = Tap(menu_item_id=item, stage=Stage.COOKED, mode=None, count=1, key=f"tap {minute}")
        board.tap(session, cook, lunch.id, tap, at - timedelta(seconds=30))
        replacing.replace(session, cook, lunch.id, item, dish.id, cooked_id, "没到货", at)
        session.commit()
        cooked_id = dish.id
        [shown] = board.get_board(session, cook, lunch.id)["dishes"]
        [line] = mine.get_one(session, order.id, at)["dishes"]
        rows = session.scalars(select(Reminder).order_by(Reminder.id)).all()
        dues = [
            Due(row.id, Kind(row.kind), row.person_id, "李娜", booking_id=order.id, facts=row.facts)
            for row in rows
        ]
        told = wording.compose(session, dues, at).messages
        said = [told[row.id].body.split("，", 2)[2] for row in rows if row.id in told]
        done = [tile.done for tile in shown["tiles"]]
        seen.append((shown["name"], shown["was"], done, line["name"], line["instead"], said))
    back = "价格低的，差价已经退回餐卡。"
    assert seen == [
        ("虾仁", "清蒸鲈鱼", [0, 0], "清蒸鲈鱼", "虾仁",
         [f"清蒸鲈鱼换成虾仁。原因：没到货。{back}"]),
        ("豆腐", "清蒸鲈鱼", [0, 0], "清蒸鲈鱼", "豆腐",
         [f"清蒸鲈鱼改换成豆腐，不做虾仁了。原因：没到货。{back}"]),
        ("清蒸鲈鱼", None, [0, 0], "清蒸鲈鱼", None,
         ["还是做清蒸鲈鱼，不换成豆腐了。原因：没到货。"]),
    ]  # fmt: skip
    assert purses(session) == [("cash", 1600)]


def test_the_reminder_before_a_meal_names_what_is_cooked(
    lunch: Cooked, make, session, cook
) -> None:
    daughter = make.resident("李娜")
    order = lunch.order(daughter.person, {"清蒸鲈鱼": 1}, account_id=daughter.account.id)
    closing.close(session, lunch.id, CUTOFF)
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200, allergens=[])
    asked = (session, cook, lunch.id, lunch.items["清蒸鲈鱼"].id, shrimps.id, lunch.fish)
    replacing.replace(*asked, "没到货", AFTER)
    row = Reminder(
        kind=Kind.VISIT_SOON, person_id=order.person_id, account_id=order.account_id,
        booking_id=order.id, occasion_at=order.starts_at, due_at=AFTER, created_at=AFTER,
    )  # fmt: skip
    session.add(row)
    session.flush()
    due = Due(row.id, Kind.VISIT_SOON, row.person_id, "李娜", booking_id=order.id,
              occasion_at=row.occasion_at)  # fmt: skip
    assert "的午餐：虾仁 1 份。" in wording.compose(session, [due], AFTER).messages[row.id].body


def subsidised(make, session, order, version, fen: int) -> None:
    """The city gives so much towards its only line."""
    line = session.scalars(select(MealLine).where(MealLine.booking_id == order.id)).one()
    kept = session.get_one(MealOrder, order.id)
    for row in (line, kept):
        row.subsidy_fen, row.pays_fen = fen, row.list_fen - fen
    kept.subsidy_version_id = version.id
    make.add(MealShare(line_id=line.id, part=0, payer="city", fen=fen))
    session.commit()


def cuts(session) -> list[tuple[str, int]]:
    rows = session.execute(select(MealCut.payer, MealCut.fen).order_by(MealCut.booking_id))
    return [tuple(row) for row in rows]


def wrong(session) -> list[str]:
    session.flush()
    found = run(session.connection(), (*kitchen_check.CHECKS, *ordering_check.CHECKS), AFTER)
    return [one.check.name for one in found if one.rows]


def test_the_layers_give_what_the_rule_gives_for_what_is_cooked(
    lunch: Cooked, make, session, cook
) -> None:
    """A quarter of the price, of the new one; whoever eats gets back the rest of the difference."""
    version = make.subsidy(parts=[{"percent": 2500, "payers": {"city": 1}}])
    wang = make.person("王秀英")
    order = lunch.order(wang, {"清蒸鲈鱼": 1})
    subsidised(make, session, order, version, 450)
    lunch.pays(wang, order, 1350)
    closing.close(session, lunch.id, CUTOFF)
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200)
    item = lunch.items["清蒸鲈鱼"].id
    [choice] = replacing.choices(session, cook, lunch.id, item)[2]
    assert (choice.credit_fen, choice.cut_fen) == (450, 150)
    asked = (session, cook, lunch.id, item, shrimps.id, lunch.fish, "鲈鱼没到")
    assert replacing.replace(*asked, AFTER) == 450
    session.commit()
    assert purses(session) == [("cash", 450)]  # 9 yuan of 12 are paid, 3 are claimed
    assert cuts(session) == [("city", 150)]
    assert wrong(session) == []
    session.execute(delete(MealCut))
    assert wrong(session) == ["replaced-dishes-are-settled"]
    session.rollback()
    session.execute(update(MealCut).values(fen=451))
    assert wrong(session) == ["cuts-are-of-shares"]
    session.rollback()
    replacing.replace(session, cook, lunch.id, item, lunch.fish, shrimps.id, "鲈鱼到了", AFTER)
    session.commit()
    assert (purses(session), cuts(session)) == ([("cash", 450)], [])
    assert wrong(session) == []


def test_a_subsidy_that_ends_with_the_dish_costs_nobody_more(
    lunch: Cooked, make, session, cook
) -> None:
    """From 15 yuan on the city gives 5: of a dish for 14 nothing is claimed, and nobody pays it."""
    part = {"fixed_fen": 500, "min_spend_fen": 1500, "payers": {"city": 1}}
    version, wang = make.subsidy(parts=[part]), make.person("王秀英")
    order = lunch.order(wang, {"清蒸鲈鱼": 1})
    subsidised(make, session, order, version, 500)
    lunch.pays(wang, order, 1300)
    closing.close(session, lunch.id, CUTOFF)
    pork = make.dish(lunch.canteen, name="红烧肉", list_fen=1400)
    item = lunch.items["清蒸鲈鱼"].id
    asked = (session, cook, lunch.id, item, pork.id, lunch.fish, "鲈鱼没到")
    assert replacing.replace(*asked, AFTER) == 0
    session.commit()
    assert (purses(session), cuts(session)) == ([("cash", 0)], [("city", 500)])
    assert wrong(session) == []
    assert facts.used_by(session, wang.id, lunch.service.day, [limited(version)]) == {}


def limited(version) -> Rule:
    """The rule with a limit of meals a week."""
    part = Part(fixed_fen=500, week_meals=1, payers={Payer.CITY: 1})
    return Rule(
        id=version.rule_id, version=1, name="", starts_on=version.starts_on, parts=[part]
    )  # fmt: skip


def test_what_was_really_cooked_is_noted_afterwards(lunch: Cooked, make, session, cook) -> None:
    """The difference comes back; nobody is told or called about a meal that is over."""
    wang = make.person("王秀英")
    lunch.pays(wang, lunch.order(wang, {"清蒸鲈鱼": 1}), 1800)
    lunch.diet(wang, allergens=["crustaceans"])
    closing.close(session, lunch.id, CUTOFF)
    shrimps = make.dish(lunch.canteen, name="虾仁", list_fen=1200, allergens=["crustaceans"])
    item = lunch.items["清蒸鲈鱼"].id
    asked = (session, cook, lunch.id, item, shrimps.id, lunch.fish, "鲈鱼没到")
    over = lunch.service.ends_at
    with pytest.raises(NotFrozen):
        replacing.replace(*asked, over + replacing.LATEST)
    assert replacing.replace(*asked, over + timedelta(days=1)) == 600
    assert purses(session) == [("cash", 600)]
    assert session.scalars(select(Reminder)).all() == []
    assert session.scalars(select(LateClash)).all() == []


def test_credits_go_to_the_purse_that_paid(lunch: Cooked, make, session, cook) -> None:
    """Of two accounts that became one there are two purses of cash."""
    wang = make.person("王秀英")
    order = lunch.order(wang, {"清蒸鲈鱼": 1})
    account = ledger.account_of(session, wang.id, make.now)
    session.add(Purse(account_id=account, kind="cash", balance_fen=0, held_fen=0))
    session.flush()
    paying = Purse(account_id=account, kind="cash", balance_fen=1800, held_fen=1800)
    session.add(paying)
    session.flush()
    made = {"booking_id": order.id, "purse_id": paying.id, "fen": 1800, "made_at": make.now}
    session.add(Hold(**made, state="open"))
    closing.close(session, lunch.id, CUTOFF)
    greens = make.dish(lunch.canteen, name="青菜", list_fen=400, allergens=[])
    item = lunch.items["清蒸鲈鱼"].id
    asked = (session, cook, lunch.id, item, greens.id, lunch.fish, "鲈鱼没到", AFTER)
    assert replacing.replace(*asked) == 1400
    assert purses(session) == [("cash", 0), ("cash", 1400)]
    cancel(session, order.id, Actor(staff_id=cook.staff_id), AFTER, "不吃了")
    assert purses(session) == [("cash", 0), ("cash", 1800)]


def test_a_clash_found_late_is_called_about_once(lunch: Cooked, make, session) -> None:
    """Whatever brings it up: a diet noted late, or ingredients put right."""
    wang, li = make.person("王秀英"), make.person("李国强")
    lunch.diet(wang, allergens=["fish"], traits=["low_salt"])
    for person in (wang, li):
        lunch.order(person, {"清蒸鲈鱼": 1})
    closing.close(session, lunch.id, CUTOFF)
    assert alarms.raise_for(session, lunch.id, AFTER) == 0
    lunch.diet(li, avoids=["鲈鱼"], traits=["soft"])
    session.execute(update(Dish).values(allergens=["fish"]))
    session.commit()
    assert alarms.due(session, AFTER) == [lunch.id]
    assert alarms.raise_for(session, lunch.id, AFTER) == 2
    assert alarms.raise_for(session, lunch.id, AFTER) == 0
    marks = session.scalars(select(LateClash.mark).order_by(LateClash.mark)).all()
    assert marks == ["allergen:fish", "avoided:鲈鱼"]
