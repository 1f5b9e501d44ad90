"""A stall closes while people wait: they are handed on to another, by a stated rule, each told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.errors import NotFound
from backend.market import calling, handing_on, lines, numbers, planning, service
from backend.market.errors import NotToThatStall
from backend.market.models import Stage, Stall, Ticket
from backend.market.number_facts import Wish
from backend.market.service import Wanted
from backend.market.statistics import counting
from backend.reminders.models import Reminder
from tests.market import confirming
from tests.market.test_check import broken

MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def add(session, planner, market, make, now):
    """Adds a stall with somebody of its own; its id."""

    def add_stall(name: str, **plan) -> int:
        one = make.provider(name)
        make.paper(one)
        given = market.plan(provider_ids=(one.id,), **plan)
        return planning.add_stall(session, planner, market.day.id, given, now)

    return add_stall


@pytest.fixture
def two(session, planner, market, add, now) -> tuple[int, int]:
    """Two stalls of one service, open to residents."""
    stalls = add("王师傅", walk_up_percent=0), add("张师傅", walk_up_percent=0)
    planning.open_day(session, planner, market.day.id, None, now)
    session.commit()
    return stalls


def take(session, stall_id: int, who, moment: datetime) -> int:
    wish = Wish(stall_id, who.person.id, numbers.code_of(stall_id, moment), anyway=True)
    return numbers.take(session, who.me, wish, moment).number


def order(session, stall_id: int, moment: datetime) -> list[int]:
    return [one["number"] for one in lines.of_stall(session, stall_id, moment)["waiting"]]


def test_those_who_wait_take_turns_with_those_there(session, two, planner, make) -> None:
    closing, other = two
    for minute in range(5):  # 1 to 5 here, of which 1 is at the desk and 2 was not there
        numbers.take_at_table(session, planner, closing, at(9, minute))
    for minute in (0, 30):
        numbers.take_at_table(session, planner, other, at(9, minute))
    call = calling.call_next
    call(session, planner, closing, 1, None, at(9, 5))
    call(session, planner, closing, 1, 1, at(9, 10))
    calling.skip(session, planner, closing, 1, 2)
    call(session, planner, closing, 1, None, at(9, 11))
    assert confirming.close(session, planner, closing, at(9, 40), other) == 3
    rows = session.execute(
        select(Ticket.number, Ticket.taken_at, Ticket.skipped_at).where(
            Ticket.stall_id == other, Ticket.number > 2
        ).order_by(Ticket.number)
    ).all()  # fmt: skip
    # 4 and 5 came before 2, which is called again after two more; so they are 3, 4 and 5 there.
    assert [tuple(row) for row in rows] == [
        (3, at(9, 3), None), (4, at(9, 4), None), (5, at(9, 1), -1),
    ]  # fmt: skip
    assert order(session, other, at(9, 40)) == [1, 3, 5, 2, 4]
    numbers.take_at_table(session, planner, other, at(9, 41))
    assert order(session, other, at(9, 41))[-1] == 6
    stages = session.scalars(
        select(Ticket.stage).where(Ticket.stall_id == closing).order_by(Ticket.number)
    ).all()
    assert stages == [Stage.SERVED, Stage.MOVED, Stage.CALLED, Stage.MOVED, Stage.MOVED]
    calling.serve(session, planner, closing, 1, 3, at(9, 50))  # who is at the desk is served
    counted = counting.stalls(session, Stall.id.in_(two), at(10)).stalls
    assert [counted[one][1].numbers for one in two] == [2, 6]  # nobody is counted twice
    assert broken(session) == set()


def test_who_booked_stays_due_and_everybody_is_told(session, two, make, planner, now) -> None:
    closing, other = two
    booker, walk_up, both = (make.resident(name) for name in ("约好的", "现场的", "两边都有"))
    wanted = Wanted(stall_id=closing, person_id=booker.person.id, starts_at=at(9))
    booked = service.book(session, booker.me, wanted, now).booking_id
    for who in (walk_up, both, booker):
        take(session, closing, who, at(8, 30))
    assert take(session, other, both, at(8, 31)) == 1
    confirming.close(session, planner, closing, at(8, 40), other)
    new = session.execute(
        select(Ticket.number, Ticket.person_id, Ticket.due_at, Ticket.booking_id)
        .where(Ticket.stall_id == other).order_by(Ticket.number)
    ).all()  # fmt: skip
    assert [tuple(row) for row in new] == [
        (1, both.person.id, None, None),
        (2, booker.person.id, at(9), booked),
        (3, walk_up.person.id, None, None),
    ]
    told = session.execute(
        select(Reminder.person_id, Reminder.facts).where(Reminder.ticket_id.is_not(None))
    ).all()
    assert {one.person_id: one.facts["number"] for one in told} == {
        booker.person.id: 2, walk_up.person.id: 3, both.person.id: 1,
    }  # fmt: skip
    mine = lines.list_mine(session, walk_up.me, at(8, 41))
    assert [(one["number"], one["stage"], one["moved_to_id"]) for one in mine] == [
        (3, "waiting", None), (1, "moved", mine[0]["id"]),
    ]  # fmt: skip
    assert broken(session) == set()


def test_where_they_can_be_handed_on_to(session, planner, market, add, two, now) -> None:
    closing, other = two
    young, shut = add("小王", min_age=60), add("老赵")
    confirming.close(session, planner, shut, at(9))
    stall = numbers.at_my_stall(session, planner, closing)
    [found] = handing_on.others(session, stall, at(9))
    assert (found["stall_id"], found["people"]) == (other, "张师傅")
    numbers.take_at_table(session, planner, closing, at(9))
    for wrong in (young, shut, closing, 999_999):
        with pytest.raises(NotToThatStall):
            confirming.close(session, planner, closing, at(9), wrong)
    session.rollback()
    with pytest.raises(NotFound):
        confirming.close(session, planner, 999_999, at(9), other)
