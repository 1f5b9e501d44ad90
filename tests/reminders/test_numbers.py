"""Messages to those who hold a queue number: soon, next, a long pause, closed; each once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.db import db, transaction
from backend.market import calling, line_news, numbers
from backend.market.models import Stall, Ticket
from backend.market.number_facts import Wish
from backend.reminders.models import Kind
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.factories import Make, Signed
from tests.market import confirming
from tests.reminders.post import Post, inbox, reminders
from tests.reminders.test_lessons import at

MINUTE = timedelta(minutes=1)
NINE = at("14T09:00")


@pytest.fixture
def planner(make: Make) -> SignedInStaff:
    place = make.once("community", make.place)
    scope = Scope(Role.WORKER, place.id, place.path, place.name)
    return SignedInStaff(make.staff(place=place).id, "王敏", (scope,))


@pytest.fixture
def stall(make: Make) -> Stall:
    """One barber, ten minutes each, from nine to eleven."""
    day = make.market_day(opened_at=make.now, books_from=make.now)
    haircut = make.service(minutes=10)
    return make.stall(day, haircut, make.provider(), at_once=1, slot_minutes=10, breaks=[])


@pytest.fixture
def line(make: Make, stall: Stall) -> list[Signed]:
    """Five people who took their numbers at nine."""
    people = [make.resident(name) for name in ("甲", "乙", "丙", "丁", "戊")]
    for who in people:
        with transaction() as session:
            wish = Wish(stall.id, who.person.id, numbers.code_of(stall.id, NINE))
            numbers.take(session, who.me, wish, NINE)
    return people


def derive(now) -> int:
    with transaction() as session:
        return line_news.derive(session, now)


def told() -> list[tuple[str, int]]:
    return [(row.kind, row.person_id) for row in reminders() if row.ticket_id is not None]


def desk(verb, *args) -> None:
    with transaction() as session:
        verb(session, *args)


def test_soon_and_next_are_told_once_as_the_line_moves(
    stall: Stall, line: list[Signed], planner
) -> None:
    assert derive(NINE - 30 * MINUTE) == 0  # long before the stall opens
    assert derive(NINE) == 1
    assert told() == [(Kind.NUMBER_NEXT, line[0].person.id)]
    assert derive(NINE) == 0
    desk(calling.call_next, planner, stall.id, 1, None, NINE)
    assert derive(NINE + MINUTE) == 1  # the second is next, and has waited no quarter of an hour
    assert told()[-1] == (Kind.NUMBER_NEXT, line[1].person.id)
    desk(calling.call_next, planner, stall.id, 1, 1, NINE + 10 * MINUTE)
    assert derive(NINE + 10 * MINUTE) == 1
    assert told()[-1] == (Kind.NUMBER_NEXT, line[2].person.id)
    desk(calling.call_next, planner, stall.id, 1, 2, NINE + 20 * MINUTE)
    desk(calling.skip, planner, stall.id, 1, 3)  # not there; told once, and not again
    assert derive(NINE + 21 * MINUTE) == 2
    assert told()[-2:] == [
        (Kind.NUMBER_NEXT, line[3].person.id), (Kind.NUMBER_SOON, line[4].person.id),
    ]  # fmt: skip
    for minute in (22, 23):
        assert derive(NINE + minute * MINUTE) == 0


def test_a_long_pause_is_told_to_everybody_once(stall: Stall, line, planner) -> None:
    desk(calling.pause, planner, stall.id, NINE)
    assert derive(NINE + 9 * MINUTE) == 0
    assert derive(NINE + 10 * MINUTE) == 5
    assert derive(NINE + 11 * MINUTE) == 0
    assert {kind for kind, _ in told()} == {Kind.NUMBER_PAUSED}


def test_what_is_said_on_wechat_and_in_the_inbox(
    post: Post, stall: Stall, line: list[Signed], planner
) -> None:
    first, *_, last = line
    post.allow(first, "lesson")
    derive(NINE)
    post.deliver(NINE)
    [said] = post.on_phone(first)
    assert said["data"]["thing4"] == "下一位就是您，请到摊位前"
    [copy] = inbox(first)
    assert copy.body == "甲您好，您理发的 1 号，下一位就是您，请到摊位前等候。地点：中心广场。"
    desk(calling.call_next, planner, stall.id, 1, None, NINE)
    ticket = db.session.scalars(select(Ticket).filter_by(number=2)).one()
    desk(numbers.leave, line[1].me, ticket.id, NINE)
    derive(NINE + MINUTE)
    desk(calling.call_next, planner, stall.id, 1, 1, NINE + 2 * MINUTE)
    post.deliver(NINE + 2 * MINUTE)
    assert inbox(line[2]) == []  # called meanwhile: it is told no more
    desk(confirming.close, planner, stall.id, NINE + 3 * MINUTE)
    post.deliver(NINE + 3 * MINUTE)
    [copy] = inbox(last)
    assert copy.title == "摊位提前收摊"
    assert copy.body.startswith("戊您好，您理发的 5 号：很抱歉，因为师傅临时有事，摊位提前收摊了")
    assert [row.person_id for row in reminders(kind=Kind.NUMBER_CLOSED)] == [
        line[3].person.id, last.person.id,
    ]  # fmt: skip


def test_who_holds_a_number_hears_that_the_market_is_cancelled(
    post: Post, stall: Stall, line: list[Signed], planner
) -> None:
    desk(confirming.cancel_day, planner, stall.market_day_id, NINE)
    post.deliver(NINE)
    [copy] = inbox(line[0])
    assert copy.body == "甲您好，您理发的 1 号：很抱歉，因为下大雨，这场集市取消了，请不用再等。"
    assert db.session.get_one(Stall, stall.id).closed_at is None
