"""What people are told about standing orders: meals that were made, left out, and rests."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking import service as booking
from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.items import Planned
from backend.canteen.repeating import mine, service, working
from backend.canteen.repeating.models import Rest
from backend.people.queries import Resident
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.recipients import recipients
from backend.reminders.templates import FIELDS
from backend.reminders.wording import Due, Message
from tests.canteen.standing import MONDAY, WEEK, menus, plan


@pytest.fixture
def week(make, session, planner, kitchen, now):
    return menus(make, session, planner, kitchen, now)


@pytest.fixture
def wang(make, top_up):
    someone = make.resident()
    top_up(someone.person.id, 100_00)
    return someone


@pytest.fixture
def daughter(make, wang):
    someone = make.resident("王芳")
    make.consent(someone.account, wang.person)
    return someone


def me_of(someone) -> Resident:
    return Resident(someone.account.id, someone.person.id)


def told(session, now) -> list[tuple[str, Message | None]]:
    """Who gets which message, in the order they were written."""
    session.expire_all()
    rows = session.scalars(select(Reminder).order_by(Reminder.id)).all()
    to = recipients(session, [row.id for row in rows], now)
    dues = [
        Due(
            id=row.id, kind=Kind(row.kind), person_id=row.person_id, to=to[row.id].name,
            own=to[row.id].own, booking_id=row.booking_id, facts=row.facts or {},
        )
        for row in rows
    ]  # fmt: skip
    worded = wording.compose(session, dues, now)
    assert not worded.broken
    for message in worded.messages.values():
        keys = set(FIELDS[message.template]) if message.template else set()
        assert set(message.fields) == keys
    return [(to[row.id].name, worded.messages.get(row.id)) for row in rows]


def test_a_week_of_meals_is_told_once_and_quietly(
    session, kitchen, week, wang, daughter, top_up, now
) -> None:
    asked = plan(wang.person.id, kitchen.id)
    mine.set_up(session, me_of(daughter), asked, now)
    session.commit()
    [(reader, message)] = told(session, now)
    assert (reader, message.template, message.page) == ("王芳", None, "canteen/pages/standing")
    assert message.body == (
        "王芳您好，王秀英的固定订餐订好了。午餐：3月16日（周一）、3月17日（周二）、3月18日（周三）、"
        "3月19日（周四）、3月20日（周五），在春晖社区食堂，共 50 元。"
        "哪天不吃，请在截止前到“固定订餐”里点“这天不吃”。"
    )
    [facts] = session.scalars(select(Reminder.facts)).all()
    booking.cancel(session, facts["standing_made"][0], Actor(account_id=daughter.account.id), now)
    assert "3月16日" not in told(session, now)[0][1].body
    assert told(session, now + timedelta(days=10)) == [("王芳", None)]
    assert working.run(kitchen.id, now, lambda: False) == 0
    assert len(told(session, now)) == 1  # nothing new, nothing told


def test_who_asked_for_it_is_told_what_lacks(
    session, make, planner, kitchen, week, wang, daughter, now
) -> None:
    """Of one person's meals each of those who asked hears about theirs."""
    li = make.resident("李建国")
    make.consent(daughter.account, li.person)
    make.canteen_meal(kitchen.canteen, meal="dinner", from_minute=1020, until_minute=1110)
    fish = [Planned(dish_id=kitchen.fish.id)]
    planning.set_menu(session, planner, kitchen.id, WEEK[1], "dinner", fish, now)
    planning.publish(session, planner, kitchen.id, MONDAY, None, now)
    mine.set_up(session, me_of(li), plan(li.person.id, kitchen.id, weekdays=[0]), now)
    dishes = [kitchen.fish.id]
    dinner = plan(li.person.id, kitchen.id, weekdays=[1], meal="dinner", dish_ids=dishes)
    service.set_up(session, dinner, Actor(account_id=daughter.account.id), now)
    session.commit()
    [(own, first), (family, second)] = told(session, now)
    assert (own, family) == ("李建国", "王芳")
    assert "您在春晖社区食堂的固定订餐有没订上的：3月16日（周一）午餐（餐卡余额不够）" in first.body
    assert "李建国在春晖社区食堂的固定订餐有没订上的：3月17日（周二）晚餐" in second.body


@pytest.mark.parametrize(
    ("orders", "sayer", "heard"),
    [
        ("daughter", "wang", ["王芳您好，王秀英把自己的固定订餐停了（住院）"]),
        ("daughter", "daughter", ["王秀英您好，王芳把您的固定订餐停了（住院）"]),
        ("wang", "daughter", ["王秀英您好，王芳把您的固定订餐停了（住院）"]),
        ("wang", "wang", []),
        (
            "daughter",
            "staff",
            [
                "王秀英您好，社区工作人员把您的固定订餐停了（住院）",
                "王芳您好，社区工作人员把王秀英的固定订餐停了（住院）",
            ],
        ),
    ],
)
def test_a_rest_is_told_to_those_who_did_not_say_so(
    session, make, kitchen, week, wang, daughter, now, orders, sayer, heard
) -> None:
    people = {"wang": wang, "daughter": daughter}
    asked = plan(wang.person.id, kitchen.id, weekdays=[0, 1])
    mine.set_up(session, me_of(people[orders]), asked, now)
    said_by = (
        Actor(staff_id=make.staff(name="陈敏").id)
        if sayer == "staff"
        else Actor(account_id=people[sayer].account.id)
    )
    for _ in range(2):  # the same once more: by a lost answer, or by two people
        service.pause(session, wang.person.id, MONDAY, None, Rest.HOSPITAL, said_by, now)
    session.commit()
    bodies = [message.body for _reader, message in told(session, now) if message]
    assert [one.partition("：")[0] for one in bodies] == heard
    more = (
        "：3月16日（周一）起，恢复之前一直停。订好的 2 餐已经退掉，钱回到餐卡。"
        "要恢复，请到“固定订餐”里点“恢复订餐”。"
    )
    assert all(one.endswith(more) for one in bodies)


def test_a_rest_that_is_over_before_it_is_told_is_not(
    session, kitchen, week, wang, daughter, now
) -> None:
    mine.set_up(session, me_of(daughter), plan(wang.person.id, kitchen.id), now)
    me = me_of(daughter)
    mine.pause(session, me, wang.person.id, MONDAY, WEEK[1], Rest.AWAY, now)
    session.commit()
    assert "（外出）：3月16日（周一）到3月17日（周二）。" in told(session, now)[1][1].body
    mine.resume(session, me, wang.person.id, MONDAY, now)
    session.commit()
    assert [message for reader, message in told(session, now) if reader == "王秀英"] == [None]


def test_nobody_is_told_of_the_rest_of_someone_without_standing_orders(
    session, wang, daughter, now
) -> None:
    mine.pause(session, me_of(daughter), wang.person.id, MONDAY, None, Rest.AWAY, now)
    assert told(session, now) == []
