"""Home visits: asked for, decided on, moved, given back, ended; who sees where they lead to."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from backend import clock
from backend.booking import requests
from backend.booking import service as booking
from backend.booking import visits as occasions
from backend.booking.errors import Full, NotLive
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.clearing import clear_out
from backend.errors import NotFound
from backend.market import copying, numbers, planning, service
from backend.market.errors import (
    AddressNeeded,
    NotAtHome,
    NotChecked,
    NotThisAge,
    OnceADay,
    SlotsHit,
    VisitDecided,
)
from backend.market.models import Stall
from backend.market.service import Wanted
from backend.market.visits import deciding, reads
from backend.market.visits import service as visits
from backend.market.visits.details import Details
from backend.market.visits.models import HomeVisit, Outcome
from backend.market.visits.service import Asking
from backend.people.deleting import delete_account
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.market import confirming
from tests.market.test_check import broken

SAID = Details(address="和平新村3号楼402", phone="0571-88990011", note="卧床")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def opened(session, planner, market, now):
    """Opens the market with visits from 14 to 16, each of 40 minutes; the stall's id."""

    def open_with(**plan) -> int:
        given = {
            "from_minute": 840, "until_minute": 960, "slot_minutes": 40, "at_home": True,
            "walk_up_percent": 50,
        } | plan  # fmt: skip
        stall_id = planning.add_stall(session, planner, market.day.id, market.plan(**given), now)
        planning.open_day(session, planner, market.day.id, None, now)
        session.commit()
        return stall_id

    return open_with


def ask(session, stall_id: int, who, start: datetime, now: datetime, person=None) -> int:
    person_id = (person or who.person).id
    wanted = Wanted(stall_id=stall_id, person_id=person_id, starts_at=start)
    return visits.ask(session, who.me, Asking(wanted, SAID), now).booking_id


def state_of(session, booking_id: int) -> str:
    session.expire_all()
    return session.get_one(Booking, booking_id).state


def told(session, booking_id: int, now: datetime) -> list[str]:
    """What a booking's reminders say, in order."""
    found = []
    for row in session.scalars(
        select(Reminder).where(Reminder.booking_id == booking_id).order_by(Reminder.id)
    ):
        due = Due(
            row.id, Kind(row.kind), row.person_id, "王秀英", booking_id=booking_id,
            facts=row.facts or {}, occasion_at=row.occasion_at,
        )  # fmt: skip
        composed = wording.compose(session, [due], now)
        assert not composed.broken
        found += [message.body for message in composed.messages.values()]
    return found


def test_a_daughter_asks_staff_agree_and_it_is_done(session, opened, planner, make, now) -> None:
    stall_id, daughter = opened(), make.resident("王芳")
    mother = make.person("王秀英", birth_date=date(1940, 1, 1), address="5号楼101")
    make.consent(daughter.account, mother)
    assert visits.known_for_account(session, daughter.me, mother.id, now)["address"] == "5号楼101"
    held = ask(session, stall_id, daughter, at(14), now, mother)
    assert state_of(session, held) == State.REQUESTED
    assert visits.get_mine(session, daughter.me, held, now)["address"] == SAID.address
    [waiting] = reads.count_open(session, planner, now)
    assert waiting["count"] == 1
    deciding.approve(session, planner, held, now)
    assert state_of(session, held) == State.CONFIRMED
    with pytest.raises(VisitDecided):
        deciding.approve(session, planner, held, now)
    [one] = reads.route(session, planner, stall_id, now)["visits"]
    assert (one["address"], one["phone"], one["note"]) == (SAID.address, SAID.phone, SAID.note)
    with pytest.raises(NotLive):
        deciding.end(session, planner, held, Outcome.DONE, 30, None, now)  # days before
    for outcome, state in ((Outcome.NOBODY, State.MISSED), (Outcome.DONE, State.ATTENDED)):
        deciding.end(session, planner, held, outcome, 35, "伤口换药", at(14, 40))
        assert state_of(session, held) == state
    ended = visits.get_mine(session, daughter.me, held, at(15))
    assert (ended["outcome"], ended["minutes"], ended["remark"]) == ("done", 35, "伤口换药")


