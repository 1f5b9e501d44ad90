"""A dish of the day is replaced: who paid more gets it back, who must not eat it is called."""

import pytest
from sqlalchemy import select, update

from backend.booking.service import Actor, cancel
from backend.canteen.accounts.models import Entry, EntryKind, Purse
from backend.canteen.kitchen import alarms, closing, lines, replacing, sheet
from backend.canteen.kitchen.errors import AlreadyReplaced, NotFrozen
from backend.canteen.kitchen.models import LateClash
from backend.canteen.models import Dish
from backend.errors import NotFound
from backend.reminders import call_list
from backend.reminders.models import Reminder
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
    meal.dish("清蒸鲈鱼", 1800)
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
        replacing.replace(*asked, shrimps.id, "鲈鱼没到", make.now)
    closing.close(session, lunch.id, CUTOFF)
    [choice] = replacing.choices(*asked)[2]
    assert (choice.credit_fen, choice.against) == (1800, ["李国强"])
    assert replacing.replace(*asked, shrimps.id, "鲈鱼没到", AFTER) == 1200
    session.commit()
    assert purses(session) == [("grant", 1100), ("cash", 100)]
    with pytest.raises(AlreadyReplaced):
        replacing.replace(*asked, shrimps.id, "鲈鱼没到", AFTER)
    [change] = sheet.changes(lines.frozen(session, lunch.id), lines.current(session, lunch.id))
    assert (change.line.dish, change.clashes) == ("虾仁", ("allergen:crustaceans",))
    calls = call_list.list_calls(session, [lunch.make.once("community", make.place).path], AFTER)
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
    assert replacing.replace(session, cook, lunch.id, item, dear.id, "鲈鱼没到", AFTER) == 0
    assert purses(session) == [("cash", 0)]
    other = make.canteen(make.place(name="东湖社区"))
    with pytest.raises(NotFound):
        replacing.replace(
            session, cook, lunch.id, item, make.dish(other, name="别家").id, "鲈鱼没到", AFTER
        )
    told = session.scalars(select(Reminder)).one()
    assert told.facts["dish"] == "海参"


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
