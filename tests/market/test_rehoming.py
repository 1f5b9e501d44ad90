"""Slots that are to be no more: whom it hits is seen first, each is moved or told why."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from backend import checking, clock
from backend.booking.errors import Cancelled
from backend.booking.models import Booking
from backend.desk import markets
from backend.market import cancelling, check, closing, planning, queries, service
from backend.market.errors import DayHit, SlotsHit, StallClosed
from backend.market.hours import reading
from backend.market.models import MarketDay, Stall
from backend.market.moving import look as moving_look
from backend.market.rehoming.look import Free, Hit, deal
from backend.market.rehoming.look import seen as seen_of
from backend.market.service import Wanted
from backend.places.models import Occupancy
from tests.market import confirming
from tests.market.test_moving import moved, rain, told  # noqa: F401 - a market of two stalls


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def stall_id(session, planner, market, now) -> int:
    """Nine to eleven in slots of fifteen minutes, every place bookable; residents see it."""
    plan = market.plan(walk_up_percent=0)
    ident = planning.add_stall(session, planner, market.day.id, plan, now)
    planning.open_day(session, planner, market.day.id, None, now)
    return ident


@pytest.fixture
def book(session, make, now):
    def book(stall_id: int, name: str, hour: int, minute: int = 0, **wish):
        who = make.resident(name)
        wanted = Wanted(
            stall_id=stall_id, person_id=who.person.id, starts_at=at(hour, minute), **wish
        )
        return who, service.book(session, who.me, wanted, now).booking_id

    return book


@pytest.fixture
def another(session, planner, market, make, now):
    """Adds a stall of the same service with somebody else."""

    def another_stall(**plan) -> int:
        one = make.provider("张师傅")
        make.paper(one)
        plan = market.plan(provider_ids=(one.id,), walk_up_percent=0, **plan)
        return planning.add_stall(session, planner, market.day.id, plan, now)

    return another_stall


def change(session, planner, stall_id: int, plan, now, reason: str | None = "师傅要早走") -> None:
    """Save, read whom it hits, confirm exactly that."""
    with pytest.raises(SlotsHit) as refused, session.begin_nested():
        planning.change_stall(session, planner, stall_id, plan, now)
    planning.change_stall(
        session, planner, stall_id, plan, now, reason=reason, seen=refused.value.seen
    )


def states(session) -> list[tuple[str, datetime]]:
    rows = session.execute(select(Booking.state, Booking.starts_at).order_by(Booking.id))
    return [tuple(row) for row in rows]


def holds(session, now) -> bool:
    return not any(one.rows for one in checking.run(session.connection(), check.CHECKS, now))


def test_other_hours_move_who_can_be_moved(session, planner, market, stall_id, book, now) -> None:
    first, _ = book(stall_id, "王秀英", 9)
    waits, _ = book(stall_id, "陈明", 9, wait=True)
    stays, _ = book(stall_id, "李强", 9, 30)
    change(session, planner, stall_id, market.plan(walk_up_percent=0, from_minute=555), now)
    assert states(session) == [
        ("confirmed", at(9, 15)), ("cancelled", at(9)), ("confirmed", at(9, 30)),
    ]  # fmt: skip
    assert told(session, first) == [
        "王秀英您好，您预约的理发，因为师傅要早走，改为3月14日（周六）09:15，在中心广场。"
        "不用重新预约；来不了，开始前都可以取消，不算迟取消。"
    ]
    [said] = told(session, waits)
    assert "您预约的理发，您候补的3月14日（周六）09:00，因为师傅要早走取消了，很抱歉。" in said
    assert told(session, stays) == []
    assert holds(session, now)
    planning.change_stall(session, planner, stall_id, market.plan(walk_up_percent=0), now)
    book(stall_id, "赵敏", 9)  # the slot stands again
    assert holds(session, now)


def test_who_is_shown_is_who_is_hit(session, planner, market, stall_id, book, now) -> None:
    book(stall_id, "王秀英", 9)
    plan = market.plan(walk_up_percent=0, from_minute=555)
    with pytest.raises(SlotsHit, match="1 位居民") as first, session.begin_nested():
        planning.change_stall(session, planner, stall_id, plan, now)
    seen = first.value.seen
    with pytest.raises(SlotsHit) as silent, session.begin_nested():
        planning.change_stall(session, planner, stall_id, plan, now, seen=seen)
    assert "reason" in silent.value.errors
    book(stall_id, "陈明", 9, wait=True)
    with pytest.raises(SlotsHit, match="现在涉及 2 位"), session.begin_nested():
        planning.change_stall(session, planner, stall_id, plan, now, reason="早走", seen=seen)
    assert states(session) == [("confirmed", at(9)), ("waiting", at(9))]


def test_another_barber_takes_over_at_the_same_time(
    session, planner, market, make, now, book
) -> None:
    other = make.provider("张师傅")
    make.paper(other)
    plan = market.plan(walk_up_percent=0, by_person=True)
    stall_id = planning.add_stall(session, planner, market.day.id, plan, now)
    planning.open_day(session, planner, market.day.id, None, now)
    who, _ = book(stall_id, "王秀英", 9, provider_id=market.barber.id)
    instead = market.plan(walk_up_percent=0, by_person=True, provider_ids=(other.id,))
    change(session, planner, stall_id, instead, now, "李师傅病了")
    assert states(session) == [("confirmed", at(9))]
    assert "因为李师傅病了，改为3月14日（周六）09:00（张师傅）" in told(session, who)[0]
    assert holds(session, now)


def test_a_stall_that_does_not_come_sends_its_people_elsewhere(
    session, planner, market, make, stall_id, book, another, now
) -> None:
    room = make.room(market.place)
    planning.change_stall(
        session, planner, stall_id, market.plan(walk_up_percent=0, room_id=room.id), now
    )
    other_id = another(from_minute=600, until_minute=630)
    moved_on, _ = book(stall_id, "王秀英", 9)
    nobody_left, _ = book(stall_id, "陈明", 9, 15)
    book(other_id, "李强", 10)
    with pytest.raises(SlotsHit), session.begin_nested():
        closing.close(session, planner, stall_id, now, reason="师傅病了")
    confirming.close(session, planner, stall_id, now, reason="师傅病了")
    assert states(session) == [
        ("confirmed", at(10, 15)), ("cancelled", at(9, 15)), ("confirmed", at(10)),
    ]  # fmt: skip
    assert "因为师傅病了，改为3月14日（周六）10:15" in told(session, moved_on)[0]
    assert "因为师傅病了取消了，很抱歉。" in told(session, nobody_left)[0]
    assert session.scalars(select(Occupancy.id)).all() == []
    estate = make.market_day(make.place("estate", market.place))
    planning.add_stall(session, planner, estate.id, market.plan(), now)  # the barber is free
    assert holds(session, now)
    shown = queries.get_day(session, market.day.id, now)["stalls"]
    assert [(one["closed"], len(one["slots"])) for one in shown] == [(True, 0), (False, 2)]
    with pytest.raises(Cancelled):
        book(stall_id, "赵敏", 9, 30)
    [listed] = queries.list_days(session, {"place_id": market.place.id}, now)
    assert listed["starts_at"] == "2026-03-14T10:00:00+08:00"  # when the one that comes opens
    assert [one["id"] for one in markets.list_stalls(session, planner, now)] == [other_id]
    with pytest.raises(StallClosed):
        planning.change_stall(session, planner, stall_id, market.plan(), now)
    after = now + timedelta(days=5)
    assert reading.one(session, planner, stall_id, market.barber.id, after).measured == []


def test_a_stall_called_off_stays_so_when_the_market_moves(
    session, planner, rain, now  # noqa: F811
) -> None:  # fmt: skip
    confirming.close(session, planner, rain.stalls[0], now)
    moved(session, planner, rain, now)
    closed = session.scalars(select(Stall.closed_at).order_by(Stall.id)).all()
    assert [one is not None for one in closed] == [True, False]
    assert holds(session, now)


def test_a_market_is_cancelled_as_it_was_seen(
    session, planner, market, stall_id, book, now
) -> None:
    book(stall_id, "王秀英", 9)
    seen = cancelling.look(session, planner, market.day.id, now).seen
    for said in ({"seen": seen}, {"seen": "other", "reason": "下雨"}):
        with pytest.raises(DayHit), session.begin_nested():
            cancelling.cancel_day(session, planner, market.day.id, now, **said)
    assert session.get_one(MarketDay, market.day.id).cancelled_at is None
    confirming.cancel_day(session, planner, market.day.id, now)
    assert states(session) == [("cancelled", at(9))]
    assert moving_look.list_moves(session, market.day.id) == []


@given(
    held=st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=12),
    free=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3)), max_size=6),
)
def test_no_slot_is_given_out_twice_and_none_is_left_while_somebody_goes_without(
    held, free
) -> None:
    hits = [
        Hit(
            booking_id=ident, bookable_id=1, stall_id=1, provider_id=None, person_id=ident,
            account_id=None, person_name=None, last_four=None, quantity=1,
            state="waiting" if waits else "confirmed", starts_at=at(9) + timedelta(minutes=minute),
        )
        for ident, (minute, waits) in enumerate(held)
    ]  # fmt: skip
    slots = [
        Free(ident, 2, None, None, at(9) + timedelta(minutes=minute), at(10), places)
        for ident, (minute, places) in enumerate(free)
    ]
    dealt = deal(hits, slots)
    gone = [one.to.slot_id for one in dealt if one.to]
    assert all(gone.count(one.slot_id) <= one.places for one in slots)
    movable = sum(one.state == "confirmed" for one in hits)
    assert len(gone) == min(movable, sum(one.places for one in slots))
    assert all(one.to is None for one in dealt if one.state == "waiting")
    assert seen_of(dealt) == seen_of(deal(hits, slots))
