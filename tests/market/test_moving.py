"""The rain plan: a whole market moves with all that was booked; everybody is told once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend import checking, clock
from backend.booking import service as booking
from backend.booking.models import Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.errors import Invalid, NotFound
from backend.market import calling, check, numbers, planning, queries, service
from backend.market.errors import DayClosed, DayTaken, MarketBegun, PlanChanged, StallsStay
from backend.market.models import MarketDay, MarketSlot, Stage, Stall, Ticket
from backend.market.moving import look
from backend.market.moving.look import AGE, ONCE, Wanted
from backend.market.moving.service import move
from backend.market.number_facts import Wish
from backend.market.service import Wanted as Slot
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy, OccupantKind
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from tests.market import confirming

OLD, NEW = date(2026, 3, 14), date(2026, 3, 21)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def rain(session, planner, market, make, now) -> SimpleNamespace:
    """A haircut and a blood pressure stall; 王秀英 booked both, 陈明 waits for her haircut."""
    nurse = make.provider("严护士")
    pressure = make.service(code="pressure", name="量血压", papers=[])
    stalls = [
        planning.add_stall(session, planner, market.day.id, plan, now)
        for plan in (
            market.plan(walk_up_percent=0),
            market.plan(service_id=pressure.id, provider_ids=(nurse.id,), at_once=2),
        )
    ]
    planning.open_day(session, planner, market.day.id, None, now)
    wang, chen = make.resident(), make.resident("陈明", birth_date=date(1990, 1, 1))

    def book(who, stall_id: int, minute: int = 0, **given):
        wanted = Slot(
            stall_id=stall_id, person_id=who.person.id, starts_at=at(OLD, 9, minute), **given
        )
        return service.book(session, who.me, wanted, now).booking_id

    booked = [book(wang, one) for one in stalls] + [book(chen, stalls[0], wait=True)]
    session.commit()
    return SimpleNamespace(
        day_id=market.day.id, stalls=stalls, wang=wang, chen=chen, booked=booked, book=book,
        nurse=nurse, wanted=Wanted(day=NEW, place_id=market.place.id, spot="东门", reason="下大雨"),
    )  # fmt: skip


def moved(session, planner, rain, now, without=(), **given):
    """Look, then confirm exactly that."""
    wanted = replace(rain.wanted, **given)
    found = look.look(session, planner, rain.day_id, wanted, now)
    return move(session, planner, rain.day_id, wanted, without, found.seen, now)


def told(session, who) -> list[str]:
    """The sentences of what somebody was told of the move."""
    rows = session.scalars(
        select(Reminder).where(
            Reminder.person_id == who.person.id, Reminder.kind == Kind.CHANGED
        ).order_by(Reminder.id)
    ).all()  # fmt: skip
    dues = [
        Due(one.id, Kind.CHANGED, one.person_id, who.person.name, booking_id=one.booking_id,
            facts=one.facts)
        for one in rows
    ]  # fmt: skip
    found = wording.compose(session, dues, clock.now())
    assert not found.broken
    return [found.messages[one.id].body for one in dues if one.id in found.messages]


def holds(session) -> bool:
    return not any(
        one.rows for one in checking.run(session.connection(), check.CHECKS, clock.now())
    )


def bookings(session) -> dict[int, Booking]:
    rows = session.scalars(select(Booking).execution_options(populate_existing=True))
    return {one.id: one for one in rows}


def test_everything_moves_along_and_each_is_told_once(session, planner, rain, now) -> None:
    moved(session, planner, rain, now, opens=600)
    found = bookings(session)
    assert [found[one].starts_at for one in rain.booked] == [at(NEW, 10)] * 3
    assert [found[one].state for one in rain.booked] == ["confirmed", "confirmed", "waiting"]
    day = session.get_one(MarketDay, rain.day_id, populate_existing=True)
    assert (day.day, day.spot) == (NEW, "东门")
    minutes = session.scalars(
        select(MarketSlot.minute).where(MarketSlot.stall_id == rain.stalls[0])
    ).all()
    assert sorted(minutes) == list(range(600, 720, 15))
    assert told(session, rain.wang) == [
        "王秀英您好，因为下大雨，原定3月14日（周六）的“三月幸福集市”改到3月21日（周六）10:00，在东门。"
        "理发改为3月21日（周六）10:00。量血压改为3月21日（周六）10:00。"
        "不用重新预约；来不了，开始前都可以取消，不算迟取消。"
    ]
    assert len(told(session, rain.chen)) == 1
    assert holds(session)


def test_whoever_cannot_come_cancels_without_lateness(session, planner, rain, now) -> None:
    moved(session, planner, rain, now)
    booking.cancel(
        session, rain.booked[0], Actor(account_id=rain.wang.account.id), at(NEW, 8, 59)
    )  # the usual deadline is an hour before
    last = session.scalars(
        select(BookingEvent)
        .where(BookingEvent.booking_id == rain.booked[0], BookingEvent.state == State.CANCELLED)
    ).one()  # fmt: skip
    assert last.late_minutes is None


def test_the_old_date_says_where_it_went(session, planner, rain, make, now) -> None:
    moved(session, planner, rain, now)
    old, new = queries.list_days(session, {}, now)
    assert (old["day"], old["starts_at"], old["spot"]) == (
        "2026-03-14", "2026-03-14T09:00:00+08:00", "中心广场",
    )  # fmt: skip
    assert old["moved_to"] == {
        "day": "2026-03-21", "starts_at": "2026-03-21T09:00:00+08:00",
        "place_name": old["place_name"], "spot": "东门", "reason": "下大雨",
    }  # fmt: skip
    assert (new["day"], new["moved_to"], new["moved_from"]["day"]) == (
        "2026-03-21", None, "2026-03-14",
    )  # fmt: skip
    assert queries.get_day(session, rain.day_id, now)["moved_from"]["reason"] == "下大雨"
    elsewhere = make.place(name="滨江社区")
    assert queries.list_days(session, {"place_id": elsewhere.id}, now) == []


def test_a_second_move_counts_and_the_first_is_not_told_any_more(
    session, planner, rain, now
) -> None:
    moved(session, planner, rain, now)
    moved(session, planner, rain, now, day=NEW + timedelta(days=1), reason="还在下雨")
    assert ["还在下雨" in one for one in told(session, rain.wang)] == [True]
    confirming.cancel_day(session, planner, rain.day_id, now)
    assert told(session, rain.wang) == []


def test_numbers_end_with_the_day_and_who_booked_is_awaited_again(
    session, planner, rain, now
) -> None:
    nine = at(OLD, 8, 50)
    for stall_id, who in ((rain.stalls[0], rain.wang), (rain.stalls[1], rain.chen)):
        numbers.take(
            session, who.me, Wish(stall_id, who.person.id, numbers.code_of(stall_id, nine)), nine
        )
    moved(session, planner, rain, nine)
    assert set(session.scalars(select(Ticket.stage))) == {Stage.CLOSED}
    assert bookings(session)[rain.booked[0]].state == State.CONFIRMED
    with clock.frozen(nine):
        [said] = told(session, rain.chen)
    assert "量血压的 1 号作废，当天请重新取号。" in said
    assert holds(session)
    later = at(NEW, 8, 50)
    again = numbers.take(
        session,
        rain.wang.me,
        Wish(rain.stalls[0], rain.wang.person.id, numbers.code_of(rain.stalls[0], later)),
        later,
    )
    assert again.number == 2
    assert holds(session)


def test_once_somebody_was_called_only_the_place_changes(session, planner, rain, now) -> None:
    nine = at(OLD, 9)
    stall_id = rain.stalls[0]
    numbers.take_at_table(session, planner, stall_id, nine)
    code = numbers.code_of(stall_id, nine)
    numbers.take(session, rain.chen.me, Wish(stall_id, rain.chen.person.id, code), nine)
    calling.call_next(session, planner, stall_id, 1, None, nine)
    with pytest.raises(MarketBegun):
        moved(session, planner, rain, nine)
    moved(session, planner, rain, nine, day=OLD, spot="活动室一楼")
    with clock.frozen(nine):
        assert told(session, rain.chen) == [
            "陈明您好，因为下大雨，“三月幸福集市”换到活动室一楼，时间不变。"
            "理发的 2 号继续有效。您候补的理发时段：今天上午 09:00，有空位会通知您。"
            "不用重新预约；来不了，开始前都可以取消，不算迟取消。"
        ]
    assert session.scalars(select(Ticket.stage).order_by(Ticket.id)).all() == ["called", "waiting"]
    assert holds(session)


@pytest.mark.parametrize("why", [ONCE, AGE])
def test_who_no_longer_fits_is_listed_and_told(
    session, planner, market, rain, make, now, why
) -> None:
    if why == ONCE:
        barber = make.provider("张师傅")
        make.paper(barber)
        estate = make.market_day(make.place("estate", market.place), day=NEW)
        plan = market.plan(provider_ids=(barber.id,), walk_up_percent=0)
        stall_id = planning.add_stall(session, planner, estate.id, plan, now)
        planning.open_day(session, planner, estate.id, None, now)
        wanted = Slot(stall_id=stall_id, person_id=rain.wang.person.id, starts_at=at(NEW, 9))
        service.book(session, rain.wang.me, wanted, now)
    else:
        rain.wang.person.birth_date = date(1966, 3, 20)  # sixty by then
        session.get_one(Stall, rain.stalls[0]).max_age = 59
        session.commit()
    found = moved(session, planner, rain, now, opens=840)
    assert [one.against for one in found.hits] == [why, None, None]
    stands = bookings(session)
    assert stands[rain.booked[0]].state == State.CANCELLED
    assert stands[rain.booked[2]].state == State.OFFERED  # the next in line has the place
    said = "理发您当天已另有预约" if why == ONCE else "理发那天不符合年龄要求"
    [sentence] = told(session, rain.wang)
    assert "量血压改为" in sentence
    assert said in sentence
    assert holds(session)


def test_a_stall_that_cannot_come_stays_behind(session, planner, market, rain, make, now) -> None:
    estate = make.market_day(make.place("estate", market.place), day=NEW)
    planning.add_stall(session, planner, estate.id, market.plan(), now)
    with pytest.raises(StallsStay):
        moved(session, planner, rain, now)
    with pytest.raises(StallsStay):
        moved(session, planner, rain, now, without=[rain.stalls[1]])
    found = moved(session, planner, rain, now, without=[rain.stalls[0]])
    assert [one.service for one in found.clashes] == ["理发"]
    stands = bookings(session)
    assert [stands[one].state for one in rain.booked] == ["cancelled", "confirmed", "cancelled"]
    [said] = told(session, rain.wang)
    assert "理发这次来不了，预约已取消，很抱歉。" in said
    assert holds(session)
    assert [(one["day"], one["cancelled"]) for one in queries.list_days(session, {}, now)] == [
        ("2026-03-14", True), ("2026-03-14", False), ("2026-03-21", False),
    ]  # fmt: skip


def test_papers_that_end_before_the_new_day_are_a_clash(session, planner, rain, make, now) -> None:
    barber = make.provider("张师傅")
    make.paper(barber, valid_until=OLD)
    plan = planning.plan_of(session, look.stalls_of(session, rain.day_id)[1])
    service_id = make.service(code="knives", name="磨刀", papers=["health"]).id
    plan = replace(plan, provider_ids=(barber.id,), service_id=service_id)
    planning.add_stall(session, planner, rain.day_id, plan, now)
    [clash] = look.look(session, planner, rain.day_id, rain.wanted, now).clashes
    assert "张师傅的健康证只到 2026-03-14" in clash.why


def test_all_stalls_go_into_one_room(session, planner, market, rain, make, now) -> None:
    hall = make.room(market.place)
    moved(session, planner, rain, now, room_id=hall.id)
    [use] = session.scalars(
        select(Occupancy).where(Occupancy.occupant_kind == OccupantKind.MARKET)
    ).all()
    assert (use.starts_at, use.ends_at) == (at(NEW, 9), at(NEW, 11))
    other = make.market_day(make.place("estate", market.place), day=NEW)
    barber = make.provider("张师傅")
    make.paper(barber)
    plan = market.plan(
        provider_ids=(barber.id,), from_minute=660, until_minute=780, room_id=hall.id
    )
    planning.add_stall(session, planner, other.id, plan, now)
    with pytest.raises(RoomTaken):
        moved(session, planner, rain, now, opens=600, keep_rooms=True)
    assert holds(session)


def test_the_second_of_two_sees_what_changed(session, planner, rain, make, now) -> None:
    seen = look.look(session, planner, rain.day_id, rain.wanted, now).seen
    booking.cancel(session, rain.booked[1], Actor(account_id=rain.wang.account.id), now)
    with pytest.raises(PlanChanged):
        move(session, planner, rain.day_id, rain.wanted, (), seen, now)
    seen = look.look(session, planner, rain.day_id, rain.wanted, now).seen
    moved(session, planner, rain, now, day=NEW + timedelta(days=7))
    with pytest.raises(PlanChanged):
        move(session, planner, rain.day_id, rain.wanted, (), seen, now)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"day": date(2026, 3, 10)}, "day"),
        ({"day": OLD, "spot": "中心广场"}, "day"),
        ({"opens": 23 * 60}, "opens"),
        ({"day": date(2026, 3, 11), "opens": 540}, "opens"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(session, planner, rain, now, given, field) -> None:
    with pytest.raises(Invalid) as refused:
        look.look(session, planner, rain.day_id, replace(rain.wanted, **given), now)
    assert list(refused.value.errors) == [field]


def test_whose_and_when(session, planner, market, rain, make, now) -> None:
    def looked(at_time=now, **given):
        return look.look(session, planner, rain.day_id, replace(rain.wanted, **given), at_time)

    with pytest.raises(NotFound):
        looked(place_id=make.place(name="滨江社区").id)
    with pytest.raises(NotFound):
        looked(room_id=99)
    with pytest.raises(DayClosed):
        looked(now + timedelta(days=4))
    make.market_day(market.place, day=NEW)
    with pytest.raises(DayTaken):
        looked()
