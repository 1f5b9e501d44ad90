"""A stall that is booked: what may still change without hitting anybody, and what stays."""

from datetime import datetime

import pytest
from sqlalchemy import select

from backend import checking, clock
from backend.booking.models import Booking
from backend.market import check, planning, service
from backend.market.errors import ProviderBusy, StallBooked
from backend.market.models import MarketSlot
from backend.market.service import Wanted


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def stall_id(session, planner, market, make, now) -> int:
    """Nine to eleven, every place bookable; 王秀英 has nine o'clock, 陈明 waits for it."""
    ident = planning.add_stall(session, planner, market.day.id, market.plan(walk_up_percent=0), now)
    planning.open_day(session, planner, market.day.id, None, now)
    for name, wait in (("王秀英", False), ("陈明", True)):
        who = make.resident(name)
        wanted = Wanted(stall_id=ident, person_id=who.person.id, starts_at=at(9), wait=wait)
        service.book(session, who.me, wanted, now)
    return ident


def minutes(session, stall_id: int) -> list[int]:
    return sorted(
        session.scalars(select(MarketSlot.minute).where(MarketSlot.stall_id == stall_id))
    )  # fmt: skip


def test_longer_hours_and_more_at_once_hit_nobody(
    session, planner, market, make, stall_id, now
) -> None:
    other = make.provider("张师傅")
    make.paper(other)
    plan = market.plan(
        walk_up_percent=0, until_minute=720, at_once=2, breaks=((630, 645),),
        provider_ids=(market.barber.id, other.id),
    )  # fmt: skip
    planning.change_stall(session, planner, stall_id, plan, now)
    assert minutes(session, stall_id) == [one for one in range(540, 720, 15) if one != 630]
    states = session.execute(select(Booking.state, Booking.starts_at).order_by(Booking.id)).all()
    assert [tuple(one) for one in states] == [("confirmed", at(9)), ("offered", at(9))]
    assert not any(one.rows for one in checking.run(session.connection(), check.CHECKS, now))


def test_who_booked_keeps_the_slot_when_more_is_kept_for_walk_ups(
    session, planner, market, stall_id, now
) -> None:
    plan = market.plan(walk_up_percent=100)
    planning.change_stall(session, planner, stall_id, plan, now)
    assert minutes(session, stall_id) == [540]
    slot = session.scalars(
        select(MarketSlot).execution_options(populate_existing=True)
    ).one()  # fmt: skip
    assert (slot.capacity, slot.taken) == (1, 1)


@pytest.mark.parametrize("given", [{"slot_minutes": 20}, {"by_person": True}, {"service_id": 0}])
def test_what_residents_chose_by_stays(
    session, planner, market, make, stall_id, now, given
) -> None:
    if "service_id" in given:
        given = {"service_id": make.service(code="knives", name="磨刀").id}
    with pytest.raises(StallBooked):
        planning.change_stall(
            session, planner, stall_id, market.plan(walk_up_percent=0, **given), now
        )


def test_clashes_are_refused_as_ever(session, planner, market, make, stall_id, now) -> None:
    estate = make.market_day(make.place("estate", market.place))
    plan = market.plan(from_minute=660, until_minute=720)
    planning.add_stall(session, planner, estate.id, plan, now)
    with pytest.raises(ProviderBusy):
        planning.change_stall(
            session, planner, stall_id, market.plan(walk_up_percent=0, until_minute=700), now
        )
