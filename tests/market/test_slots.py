"""Slots: made as a market opens, booked by the one mechanism, changed without losing both."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking import service as booking
from backend.booking import visits
from backend.booking.errors import CancelTooLate, Full, NotLive
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.errors import NotFound
from backend.market import planning, service
from backend.market.errors import (
    AgeUnknown,
    BooksLater,
    ForNeighbours,
    MarketCancelled,
    NotReady,
    NotThisAge,
    OnceADay,
    SlotBegun,
    StallBooked,
)
from backend.market.models import MarketSlot
from backend.market.service import Wanted
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from tests.market import confirming


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def opened(session, planner, market, make, now):
    """Opens the market with a stall as planned; its id."""

    def open_with(books_from: datetime | None = None, **plan) -> int:
        stall_id = planning.add_stall(session, planner, market.day.id, market.plan(**plan), now)
        planning.open_day(session, planner, market.day.id, books_from, now)
        session.commit()
        return stall_id

    return open_with


def wanted(stall_id: int, who, start: datetime, **given) -> Wanted:
    return Wanted(**{"stall_id": stall_id, "person_id": who.person.id, "starts_at": start} | given)


def slots_of(session, stall_id: int):
    return session.execute(
        select(
            MarketSlot.provider_id, MarketSlot.starts_at, MarketSlot.capacity, MarketSlot.taken,
            MarketSlot.waiting, MarketSlot.id,
        )
        .where(MarketSlot.stall_id == stall_id)
        .order_by(MarketSlot.starts_at, MarketSlot.provider_id)
    ).all()  # fmt: skip


def test_opening_makes_the_slots_and_keeps_the_share(session, opened, planner, market, now) -> None:
    stall_id = opened(breaks=((600, 615),), at_once=2, walk_up_percent=50)
    found = slots_of(session, stall_id)
    assert [(one.starts_at, one.capacity) for one in found] == [
        (at(9, 0) + timedelta(minutes=15 * n), 1) for n in (0, 1, 2, 3, 5, 6, 7)
    ]
    with pytest.raises(NotReady):
        planning.open_day(session, planner, market.day.id, None, now)
    again = market.plan(at_once=3, walk_up_percent=0)
    planning.change_stall(session, planner, stall_id, again, now)  # nobody has booked yet
    assert [one.capacity for one in slots_of(session, stall_id)] == [3] * 8


def test_a_market_without_stalls_does_not_open(session, planner, market, now) -> None:
    with pytest.raises(NotReady):
        planning.open_day(session, planner, market.day.id, None, now)


def test_who_can_be_chosen_takes_turns_in_being_kept(session, opened, market, make) -> None:
    other = make.provider("张师傅")
    make.paper(other)
    both = (market.barber.id, other.id)
    stall_id = opened(provider_ids=both, at_once=2, by_person=True, until_minute=600)
    found = slots_of(session, stall_id)
    assert [(one.provider_id, one.starts_at.minute) for one in found] == [
        (both[0], 0), (both[1], 15), (both[0], 30), (both[1], 45),
    ]  # fmt: skip


def test_anybody_is_whoever_has_most_time(session, opened, market, make, now) -> None:
    other = make.provider("张师傅")
    make.paper(other)
    both = (market.barber.id, other.id)
    stall_id = opened(provider_ids=both, at_once=2, by_person=True, walk_up_percent=0)
    people = [make.resident(name) for name in ("甲一", "乙二", "丙三", "丁四")]
    taken = []
    for who, start, whom in (
        (people[0], at(9), both[0]), (people[1], at(9, 15), None), (people[2], at(9, 15), None),
    ):  # fmt: skip
        asked = wanted(stall_id, who, start, provider_id=whom)
        booked = service.book(session, who.me, asked, now)
        slot = session.get_one(MarketSlot, session.get_one(Booking, booked.booking_id).bookable_id)
        taken.append(slot.provider_id)
    assert taken == [both[0], both[1], both[0]]  # with one gone, the other had more time
    with pytest.raises(Full):
        service.book(session, people[3].me, wanted(stall_id, people[3], at(9, 15)), now)
    asked = wanted(stall_id, people[3], at(9, 15), wait=True)
    assert service.book(session, people[3].me, asked, now).state == State.WAITING


@pytest.mark.parametrize(
    ("refusal", "given", "person", "days"),
    [
        (NotThisAge, {"min_age": 67}, {}, 0),
        (NotThisAge, {"max_age": 65}, {}, 0),
        (AgeUnknown, {"min_age": 60}, {"birth_date": None}, 0),
        (None, {"min_age": 66, "max_age": 66}, {}, 0),
        (BooksLater, {"books_from": datetime(2026, 3, 13, 9, tzinfo=clock.LOCAL)}, {}, 0),
        (None, {"books_from": datetime(2026, 3, 13, 9, tzinfo=clock.LOCAL)}, {}, 2),
        (SlotBegun, {}, {}, 3),
    ],
)
def test_rules(session, opened, make, now, refusal, given, person, days) -> None:
    stall_id = opened(**given)
    who = make.resident(**person)
    asked, later = wanted(stall_id, who, at(9, 15)), now + timedelta(days=days)
    found = [type(one) for one in service.why_not(session, who.me, asked, later)]
    if refusal is None:
        assert found == []
        assert service.book(session, who.me, asked, later).state == State.CONFIRMED
        return
    assert refusal in found
    with pytest.raises(refusal):
        service.book(session, who.me, asked, later)


def test_some_stalls_are_for_neighbours(session, opened, market, make, now) -> None:
    stall_id = opened(home_place_id=market.place.id)
    estate = make.place("estate", market.place)
    near, far = make.resident("近邻", home_place_id=estate.id), make.resident("远客")
    assert service.book(session, near.me, wanted(stall_id, near, at(9, 15)), now)
    with pytest.raises(ForNeighbours):
        service.book(session, far.me, wanted(stall_id, far, at(9, 45)), now)


def test_one_slot_a_day_for_each_of_the_family(session, opened, make, now) -> None:
    stall_id = opened(at_once=4)
    me, mother, stranger = make.resident("女儿"), make.person("母亲"), make.resident("别人")
    make.consent(me.account, mother)
    first = service.book(session, me.me, wanted(stall_id, me, at(9)), now)
    with pytest.raises(OnceADay) as refused:
        service.book(session, me.me, wanted(stall_id, me, at(10)), now)
    assert refused.value.data == {"booking_id": first.booking_id}
    asked = wanted(stall_id, me, at(10), person_id=mother.id)
    assert service.book(session, me.me, asked, now).state == State.CONFIRMED
    for asked in (
        wanted(stall_id, stranger, at(10), person_id=mother.id),
        wanted(stall_id, stranger, at(10, 7)),  # not on the grid
        wanted(stall_id + 1, stranger, at(10)),
    ):
        with pytest.raises(NotFound):
            service.book(session, stranger.me, asked, now)
    booking.cancel(session, first.booking_id, Actor(account_id=me.account.id), now)
    assert service.book(session, me.me, wanted(stall_id, me, at(10)), now)


def test_a_repeated_call_answers_with_the_first_booking(session, opened, make, now) -> None:
    stall_id, me = opened(), make.resident()
    asked = wanted(stall_id, me, at(9, 15), idempotency_key="k", idempotency_hash="h")
    first = service.book(session, me.me, asked, now)
    assert "已经约好：3月14日（周六）09:15–09:30，在中心广场。" in told(
        session, Kind.BOOKED, first.booking_id, now
    )
    again = service.book(session, me.me, asked, now)
    assert (again.booking_id, again.replayed) == (first.booking_id, True)


def test_a_change_keeps_the_old_slot_until_the_new_one_is_had(session, opened, make, now) -> None:
    stall_id = opened(walk_up_percent=0)
    me, rival = make.resident("本人"), make.resident("别人")
    held = service.book(session, me.me, wanted(stall_id, me, at(9)), now).booking_id
    service.book(session, rival.me, wanted(stall_id, rival, at(10)), now)
    session.commit()
    with pytest.raises(Full), session.begin_nested():
        service.change(session, me.me, held, wanted(stall_id, me, at(10)), now)
    assert session.get_one(Booking, held, populate_existing=True).state == State.CONFIRMED
    moved = service.change(session, me.me, held, wanted(stall_id, me, at(10, 30)), now)
    assert moved.state == State.CONFIRMED
    taken = {one.starts_at: one.taken for one in slots_of(session, stall_id)}
    assert (taken[at(9)], taken[at(10, 30)]) == (0, 1)
    with pytest.raises(NotLive):
        service.change(session, me.me, held, wanted(stall_id, me, at(9)), now)
    with pytest.raises(NotFound):
        service.change(session, rival.me, moved.booking_id, wanted(stall_id, me, at(9)), now)
    late = at(9, 40)
    with pytest.raises(CancelTooLate):
        service.change(session, me.me, moved.booking_id, wanted(stall_id, me, at(10, 45)), late)
    asked = wanted(stall_id, me, at(10, 45))
    assert service.change(session, me.me, moved.booking_id, asked, late, late=True)


def test_a_slot_given_back_is_offered_to_the_line(session, opened, make, now) -> None:
    stall_id = opened(walk_up_percent=0)
    first, second = make.resident("甲"), make.resident("乙")
    held = service.book(session, first.me, wanted(stall_id, first, at(9)), now).booking_id
    asked = wanted(stall_id, second, at(9), wait=True)
    waits = service.book(session, second.me, asked, now).booking_id
    booking.cancel(session, held, Actor(account_id=first.account.id), now)
    assert session.get_one(Booking, waits, populate_existing=True).state == State.OFFERED
    said = {kind: told(session, kind, waits, now) for kind in (Kind.OFFERED, Kind.WAITLISTED)}
    assert said[Kind.OFFERED].startswith(
        "王秀英您好，您预约的理发，3月14日（周六）09:00–09:15，有空位了，请在"
    ), said
    assert said[Kind.WAITLISTED] == ""  # it is told no more


def told(session, kind: Kind, booking_id: int, now: datetime) -> str:
    """What a reminder of that kind says to whoever it is about."""
    session.flush()
    row = session.scalars(
        select(Reminder).where(Reminder.booking_id == booking_id, Reminder.kind == kind)
    ).one()
    due = Due(
        row.id,
        kind,
        row.person_id,
        "王秀英",
        booking_id=booking_id,
        occasion_at=row.occasion_at,
        facts=row.facts or {},
    )
    found = wording.compose(session, [due], now)
    assert not found.broken
    return found.messages[row.id].body if found.messages else ""


def test_what_is_booked_stays_and_a_cancelled_market_tells_everybody(
    session, opened, planner, market, make, now
) -> None:
    stall_id, me = opened(), make.resident()
    held = service.book(session, me.me, wanted(stall_id, me, at(9, 15)), now).booking_id
    with pytest.raises(StallBooked):
        planning.change_stall(session, planner, stall_id, market.plan(slot_minutes=20), now)
    with pytest.raises(StallBooked):
        planning.remove_stall(session, planner, stall_id, now)
    confirming.cancel_day(session, planner, market.day.id, now)
    assert session.get_one(Booking, held, populate_existing=True).state == State.CANCELLED
    assert "很抱歉，因为下大雨，这场集市取消了" in told(session, Kind.CANCELLED, held, now)
    with pytest.raises(MarketCancelled):
        service.book(session, me.me, wanted(stall_id, me, at(9, 45)), now)


def test_slots_are_reminded_of(session, opened, make, now) -> None:
    stall_id, me = opened(), make.resident()
    held = service.book(session, me.me, wanted(stall_id, me, at(9, 15)), now).booking_id
    eve = datetime(2026, 3, 13, 12, tzinfo=clock.LOCAL)
    assert visits.derive(session, now) == 0  # three days ahead
    assert visits.derive(session, eve) == 2
    assert visits.derive(session, eve) == 0
    said = told(session, Kind.VISIT_EVE, held, eve)
    assert "预约的理发：明天上午 09:15–09:30，在中心广场。" in said
    assert "到了请用摊位上的码取号" in said
    assert told(session, Kind.VISIT_SOON, held, at(8, 15)) != ""
    booking.cancel(session, held, Actor(account_id=me.account.id), eve)
    assert told(session, Kind.VISIT_EVE, held, eve) == ""
