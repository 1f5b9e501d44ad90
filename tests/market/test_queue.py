"""Queue numbers: taken on the phone and at the table, called at the desks, paused and closed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking, State
from backend.errors import NotFound
from backend.market import calling, lines, numbers, planning, service
from backend.market.errors import (
    ForNeighbours,
    MaybeInVain,
    NobodyWaits,
    NotCalled,
    NotThisAge,
    NumberCodeOld,
    NumbersLater,
    NumbersOver,
    SkippedOnce,
    StallBooked,
    StallPaused,
)
from backend.market.models import Stage, Ticket
from backend.market.number_facts import Wish
from backend.market.service import Wanted
from backend.people import merging
from backend.people.deleting import delete_account
from backend.staff.access import SignedInStaff
from tests.market import confirming
from tests.market.test_check import broken

MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 14, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def stall(session, planner, market, now):
    """Opens the market with a stall as planned; its id."""

    def open_with(**plan) -> int:
        stall_id = planning.add_stall(session, planner, market.day.id, market.plan(**plan), now)
        planning.open_day(session, planner, market.day.id, None, now)
        session.commit()
        return stall_id

    return open_with


def take(session, stall_id: int, who, moment: datetime, person=None, code: str | None = None):
    person = person or who.person
    shown = code or numbers.code_of(stall_id, moment)
    return numbers.take(session, who.me, Wish(stall_id, person.id, shown), moment)


def stages(session, stall_id: int) -> list[str]:
    found = select(Ticket.stage).where(Ticket.stall_id == stall_id).order_by(Ticket.number)
    return list(session.scalars(found))


def test_numbers_are_given_on_the_phone_and_at_the_table(
    session, stall, planner, make, now
) -> None:
    stall_id, me, mother = stall(), make.resident("女儿"), make.person("母亲")
    make.consent(me.account, mother)
    first = take(session, stall_id, me, at(8, 30))
    assert (first.number, first.replayed) == (1, False)
    again = take(session, stall_id, me, at(8, 31), code="whatever")
    assert (again.ticket_id, again.number, again.replayed) == (first.ticket_id, 1, True)
    assert take(session, stall_id, me, at(8, 32), person=mother).number == 2
    assert numbers.take_at_table(session, planner, stall_id, at(8, 33)).number == 3
    numbers.leave(session, me.me, first.ticket_id, at(8, 34))
    numbers.leave(session, me.me, first.ticket_id, at(8, 35))
    assert take(session, stall_id, me, at(8, 36)).number == 4  # a new one, at the end
    shown = lines.of_stall(session, stall_id, at(8, 40))
    assert [(one["number"], one["ahead"]) for one in shown["waiting"]] == [(2, 0), (3, 1), (4, 2)]
    assert broken(session) == set()
    mine = lines.list_mine(session, me.me, at(8, 40))
    assert [(one["number"], one["stage"]) for one in mine] == [
        (4, "waiting"), (2, "waiting"), (1, "left"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "moment", "plan", "code_at"),
    [
        (NumbersLater, at(7, 59), {}, None),
        (None, at(8), {}, None),
        (None, at(10, 59), {}, None),
        (NumbersOver, at(11), {}, None),
        (None, at(9), {}, at(8, 59, ) + timedelta(seconds=45)),  # was on show just before
        (NumberCodeOld, at(9), {}, at(8)),  # photographed, and used from home an hour later
        (NotThisAge, at(9), {"min_age": 70}, None),
    ],
)  # fmt: skip
def test_when_and_to_whom_numbers_are_given(
    session, stall, make, refusal, moment, plan, code_at
) -> None:
    stall_id, me = stall(**plan), make.resident()
    code = numbers.code_of(stall_id, code_at or moment)
    if refusal is None:
        assert take(session, stall_id, me, moment, code=code).number == 1
        return
    with pytest.raises(refusal):
        take(session, stall_id, me, moment, code=code)
    assert stages(session, stall_id) == []


def test_not_for_others_nor_at_another_stall(session, stall, market, make, now) -> None:
    stall_id = stall(home_place_id=market.place.id)
    me, stranger = make.resident(home_place_id=market.place.id), make.resident("远客")
    for error, asked in (
        (NotFound, {"who": stranger, "person": me.person}),
        (ForNeighbours, {"who": stranger}),
        (NumberCodeOld, {"who": me, "code": numbers.code_of(stall_id + 1, at(9))}),
    ):
        with pytest.raises(error):
            take(session, stall_id, asked.pop("who"), at(9), **asked)
    with pytest.raises(NotFound):
        take(session, stall_id + 1, me, at(9))
    elsewhere = SignedInStaff(1, "别处", ())
    with pytest.raises(NotFound):
        numbers.take_at_table(session, elsewhere, stall_id, at(9))


def test_who_has_booked_is_checked_in_and_due_at_their_time(
    session, stall, planner, make, now
) -> None:
    stall_id = stall(walk_up_percent=0)
    early, late, gone, walk_up = (make.resident(name) for name in ("早到", "迟到", "错过", "现场"))
    booked = {}
    for who, start in ((early, at(9, 30)), (late, at(9, 45)), (gone, at(9))):
        wanted = Wanted(stall_id=stall_id, person_id=who.person.id, starts_at=start)
        booked[who] = service.book(session, who.me, wanted, now).booking_id
    listed = lines.at_desk(session, planner, stall_id, at(9, 20))["booked"]
    assert [one["id"] for one in listed] == [booked[gone], booked[early], booked[late]]
    take(session, stall_id, early, at(9, 20))
    seen = numbers.take_at_table(session, planner, stall_id, at(9, 55), booked[late])
    assert numbers.take_at_table(session, planner, stall_id, at(9, 56), booked[late]) == (
        numbers.Taken(seen.ticket_id, seen.number, replayed=True)
    )
    take(session, stall_id, walk_up, at(9, 57))
    take(session, stall_id, gone, at(9, 58))  # 43 minutes after the slot: as one who just came
    found = session.execute(select(Ticket.due_at, Ticket.booking_id).order_by(Ticket.number)).all()
    assert [tuple(one) for one in found] == [
        (at(9, 30), booked[early]), (at(9, 55), booked[late]), (None, None), (None, booked[gone]),
    ]  # fmt: skip
    states = session.scalars(select(Booking.state)).all()
    assert set(states) == {State.ATTENDED}
    with pytest.raises(NotFound):
        numbers.take_at_table(session, planner, stall_id, at(9, 59), 999)
    assert broken(session) == set()


def test_a_stall_serves_its_line(session, stall, planner, make) -> None:
    stall_id = stall(at_once=2)
    for minute in range(6):
        numbers.take_at_table(session, planner, stall_id, at(9, minute))
    call = calling.call_next
    assert call(session, planner, stall_id, 1, None, at(9, 10)) == 1
    assert call(session, planner, stall_id, 2, None, at(9, 10)) == 2
    with pytest.raises(NotCalled):  # a second tap of a page that fell behind
        call(session, planner, stall_id, 1, None, at(9, 11))
    with pytest.raises(NotCalled):
        calling.serve(session, planner, stall_id, 1, 2, at(9, 11))
    assert call(session, planner, stall_id, 1, 1, at(9, 15), "剪短") == 3
    calling.recall(session, planner, stall_id, 1, 3)
    calling.skip(session, planner, stall_id, 1, 3)
    assert [call(session, planner, stall_id, 1, None, at(9, 16))] == [4]
    assert [call(session, planner, stall_id, 1, 4, at(9, 20))] == [5]
    assert [call(session, planner, stall_id, 1, 5, at(9, 24))] == [6]
    assert [call(session, planner, stall_id, 1, 6, at(9, 28))] == [3]  # three have gone before
    with pytest.raises(SkippedOnce):
        calling.skip(session, planner, stall_id, 1, 3)
    calling.not_there(session, planner, stall_id, 1, 3, at(9, 30))
    assert call(session, planner, stall_id, 2, 2, at(9, 30)) is None  # served, nobody is left
    with pytest.raises(NobodyWaits):
        call(session, planner, stall_id, 2, None, at(9, 31))
    assert stages(session, stall_id) == ["served", "served", "no_show", *["served"] * 3]
    shown = lines.of_stall(session, stall_id, at(9, 31))
    assert (shown["served"], shown["called"], shown["waiting"]) == (5, [], [])
    assert shown["minutes_each"] == 11  # of 5, 4, 4, 4, 20 and three times the usual 15
    assert session.scalars(select(Ticket.note).where(Ticket.number == 1)).one() == "剪短"
    assert session.scalars(select(Ticket.recalls).where(Ticket.number == 3)).one() == 1


def test_what_is_told_is_honest(session, stall, planner, make, market) -> None:
    stall_id = stall(breaks=((585, 600),), slot_minutes=15)  # 9:45 to 10:00
    for minute in range(4):
        numbers.take_at_table(session, planner, stall_id, at(8, 30 + minute))

    def minutes(moment: datetime) -> list[int]:
        shown = lines.of_stall(session, stall_id, moment)
        return [one["minutes"] for one in shown["waiting"]] + [shown["minutes_new"]]

    assert minutes(at(8, 50)) == [10, 25, 40, 70, 85]  # it opens at 9, and has a break
    calling.call_next(session, planner, stall_id, 1, None, at(9))
    assert minutes(at(9, 5)) == [10, 25, 55, 70]
    assert not lines.of_stall(session, stall_id, at(9, 5))["in_vain"]
    for minute in range(5, 10):
        numbers.take_at_table(session, planner, stall_id, at(9, minute))
    assert lines.of_stall(session, stall_id, at(9, 10))["in_vain"]


def test_a_stall_pauses_and_closes_early(session, stall, planner, make, now) -> None:
    stall_id = stall(walk_up_percent=0)
    me, later = make.resident("本人"), make.resident("晚些")
    wanted = Wanted(stall_id=stall_id, person_id=later.person.id, starts_at=at(10, 30))
    booked = service.book(session, later.me, wanted, now).booking_id
    take(session, stall_id, me, at(9))
    numbers.take_at_table(session, planner, stall_id, at(9, 1))
    calling.call_next(session, planner, stall_id, 1, None, at(9, 2))
    calling.pause(session, planner, stall_id, at(9, 3))
    with pytest.raises(StallPaused):
        calling.call_next(session, planner, stall_id, 1, 1, at(9, 4))
    assert lines.of_stall(session, stall_id, at(9, 4))["paused"]
    calling.go_on(session, planner, stall_id)
    assert confirming.close(session, planner, stall_id, at(9, 10)) == 1
    assert confirming.close(session, planner, stall_id, at(9, 11)) == 0
    assert stages(session, stall_id) == [Stage.CALLED, Stage.CLOSED]
    assert session.get_one(Booking, booked, populate_existing=True).state == State.CANCELLED
    with pytest.raises(NumbersOver):
        numbers.take_at_table(session, planner, stall_id, at(9, 12))
    assert lines.of_stall(session, stall_id, at(9, 12))["closed"]
    calling.serve(session, planner, stall_id, 1, 1, at(9, 20))
    assert broken(session) == set()


def test_a_stall_with_numbers_stays_and_a_cancelled_market_ends_them(
    session, stall, planner, market, now
) -> None:
    stall_id = stall()
    numbers.take_at_table(session, planner, stall_id, at(9))
    with pytest.raises(StallBooked):
        planning.remove_stall(session, planner, stall_id, now)
    confirming.cancel_day(session, planner, market.day.id, at(9, 30))
    assert stages(session, stall_id) == [Stage.CLOSED]
    with pytest.raises(NotFound):
        lines.of_stall(session, stall_id, at(9, 31))


def test_numbers_follow_their_people(session, stall, planner, make, now) -> None:
    stall_id = stall()
    kept, twin = make.resident("王秀英"), make.resident("王秀英")
    take(session, stall_id, kept, at(9))
    take(session, stall_id, twin, at(9, 1))
    merging.merge(session, twin.person.id, kept.person.id, at(9, 2))
    session.flush()
    rows = session.execute(select(Ticket.person_id, Ticket.stage).order_by(Ticket.number)).all()
    assert [tuple(row) for row in rows] == [
        (kept.person.id, "waiting"), (kept.person.id, "left"),
    ]  # fmt: skip
    delete_account(session, kept.me, at(9, 3))
    session.flush()
    assert session.scalars(select(Ticket.person_id)).all() == [None, None]
    assert broken(session) == set()


def test_who_would_wait_in_vain_is_told_first(session, stall, planner, make) -> None:
    """From 9 to 11 with a quarter of an hour each, eight are served."""
    stall_id, me, booker = stall(walk_up_percent=0), make.resident("甲"), make.resident("约好的")
    wanted = Wanted(stall_id=stall_id, person_id=booker.person.id, starts_at=at(10, 45))
    service.book(session, booker.me, wanted, at(8, 0) - timedelta(days=1))
    for _ in range(7):
        numbers.take_at_table(session, planner, stall_id, at(8, 30))
    eighth = make.resident("乙")
    assert take(session, stall_id, eighth, at(8, 30)).number == 8
    with pytest.raises(MaybeInVain) as refused:
        take(session, stall_id, me, at(8, 30))
    assert (refused.value.data["minutes"], refused.value.data["closes"]) == (150, "11:00")
    assert lines.of_stall(session, stall_id, at(8, 30))["in_vain"]
    assert take(session, stall_id, booker, at(8, 30)).number == 9  # their time is theirs
    wish = Wish(stall_id, me.person.id, numbers.code_of(stall_id, at(8, 30)), anyway=True)
    assert numbers.take(session, me.me, wish, at(8, 30)).number == 10
    for desk_free in (9, 10, 11):  # three done in a minute each: it goes faster than thought
        current = desk_free - 9 or None
        calling.call_next(session, planner, stall_id, 1, current, at(9, desk_free - 9))
    assert take(session, stall_id, make.resident("丙"), at(9, 3)).number == 11


def test_nobody_is_passed_for_more_than_half_an_hour(session, stall, planner, make, now) -> None:
    """A quarter of an hour each: two who booked may pass somebody who came before their time."""
    stall_id = stall(walk_up_percent=0)  # three booked in a row, were it not for the bound
    who = [make.resident(name) for name in ("约一", "约二", "约三")]
    for one, minute in zip(who, (0, 15, 30), strict=True):
        wanted = Wanted(stall_id=stall_id, person_id=one.person.id, starts_at=at(9, minute))
        service.book(session, one.me, wanted, now)
    assert numbers.take_at_table(session, planner, stall_id, at(8, 50)).number == 1
    for one in who:
        take(session, stall_id, one, at(8, 55))
    told = [one["number"] for one in lines.of_stall(session, stall_id, at(9, 40))["waiting"]]
    assert told == [2, 3, 1, 4]
    current = None
    for minute, expected in zip((40, 45, 50, 55), told, strict=True):
        current = calling.call_next(session, planner, stall_id, 1, current, at(9, minute))
        assert current == expected
