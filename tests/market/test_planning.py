"""Planning: stalls with their people, papers and rooms; what clashes is refused."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.errors import Invalid, NotFound
from backend.market import papers, planning, plans
from backend.market.errors import DayClosed, DayTaken, PapersLacking, ProviderBusy
from backend.market.models import ProviderKind, Stall, StallProvider
from backend.market.papers import Holder, Lack, Paper
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.models import Atom, Occupancy, OccupantKind
from backend.places.occupancy import Use
from backend.staff.models import AuditEntry
from tests.factories import fresh
from tests.market import confirming

DAY = date(2026, 3, 14)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


def spans(session) -> list[tuple[datetime, datetime]]:
    rows = session.execute(
        select(Occupancy.starts_at, Occupancy.ends_at)
        .where(Occupancy.occupant_kind == OccupantKind.MARKET)
        .order_by(Occupancy.starts_at)
    )
    return [(row.starts_at, row.ends_at) for row in rows]


def test_a_stall_is_planned_changed_and_removed(session, planner, market, make, now) -> None:
    plan = market.plan(breaks=((600, 615),), at_once=2)
    stall_id = planning.add_stall(session, planner, market.day.id, plan, now)
    [shown] = plans.get_day(session, planner, market.day.id)["stalls"]
    assert (shown["service"], shown["people"], shown["lacking"]) == ("理发", ["李师傅"], [])
    assert (shown["slots"], shown["booked"], shown["walk_up"]) == (7, 7, 7)
    other = make.provider("张师傅")
    make.paper(other)
    planning.change_stall(
        session, planner, stall_id, market.plan(provider_ids=(other.id,), at_once=3), now
    )
    assert session.get_one(Stall, stall_id, populate_existing=True).at_once == 3
    assert planning.people_of(session, stall_id) == [other.id]
    planning.remove_stall(session, planner, stall_id, now)
    assert session.scalars(select(StallProvider)).all() == []
    assert [one.action for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "stall.create", "stall.change", "stall.remove",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("until_minute", {"until_minute": 540}),
        ("breaks", {"breaks": ((530, 560),)}),
        ("breaks", {"breaks": ((600, 660),)}),
        ("slot_minutes", {"slot_minutes": 121}),
        ("max_age", {"min_age": 60, "max_age": 50}),
        ("provider_ids", {"provider_ids": ()}),
    ],
)
def test_what_cannot_be_is_said_at_its_field(session, planner, market, now, field, given) -> None:
    with pytest.raises(Invalid) as refused:
        planning.add_stall(session, planner, market.day.id, market.plan(**given), now)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("given", [{"service_id": 99}, {"provider_ids": (99,)}, {"room_id": 99}])
def test_what_is_not_there_is_not_planned(session, planner, market, now, given) -> None:
    with pytest.raises(NotFound):
        planning.add_stall(session, planner, market.day.id, market.plan(**given), now)


def test_a_place_has_one_market_a_day(session, planner, market, make, now) -> None:
    asked = (market.place.id, DAY, "又一场", "东门")
    with pytest.raises(DayTaken):
        planning.plan_day(session, planner, *asked, now)
    confirming.cancel_day(session, planner, market.day.id, now)
    assert planning.plan_day(session, planner, *asked, now) != market.day.id
    with pytest.raises(Invalid):
        planning.plan_day(session, planner, market.place.id, date(2026, 3, 10), "昨天", "东门", now)
    elsewhere = make.place(name="滨江社区")
    with pytest.raises(NotFound):
        planning.plan_day(session, planner, elsewhere.id, DAY, "别处", "东门", now)


@pytest.mark.parametrize("closed", ["cancelled", "over"])
def test_what_is_over_does_not_change(session, planner, market, make, now, closed) -> None:
    if closed == "cancelled":
        confirming.cancel_day(session, planner, market.day.id, now)
    later = now if closed == "cancelled" else now + timedelta(days=4)
    with pytest.raises(DayClosed):
        planning.add_stall(session, planner, market.day.id, market.plan(), later)
    with pytest.raises(DayClosed):
        confirming.cancel_day(session, planner, market.day.id, later)


@pytest.mark.parametrize(
    ("kind", "elsewhere", "from_minute", "refused"),
    [
        (ProviderKind.PERSON, False, 600, True),
        (ProviderKind.PERSON, True, 600, True),
        (ProviderKind.PERSON, True, 660, False),  # one stall closes as the other opens
        (ProviderKind.CLINIC, False, 600, False),  # a hospital sends several people
        (ProviderKind.CLINIC, True, 600, True),
    ],
)
def test_nobody_is_in_two_places(
    session, planner, market, make, now, kind, elsewhere, from_minute, refused
) -> None:
    someone = make.provider("周医生", kind=kind)
    make.paper(someone)
    busy = market.plan(provider_ids=(someone.id,))
    planning.add_stall(session, planner, market.day.id, busy, now)
    day = make.market_day(make.place("estate", market.place)) if elsewhere else market.day
    plan = market.plan(
        provider_ids=(market.barber.id, someone.id), from_minute=from_minute, until_minute=720
    )
    if not refused:
        planning.add_stall(session, planner, day.id, plan, now)
        return
    with pytest.raises(ProviderBusy) as why:
        planning.add_stall(session, planner, day.id, plan, now)
    assert "周医生这段时间已经安排在“三月幸福集市 理发”" in str(why.value)


@pytest.mark.parametrize(
    ("own", "of_organisation", "expected"),
    [
        ([Paper("health", None)], [], []),
        ([Paper("health", DAY)], [], []),  # its last day counts
        ([Paper("health", DAY - timedelta(days=1))], [], [("health", date(2026, 3, 13))]),
        ([Paper("licence", None)], [], [("health", None)]),
        ([Paper("health", date(2026, 1, 1))], [Paper("health", date(2027, 1, 1))], []),
        ([], [Paper("health", date(2026, 2, 1))], [("health", date(2026, 2, 1))]),
    ],
)
def test_papers(own, of_organisation, expected) -> None:
    holder = Holder("李师傅", own + of_organisation)
    assert papers.lacking(["health"], [holder], DAY) == [
        Lack("李师傅", kind, day) for kind, day in expected
    ]


def test_an_expired_paper_is_refused_and_flagged_on_the_day(
    session, planner, market, make, now
) -> None:
    shop = make.provider("春晖理发店", kind=ProviderKind.BARBER)
    trainee = make.provider("小王", organisation_id=shop.id)
    paper = make.paper(shop, valid_until=date(2026, 3, 13))
    plan = market.plan(provider_ids=(market.barber.id, trainee.id))
    with pytest.raises(PapersLacking) as refused:
        planning.add_stall(session, planner, market.day.id, plan, now)
    assert str(refused.value) == "小王的健康证只到 2026-03-13。证件齐全、当天有效，才能安排。"
    fresh(paper).valid_until = DAY
    session.commit()
    planning.add_stall(session, planner, market.day.id, plan, now)
    assert plans.list_lacking(session, planner, DAY) == []
    fresh(paper).valid_until = date(2026, 3, 12)  # it was taken back meanwhile
    session.commit()
    [found] = plans.list_lacking(session, planner, DAY)
    assert found["lacking"] == ["小王的健康证只到 2026-03-12"]
    assert plans.list_lacking(session, planner, DAY - timedelta(days=1)) == []


def test_a_stall_in_a_room_closes_it(session, planner, market, make, now) -> None:
    left, right = (make.add(Atom(place_id=market.place.id, name=name)) for name in "东西")
    hall = make.room(market.place, [left, right], name="多功能厅")
    half = make.room(market.place, [left], name="东半厅")
    lesson = Use(half.id, at(14), at(15), OccupantKind.LESSON, 1)
    occupancy.occupy(session, [lesson], now)
    stall_id = planning.add_stall(
        session, planner, market.day.id, market.plan(room_id=hall.id), now
    )
    assert spans(session) == [(at(9), at(11))] * 2
    with pytest.raises(RoomTaken):
        occupancy.occupy(
            session, [Use(half.id, at(10), at(12), OccupantKind.RESERVATION, 1)], now
        )  # fmt: skip
    other = make.provider("张师傅")
    make.paper(other)
    beside = market.plan(
        provider_ids=(other.id,), room_id=hall.id, from_minute=600, until_minute=720
    )  # stalls of one market share a room
    beside_id = planning.add_stall(session, planner, market.day.id, beside, now)
    assert spans(session) == [(at(9), at(12))] * 2
    planning.remove_stall(session, planner, stall_id, now)
    assert spans(session) == [(at(10), at(12))] * 2
    late = market.plan(provider_ids=(other.id,), room_id=hall.id, until_minute=870)
    with pytest.raises(RoomTaken), session.begin_nested():
        planning.change_stall(session, planner, beside_id, late, now)
    assert spans(session) == [(at(10), at(12))] * 2
    confirming.cancel_day(session, planner, market.day.id, now)
    assert spans(session) == []
