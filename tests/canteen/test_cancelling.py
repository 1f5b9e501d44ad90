"""A day called off for weather: every order ends, money comes back once, all are told why."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import checking, clock
from backend.booking import bookables
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen import cancelling
from backend.canteen.accounts import check
from backend.canteen.accounts.models import Entry, EntryKind, Purse
from backend.canteen.kitchen import closing
from backend.canteen.models import CanteenDay
from backend.canteen.ordering import check as ordering_check
from backend.errors import NotFound
from backend.reminders import wording
from backend.reminders.call_list import _due
from backend.reminders.models import Kind, Reminder
from backend.reminders.recipients import recipients
from backend.reminders.wording import Due
from backend.staff.models import AuditEntry
from tests.canteen.kitchens import CUTOFF, DAY, Cooked, cooked

WHY = "台风红色预警"


@pytest.fixture
def lunch(make, session) -> Cooked:
    meal = cooked(make, session)
    meal.dish("清炒时蔬", 400)
    return meal


def told(session) -> list[str]:
    found = session.scalars(select(Reminder).where(Reminder.kind == Kind.CANCELLED)).all()
    return [one.facts["reason"] for one in found]


def purse(session) -> list[tuple[int, int]]:
    session.expire_all()
    return [(one.balance_fen, one.held_fen) for one in session.scalars(select(Purse))]


@pytest.mark.parametrize("charged", [False, True])
def test_a_day_is_called_off_once(lunch: Cooked, make, session, planner, charged: bool) -> None:
    wang, li = make.person("王秀英"), make.person("李国强")
    lunch.pays(wang, lunch.order(wang, {"清炒时蔬": 2}), 800)
    lunch.order(li, {"清炒时蔬": 1})
    breakfast = cooked(make, session, meal="breakfast", starts_at=clock.at_minute(DAY, 400))
    if charged:
        closing.close(session, lunch.id, CUTOFF)
        assert purse(session) == [(0, 0)]
    found = cancelling.look(session, planner, lunch.canteen.id, DAY, make.now)
    assert [len(one["orders"]) for one in found["meals"]] == [0, 2]
    for count in (2, 0):  # pressed twice, or by two people
        assert count == cancelling.cancel(
            session, planner, lunch.canteen.id, DAY, None, WHY, make.now
        )
        session.commit()
        assert purse(session) == [(800, 0)]
    assert set(session.scalars(select(Booking.state))) == {State.CANCELLED}
    assert told(session) == [WHY, WHY]
    assert session.scalars(select(CanteenDay.reason)).all() == [WHY]
    assert lunch.stands().cancelled_at is not None
    assert breakfast.stands().cancelled_at is not None
    assert session.scalar(select(func.sum(Entry.fen))) == 800
    session.refresh(lunch.items["清炒时蔬"])
    assert lunch.items["清炒时蔬"].taken == 0
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("meal.cancel") == 1
    assert closing.due(session, CUTOFF) == []


def test_many_orders_end_in_the_statements_of_a_few(make, session, statements) -> None:
    """Held or charged: all of it comes back, to everybody."""
    sent = []
    for count, kind in ((2, "breakfast"), (12, "dinner")):
        meal = cooked(make, session, meal=kind)
        meal.dish(f"{kind}粥", 300)
        for number in range(count):
            person, portions = make.person(f"居民{count}-{number}"), 1 + number % 2
            meal.pays(person, meal.order(person, {f"{kind}粥": portions}), 300 * portions)
        if count == 12:
            closing.close(session, meal.id, CUTOFF)
        had = session.scalar(select(func.sum(Entry.fen)).where(Entry.kind == EntryKind.TOP_UP))
        del statements[:]
        ended = bookables.cancel(session, meal.id, Actor(), make.now, WHY)
        sent.append(len(statements))
        assert ended == count
        assert session.scalar(select(func.sum(Entry.fen))) == had
    assert sent[0] == sent[1], "as many statements for 12 as for 2"
    assert len(told(session)) == 14
    assert sum(balance for balance, _held in purse(session)) == had
    assert {held for _balance, held in purse(session)} == {0}
    found = checking.run(session.connection(), (*check.CHECKS, *ordering_check.CHECKS), None)
    assert [one.check.name for one in found if one.rows] == []


def test_what_is_broken_off_is_done_by_who_comes_next(lunch, make, session, planner) -> None:
    wang = make.person("王秀英")
    lunch.pays(wang, lunch.order(wang, {"清炒时蔬": 2}), 800)
    closing.close(session, lunch.id, CUTOFF)
    asked = (session, planner, lunch.canteen.id, DAY, None, WHY, make.now)

    def break_off() -> None:
        with session.begin_nested():
            assert cancelling.cancel(*asked) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert purse(session) == [(0, 0)]
    assert told(session) == []
    assert cancelling.cancel(*asked) == 1
    assert purse(session) == [(800, 0)]
    assert told(session) == [WHY]


def test_one_meal_of_a_day(lunch: Cooked, make, session, planner) -> None:
    breakfast = cooked(make, session, meal="breakfast", starts_at=clock.at_minute(DAY, 400))
    cancelling.cancel(session, planner, lunch.canteen.id, DAY, "breakfast", WHY, make.now)
    assert breakfast.stands().cancelled_at is not None
    assert lunch.stands().cancelled_at is None
    assert session.scalars(select(CanteenDay)).all() == []


def test_the_reason_is_said(lunch: Cooked, make, session, planner) -> None:
    lunch.order(make.person("王秀英"), {"清炒时蔬": 1})
    cancelling.cancel(session, planner, lunch.canteen.id, DAY, None, WHY, make.now)
    row = session.execute(select(Reminder)).scalar_one()
    row.person_name, row.phone, row.owner_id = "王秀英", None, None
    [message] = wording.compose(session, [_due(row)], make.now).messages.values()
    assert f"原因：{WHY}。" in message.body


def said_to(session, now) -> dict[str, str]:
    """What each reminder of a cancellation says, by the name of whom it is for."""
    rows = session.scalars(select(Reminder).where(Reminder.kind == Kind.CANCELLED)).all()
    to = recipients(session, [row.id for row in rows], now)
    dues = [
        Due(row.id, Kind(row.kind), row.person_id, to[row.id].name, own=to[row.id].own,
            booking_id=row.booking_id, facts=row.facts)
        for row in rows
    ]  # fmt: skip
    messages = wording.compose(session, dues, now).messages
    return {to[row.id].name: messages[row.id].body for row in rows}


def test_an_account_is_told_once_of_all_it_has_ordered(
    lunch: Cooked, make, session, planner
) -> None:
    """For herself, her mother, and her father, whose consent has ended since."""
    breakfast = cooked(make, session, meal="breakfast", starts_at=clock.at_minute(DAY, 400),
                       ends_at=clock.at_minute(DAY, 480))  # fmt: skip
    breakfast.dish("小米粥", 300)
    daughter = make.resident("李娜")
    mother, father = make.person("王秀英"), make.person("李国强")
    make.consent(daughter.account, mother)
    account_id = daughter.account.id
    for meal, dish in ((lunch, "清炒时蔬"), (breakfast, "小米粥")):
        for person in (mother, daughter.person):
            meal.order(person, {dish: 1}, account_id=account_id)
    lunch.order(father, {"清炒时蔬": 1}, account_id=account_id)
    lunch.order(make.person("赵玉兰"), {"清炒时蔬": 1})
    assert cancelling.cancel(session, planner, lunch.canteen.id, DAY, None, WHY, make.now) == 6
    session.commit()
    told = said_to(session, make.now)
    assert told["李娜"] == (
        "李娜您好，很抱歉，春晖社区食堂 3月12日（周四）的这几份餐停了：您的早餐、午餐，"
        "为王秀英订的早餐、午餐。餐费已经退回餐卡。原因：台风红色预警。"
    )
    assert sorted(told) == ["李国强", "李娜", "赵玉兰"]
    assert "您明天上午 11:00 的午餐：很抱歉，这一餐停了" in told["李国强"]
    over = said_to(session, clock.at_minute(DAY, 490))["李娜"]
    assert "：您的午餐，为王秀英订的午餐。" in over


def test_a_person_whom_staff_ordered_for_is_told_once(
    lunch: Cooked, make, session, planner
) -> None:
    breakfast = cooked(make, session, meal="breakfast", starts_at=clock.at_minute(DAY, 400))
    breakfast.dish("小米粥", 300)
    wang = make.person("王秀英")
    lunch.order(wang, {"清炒时蔬": 1})
    breakfast.order(wang, {"小米粥": 1})
    cancelling.cancel(session, planner, lunch.canteen.id, DAY, None, WHY, make.now)
    assert "：您的早餐、午餐。" in said_to(session, make.now)["王秀英"]


def test_many_are_told_in_the_statements_of_a_few(make, session, planner, statements) -> None:
    sent = []
    for day, count in ((DAY, 2), (DAY + timedelta(days=1), 12)):
        for kind in ("breakfast", "lunch"):
            meal = cooked(make, session, day=day, meal=kind)
            meal.dish(f"{day}{kind}", 300)
            for number in range(count):
                daughter = make.once(f"daughter{number}", make.resident)
                for whom in ("mother", "father"):
                    person = make.once(f"{whom}{number}", make.person)
                    meal.order(person, {f"{day}{kind}": 1}, account_id=daughter.account.id)
        del statements[:]
        cancelling.cancel(session, planner, meal.canteen.id, day, None, WHY, make.now)
        sent.append(len(statements))
    assert sent[0] == sent[1]


def test_a_feast_is_called_off_too(lunch: Cooked, make, session, planner) -> None:
    """An entry that the canteen cooks gives way to one that it does not."""
    make.canteen_day(lunch.canteen, serves=True, reason="重阳节加餐", day=DAY)
    cancelling.cancel(session, planner, lunch.canteen.id, DAY, None, WHY, make.now)
    session.expire_all()
    assert [(one.serves, one.reason) for one in session.scalars(select(CanteenDay))] == [
        (False, WHY)
    ]


def test_not_elsewhere(lunch: Cooked, make, session, planner) -> None:
    other = make.canteen(make.place(name="东湖社区"))
    with pytest.raises(NotFound):
        cancelling.cancel(session, planner, other.id, DAY, None, WHY, make.now)
