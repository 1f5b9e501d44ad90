"""Many at once: numbers without gaps or doubles, two desks, one person twice; and a control."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from backend import checking, clock
from backend.db import db, transaction, transactional
from backend.errors import Refusal
from backend.market import calling, check, numbers, planning, service
from backend.market.fitting import StallPlan
from backend.market.models import Stage, Stall, Ticket
from backend.market.number_facts import Wish
from backend.market.service import Wanted
from backend.people.queries import Resident
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff
from tests.booking.crowd import Member, crowd
from tests.console import Console
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
NINE = datetime(2026, 3, 14, 9, tzinfo=clock.LOCAL)
THREADS = 24


@dataclass(frozen=True, slots=True)
class Market:
    """A database of its own with two stalls that have opened."""

    app: Flask
    me: SignedInStaff
    stalls: Sequence[int]
    members: Sequence[Member]

    def at_once(self, count: int, call: Callable[[int], object]) -> list[object]:
        """What became of each call: its answer, or the refusal's code."""
        barrier = threading.Barrier(count)

        def one(number: int) -> object:
            with self.app.app_context():
                barrier.wait()
                try:
                    return transactional(call)(number)
                except Refusal as refusal:
                    return refusal.errcode
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))


@pytest.fixture
def market(own_app: Flask) -> Market:
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        place = make.once("community", make.place)
        day, haircut = make.market_day(place, day=date(2026, 3, 14)), make.service()
        worker = make.staff(place=place)
        me = SignedInStaff(
            worker.id, worker.name, (Scope(Role.WORKER, place.id, place.path, place.name),)
        )
        people = [make.provider(name) for name in ("李师傅", "张师傅")]
        with transaction() as session:
            stalls = [
                planning.add_stall(
                    session, me, day.id,
                    StallPlan(
                        service_id=haircut.id, provider_ids=(one.id,), from_minute=540,
                        until_minute=720, slot_minutes=15, at_once=2, walk_up_percent=50,
                    ),
                    NOON,
                )
                for one in people
            ]  # fmt: skip
            planning.open_day(session, me, day.id, None, NOON)
        members = crowd(THREADS, NINE)
        return Market(own_app, me, stalls, members)


def given(market: Market) -> dict[int, list[int]]:
    with market.app.app_context():
        rows = db.session.execute(select(Ticket.stall_id, Ticket.number).order_by(Ticket.id)).all()
        found = checking.run(db.session.connection(), check.CHECKS, NINE)
        assert [one.check.name for one in found if one.rows] == []
    return {one: [row.number for row in rows if row.stall_id == one] for one in market.stalls}