def test_each_answer_is_told(session, opened, planner, make, now) -> None:
    stall_id = opened()
    first, second = make.resident("甲一"), make.resident("乙二")
    held = ask(session, stall_id, first, at(14), now)
    assert ["收到了" in one for one in told(session, held, now)] == [True]
    moved = deciding.give_time(session, planner, held, at(14, 40), None, now)
    assert (state_of(session, held), state_of(session, moved)) == ("cancelled", "confirmed")
    [said] = told(session, moved, now)
    assert "定好了" in said
    assert SAID.address not in said
    other = ask(session, stall_id, second, at(14), now)
    deciding.decline(session, planner, other, "医生当天出诊", now)
    assert "很抱歉，这次没有安排上。原因：医生当天出诊。" in told(session, other, now)[-1]
    late = ask(session, stall_id, second, at(14), now)
    assert list(requests.due(session, at(14))) == [late]
    requests.expire([late], at(14))
    assert state_of(session, late) == State.DECLINED


def test_a_full_time_has_a_line_in_the_order_of_asking(session, opened, planner, make, now) -> None:
    stall_id = opened()
    people = [make.resident(name) for name in ("甲一", "乙二", "丙三")]
    held = [ask(session, stall_id, who, at(14), now) for who in people]
    deciding.approve(session, planner, held[0], now)
    shown = [
        visits.get_mine(session, who.me, one, now) for who, one in zip(people, held, strict=True)
    ]
    assert [(one["waits"], one["ahead"]) for one in shown] == [
        (False, None), (True, 0), (True, 1),
    ]  # fmt: skip
    with pytest.raises(Full):
        deciding.approve(session, planner, held[1], now)
    booking.cancel(session, held[0], Actor(account_id=people[0].account.id), now)
    listed = reads.list_visits(session, planner, people_day(session, held[1]), now)
    assert [(one["id"], one["full"]) for one in listed["open"]] == [
        (held[1], False), (held[2], False),
    ]  # fmt: skip
    deciding.approve(session, planner, held[1], now)
    assert state_of(session, held[1]) == State.CONFIRMED


def people_day(session, booking_id: int) -> int:
    return session.execute(
        text(
            "SELECT s.market_day_id FROM stall s JOIN market_slot m ON m.stall_id = s.id "
            "JOIN booking b ON b.bookable_id = m.id WHERE b.id = :id"
        ),
        {"id": booking_id},
    ).scalar_one()


def test_another_time_is_a_change(session, opened, planner, make, now) -> None:
    stall_id, who = opened(), make.resident()
    held = ask(session, stall_id, who, at(14), now)

    def move(booking_id: int, start: datetime) -> int:
        wanted = Wanted(stall_id=stall_id, person_id=who.person.id, starts_at=start)
        return service.change(session, who.me, booking_id, wanted, now).booking_id

    asked = move(held, at(15, 20))
    assert state_of(session, asked) == State.REQUESTED  # staff still decide
    deciding.approve(session, planner, asked, now)
    moved = move(asked, at(14))
    assert state_of(session, moved) == State.CONFIRMED  # they have agreed already
    assert visits.get_mine(session, who.me, moved, now)["address"] == SAID.address
    visits.correct(session, who.me, moved, Details(address="新地址8号", phone="12345"), now)
    assert visits.get_mine(session, who.me, moved, now)["note"] is None
    booking.cancel(session, moved, Actor(account_id=who.account.id), now)
    with pytest.raises(NotLive):
        visits.correct(session, who.me, moved, SAID, now)


def test_visits_of_other_hours_keep_where_they_lead_to(
    session, opened, planner, market, make, now
) -> None:
    stall_id, wang, chen = opened(), make.resident("王秀英"), make.resident("陈明")
    agreed, asked = (ask(session, stall_id, who, at(14), now) for who in (wang, chen))
    deciding.approve(session, planner, agreed, now)
    later = market.plan(
        from_minute=870, until_minute=960, slot_minutes=40, at_home=True, at_once=1
    )  # fmt: skip
    with pytest.raises(SlotsHit) as refused, session.begin_nested():
        planning.change_stall(session, planner, stall_id, later, now)
    planning.change_stall(
        session, planner, stall_id, later, now, reason="医生出诊晚", seen=refused.value.seen
    )
    assert [state_of(session, one) for one in (agreed, asked)] == ["confirmed", "requested"]
    [one] = reads.route(session, planner, stall_id, now)["visits"]
    assert (one["id"], one["starts_at"], one["address"]) == (agreed, at(14, 30), SAID.address)
    assert (
        "上门理发，因为医生出诊晚，改为3月14日（周六）14:30上门" in told(session, agreed, now)[-1]
    )
    assert "申请的时间改为3月14日（周六）15:10" in told(session, asked, now)[-1]
    assert broken(session) == set()
    confirming.close(session, planner, stall_id, now)
    assert [state_of(session, one) for one in (agreed, asked)] == ["cancelled"] * 2
    assert broken(session) == set()