def test_numbers_have_no_gaps_and_no_doubles(market: Market) -> None:
    def take(number: int) -> object:
        stall, who = market.stalls[number % 2], market.members[number]
        code = numbers.code_of(stall, NINE)
        me = Resident(who.account_id, who.person_id)
        return numbers.take(db.session(), me, Wish(stall, who.person_id, code), NINE).number

    answers = market.at_once(THREADS, take)
    assert sorted(answers) == sorted([*range(1, THREADS // 2 + 1)] * 2)
    assert given(market) == {one: [*range(1, THREADS // 2 + 1)] for one in market.stalls}


def test_everybody_at_once_over_http_gets_a_number_of_their_own(market: Market) -> None:
    """Each twice, one after the other: in company on PostgreSQL, a second tap gets the same."""
    with market.app.app_context():
        codes = {one: numbers.code_of(one, NINE) for one in market.stalls}

    def tap(number: int) -> tuple[int, int]:
        stall, who = market.stalls[number % 2], market.members[number % THREADS]
        answer = market.app.test_client().post(
            f"/mp/v1/market/stalls/{stall}/tickets",
            json={"person_id": who.person_id, "code": codes[stall]},
            headers={"Authorization": f"Bearer {who.token}"},
        )
        return answer.status_code, answer.get_json()["data"]["number"]

    with clock.frozen(NINE), ThreadPoolExecutor(2 * THREADS) as pool:
        answers = list(pool.map(tap, range(2 * THREADS)))
    assert sorted(answers) == sorted(
        (status, number) for number in range(1, THREADS // 2 + 1) for status in (200, 201)
        for _ in market.stalls
    )  # fmt: skip
    assert given(market) == {one: [*range(1, THREADS // 2 + 1)] for one in market.stalls}


def test_the_same_person_at_once_has_one_number(market: Market) -> None:
    who, stall = market.members[0], market.stalls[0]

    def take(_number: int) -> object:
        me, code = Resident(who.account_id, who.person_id), numbers.code_of(stall, NINE)
        return numbers.take(db.session(), me, Wish(stall, who.person_id, code), NINE).number

    assert set(market.at_once(8, take)) == {1}
    assert given(market)[stall] == [1]


def test_two_desks_call_two_different_people(market: Market) -> None:
    stall = market.stalls[0]
    with market.app.app_context():
        for _ in range(6):
            with transaction() as session:
                numbers.take_at_table(session, market.me, stall, NINE)
    seen: list[int | None] = [None, None]
    called: list[object] = []

    def call(desk: int) -> object:
        seen[desk] = calling.call_next(db.session(), market.me, stall, desk + 1, seen[desk], NINE)
        return seen[desk]

    for _ in range(3):
        called += market.at_once(2, call)
    assert sorted(called) == [1, 2, 3, 4, 5, 6]  # type: ignore[type-var]


def test_two_tablets_at_once_over_http_call_two_people(market: Market) -> None:
    """Each desk on two tablets, tapped at the same instant, round after round."""
    stall, app = market.stalls[0], market.app
    with app.app_context(), clock.frozen(NINE):
        for _ in range(8):
            with transaction() as session:
                numbers.take_at_table(session, market.me, stall, NINE)
        worker = db.session.get_one(Staff, market.me.staff_id)
        tablets = [Console(app).as_(worker) for _ in range(4)]
        tokens = [tablet.token() for tablet in tablets]
    at_desk: list[int | None] = [None, None]

    def tap(number: int) -> int:
        form = {"desk": number % 2 + 1, "current": at_desk[number % 2] or ""}
        path = f"/market/stalls/{stall}/desk/next"
        headers = {"X-CSRFToken": tokens[number]}
        return tablets[number].post(path, form, csrf=False, headers=headers).status_code

    for _ in range(4):
        with clock.frozen(NINE), ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(tap, range(4)))
        assert sorted(answers) == [302, 302, 409, 409]  # one tablet of each desk came too late
        with app.app_context():
            rows = db.session.execute(
                select(Ticket.desk, Ticket.number).where(Ticket.stage == Stage.CALLED)
            ).all()
        found = {row.desk: row.number for row in rows}
        assert len(rows) == len(found) == len(set(found.values())) == 2
        assert {found[1], found[2]}.isdisjoint(at_desk)
        at_desk = [found[1], found[2]]
    assert given(market)[stall] == [*range(1, 9)]
    with app.app_context():
        stages = db.session.scalars(select(Ticket.stage)).all()
    assert sorted(stages) == [Stage.CALLED] * 2 + [Stage.SERVED] * 6


def test_one_desk_opened_twice_calls_one_person(market: Market) -> None:
    stall = market.stalls[0]
    with market.app.app_context():
        for _ in range(3):
            with transaction() as session:
                numbers.take_at_table(session, market.me, stall, NINE)

    def call(_number: int) -> object:
        return calling.call_next(db.session(), market.me, stall, 1, None, NINE)

    assert sorted(market.at_once(4, call)) == [1, 409225, 409225, 409225]  # type: ignore[type-var]


def test_a_slot_is_never_sold_twice(market: Market) -> None:
    def book(number: int) -> object:
        who = market.members[number]
        wanted = Wanted(stall_id=market.stalls[0], person_id=who.person_id, starts_at=NINE)
        me = Resident(who.account_id, who.person_id)
        return service.book(db.session(), me, wanted, NOON).state

    answers = market.at_once(THREADS, book)
    assert (answers.count("confirmed"), answers.count(40904)) == (1, THREADS - 1)


def test_the_control_finds_doubles_where_nothing_is_held(market: Market) -> None:
    """Reading who is next without holding the stall calls one person at both desks."""
    stall = market.stalls[0]
    with market.app.app_context():
        with transaction() as session:
            numbers.take_at_table(session, market.me, stall, NINE)
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite lets one writer in at a time")
    both = threading.Barrier(2)

    def naive(number: int) -> object:
        session = db.session()
        chosen = session.scalar(
            select(func.min(Ticket.number)).where(
                Ticket.stall_id == stall, Ticket.stage == Stage.WAITING
            )
        )
        both.wait()
        session.execute(
            update(Ticket)
            .where(Ticket.stall_id == stall, Ticket.number == chosen)
            .values(stage=Stage.CALLED, desk=number)
        )
        return chosen

    assert market.at_once(2, naive) == [1, 1]
    with market.app.app_context():
        assert db.session.scalar(select(Stall.calls).where(Stall.id == stall)) == 0