def test_rules_hold_for_visits(session, opened, planner, market, make, now) -> None:
    stall_id, who, other = opened(staff_check=True, min_age=60), make.resident(), make.resident()
    young = make.resident("小李", birth_date=date(2000, 1, 1))
    with pytest.raises(NotThisAge):
        ask(session, stall_id, young, at(14), now)
    held = ask(session, stall_id, who, at(14), now)
    with pytest.raises(OnceADay):
        ask(session, stall_id, who, at(14, 40), now)
    wanted = Wanted(stall_id=stall_id, person_id=other.person.id, starts_at=at(14, 40))
    with pytest.raises(AddressNeeded):
        service.book(session, other.me, wanted, now)
    with pytest.raises(NotChecked):
        deciding.approve(session, planner, held, now)
    deciding.approve(session, planner, held, now, checked=True)
    with pytest.raises(NotFound):  # nobody takes a number for a visit
        numbers.take_at_table(session, planner, stall_id, at(14))
    plan = market.plan(until_minute=600, walk_up_percent=0)
    plain = planning.add_stall(session, planner, market.day.id, plan, now)
    with pytest.raises(NotAtHome):
        ask(session, plain, other, at(9), now)


def test_staff_agree_on_a_visit_with_who_calls(session, opened, planner, make, now) -> None:
    stall_id, first, second = opened(), make.person("甲一"), make.person("乙二")
    wanted = Wanted(stall_id=stall_id, person_id=first.id, starts_at=at(14))
    held = deciding.book_for(session, planner, wanted, SAID, now, checked=True)
    assert state_of(session, held) == State.CONFIRMED
    waiting = Wanted(stall_id=stall_id, person_id=second.id, starts_at=at(14), wait=True)
    next_one = deciding.book_for(session, planner, waiting, SAID, now)
    assert state_of(session, next_one) == State.REQUESTED


def test_where_it_leads_to_is_for_its_street_alone(session, opened, planner, make, now) -> None:
    stall_id, who = opened(), make.resident()
    held = ask(session, stall_id, who, at(14), now)
    deciding.approve(session, planner, held, now)
    place = make.once("community", make.place)
    district = make.once("district", lambda: make.place("district"))
    top = SignedInStaff(
        planner.staff_id, "区里", (Scope(Role.MANAGER, district.id, f"/{place.path.split('/')[1]}/",
                                         district.name),),
    )  # fmt: skip
    seen = reads.get_visit(session, top, held, now)
    assert (seen["near"], seen["address"], seen["phone"], seen["note"]) == (False, None, None, None)
    with pytest.raises(NotFound):
        reads.route(session, top, stall_id, now)
    elsewhere = make.place("community", name="滨江社区")
    far = SignedInStaff(
        planner.staff_id, "别处", (Scope(Role.WORKER, elsewhere.id, elsewhere.path, "滨江社区"),)
    )
    for read in (reads.get_visit, deciding_access):
        with pytest.raises(NotFound):
            read(session, far, held, now)


def deciding_access(session, me, booking_id, now):
    return deciding.access(session, me, booking_id)


def test_where_it_led_to_is_forgotten(session, opened, planner, make, now) -> None:
    stall_id, who, gone = opened(at_once=2), make.resident(), make.resident("要走的")
    held, left = ask(session, stall_id, who, at(14), now), ask(session, stall_id, gone, at(14), now)
    delete_account(session, gone.me, now)
    clear_out(session, at(14) + timedelta(days=29))
    known = [session.get_one(HomeVisit, one).address for one in (held, left)]
    assert known == [SAID.address, None]
    clear_out(session, at(14) + timedelta(days=32))
    session.expire_all()
    visit = session.get_one(HomeVisit, held)
    assert (visit.address, visit.phone, visit.note) == (None, None, None)


def test_a_visit_is_reminded_of_and_held_once_more(
    session, opened, planner, market, make, now
) -> None:
    stall_id, who = opened(staff_check=True), make.person()
    wanted = Wanted(stall_id=stall_id, person_id=who.id, starts_at=at(14))
    held = deciding.book_for(session, planner, wanted, SAID, now, checked=True)
    eve = datetime(2026, 3, 13, 12, tzinfo=clock.LOCAL)
    assert occasions.derive(session, eve) == 2
    session.flush()
    [_booked, before, _soon] = told(session, held, eve)
    assert "明天下午 14:00–14:40上门。请留人在家" in before
    copied = copying.copy_day(session, planner, market.day.id, date(2026, 4, 11), now)
    [again] = session.scalars(select(Stall).where(Stall.market_day_id == copied.market_day_id))
    assert (again.at_home, again.staff_check) == (True, True)
