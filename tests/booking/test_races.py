"""Many residents in the same instant, over HTTP, on a server with a database of its own."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPException

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from backend.app import create_app
from backend.booking.models import Bookable, Booking
from backend.commands.check import audit
from backend.db import db
from backend.people.models import Consent, Person
from tests import databases, settings
from tests.booking.crowd import Answer, Caller, Member, all_at_once, crowd
from tests.booking.naive import TABLE
from tests.factories import Make
from tests.server import environment, serving

pytestmark = pytest.mark.xdist_group("races")


@dataclass(frozen=True, slots=True)
class Races:
    """A served application; runs and residents are made for each test."""

    app: Flask
    base: str
    now: datetime
    make: Make

    def run(self, capacity: int, **given: object) -> int:
        return self.make.run(capacity=capacity, **given).id

    def counters(self, run_id: int) -> tuple[int, int]:
        db.session.rollback()
        return tuple(
            db.session.execute(
                select(Bookable.taken, Bookable.waiting).where(Bookable.id == run_id)
            ).one()
        )

    def states(self, run_id: int) -> Counter[str]:
        db.session.rollback()
        return Counter(
            db.session.scalars(select(Booking.state).where(Booking.bookable_id == run_id))
        )

    def wrong(self) -> dict[str, object]:
        db.session.rollback()
        return {one.check.name: one.rows for one in audit(timedelta(hours=1)) if one.rows}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def races(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Races]:
    url = databases.new_database(request.param, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    with app.app_context():
        db.session.execute(text(TABLE))
        db.session.commit()
        env = environment(database_url=url, rate_limits="true")
        with serving(env, target="tests.booking.naive:create()") as base:
            now = datetime.now(UTC)
            yield Races(app, base, now, Make(now))
    databases.dispose(app)


def test_two_hundred_want_thirty_places(races: Races) -> None:
    run_id, members = races.run(capacity=30), crowd(200, races.now)
    answers = all_at_once(
        races.base, members, lambda number, me: me.enrol(run_id, key=f"rush-{number}")
    )
    assert Counter(answer.status for answer in answers) == {201: 200}
    assert Counter(answer.data["state"] for answer in answers) == {"confirmed": 30, "waiting": 170}
    numbers = [answer.data["queue_no"] for answer in answers]
    assert sorted(number for number in numbers if number is not None) == list(range(1, 171))
    assert races.counters(run_id) == (30, 170)
    assert races.states(run_id) == {"confirmed": 30, "waiting": 170}
    assert races.wrong() == {}


def test_nobody_else_gets_a_kept_place_in_the_rush(races: Races) -> None:
    """Twelve of thirty places are kept for people of sixty: fifteen of those and fifty others."""
    until = races.now + timedelta(days=1)
    run_id = races.run(30, kept=12, kept_from_age=60, kept_until=until, next_expiry_at=until)
    others, seniors = crowd(50, races.now), crowd(15, races.now)
    db.session.execute(
        update(Person)
        .where(Person.id.in_([one.person_id for one in seniors]))
        .values(birth_date=date(1950, 1, 1))
    )
    db.session.commit()
    everybody = [member for pair in zip(others, seniors, strict=False) for member in pair]
    all_at_once(
        races.base, [*everybody, *others[len(seniors) :]], lambda _number, me: me.enrol(run_id)
    )
    held = db.session.execute(
        select(Booking.person_id, Booking.on_kept).where(
            Booking.bookable_id == run_id, Booking.state == "confirmed"
        )
    ).all()
    on_kept = {one.person_id for one in held if one.on_kept}
    assert (len(held), len(on_kept)) == (30, 12)
    assert on_kept <= {one.person_id for one in seniors}
    assert races.wrong() == {}


def test_many_runs_fill_at_once(races: Races) -> None:
    """Two workers, whose batches want the same runs in any order: each is sold once, to the last.

    Everybody tries every run, beginning with another, so all are wanted at any moment.
    """
    run_ids, members = [races.run(capacity=7) for _ in range(8)], crowd(40, races.now)

    def call(number: int, me: Caller) -> list[int]:
        order = run_ids[number % 8 :] + run_ids[: number % 8]
        return [me.enrol(run_id, wait=False).body["errcode"] for run_id in order]

    answers = Counter(code for codes in all_at_once(races.base, members, call) for code in codes)
    assert answers == {0: 56, 40904: 264}
    assert [races.counters(run_id) for run_id in run_ids] == [(7, 0)] * 8
    assert races.wrong() == {}


def test_the_control_oversells(races: Races) -> None:
    """Count first, then write: the same crowd, the same server. So the test above can fail."""
    run_id, members = races.run(capacity=30), crowd(200, races.now)
    answers = all_at_once(
        races.base, members, lambda _, me: me.post(f"/naive/{run_id}/{me.member.person_id}")
    )
    assert Counter(answer.status for answer in answers)[201] > 30
    sold = db.session.scalar(
        text("SELECT count(*) FROM naive_booking WHERE run_id = :run"), {"run": run_id}
    )
    assert sold > 30


def test_a_double_click_with_one_key_is_one_booking(races: Races) -> None:
    run_id, [me] = races.run(capacity=30), crowd(1, races.now)
    answers = all_at_once(races.base, [me] * 10, lambda _, caller: caller.enrol(run_id, key="k"))
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 9}
    assert len({answer.data["booking_id"] for answer in answers}) == 1
    assert races.counters(run_id) == (1, 0)


def test_ten_keys_of_one_person_are_one_booking_and_nine_refusals(races: Races) -> None:
    run_id, [me] = races.run(capacity=30), crowd(1, races.now)
    answers = all_at_once(
        races.base, [me] * 10, lambda number, caller: caller.enrol(run_id, key=f"k{number}")
    )
    assert Counter(answer.body["errcode"] for answer in answers) == {0: 1, 40905: 9}
    [booked] = [answer.data["booking_id"] for answer in answers if answer.status == 201]
    refused = {answer.data["booking_id"] for answer in answers if answer.status == 409}
    assert refused == {booked}
    assert races.counters(run_id) == (1, 0)


@pytest.mark.parametrize("wait", [True, False])
def test_the_last_place_is_given_back_while_others_ask(races: Races, wait: bool) -> None:
    """It goes to exactly one: held by an offer where somebody waits, else to whoever comes."""
    run_id, members = races.run(capacity=1), crowd(12, races.now)
    holder = Caller(races.base, members[0])
    booked = holder.enrol(run_id).data["booking_id"]
    holder.close()

    def call(number: int, me: Caller):
        if number == 0:
            return me.post(f"/mp/v1/bookings/{booked}/cancel")
        return me.enrol(run_id, wait=wait)

    answers = all_at_once(races.base, members, call)
    assert answers[0].status == 200
    assert {answer.body["errcode"] for answer in answers} <= {0, 40904}
    states = races.states(run_id)
    held = states["confirmed"] + states["offered"]
    if wait:
        assert (held, states["waiting"]) == (1, 10)
    else:
        assert held <= 1
        assert states["waiting"] == 0
    assert races.counters(run_id) == (held, states["waiting"])
    assert races.wrong() == {}


def test_everybody_cancels_while_others_come(races: Races) -> None:
    run_id, members = races.run(capacity=10), crowd(40, races.now)
    booked = [
        answer.data["booking_id"]
        for answer in all_at_once(races.base, members[:20], lambda _, me: me.enrol(run_id))
    ]

    def call(number: int, me: Caller):
        if number < 20:
            return me.post(f"/mp/v1/bookings/{booked[number]}/cancel")
        return me.enrol(run_id)

    answers = all_at_once(races.base, members, call)
    assert {answer.status for answer in answers} <= {200, 201}
    states = races.states(run_id)
    assert states["cancelled"] == 20
    assert states["confirmed"] + states["offered"] == 10
    assert states["waiting"] == 10
    assert races.wrong() == {}


def families(count: int, now: datetime) -> list[list[Member]]:
    """Three people each, of whom the first may act for the others; committed."""
    members = crowd(3 * count, now)
    grouped = [members[start : start + 3] for start in range(0, len(members), 3)]
    for first, *others in grouped:
        for one in others:
            db.session.add(
                Consent(
                    account_id=first.account_id, person_id=one.person_id, relation="parent",
                    requested_at=now, given_at=now,
                )
            )  # fmt: skip
    db.session.commit()
    return grouped


def go_together(me: Caller, run_id: int, family: list[Member], **given: bool) -> Answer:
    return me.post(
        f"/mp/v1/night-school/runs/{run_id}/parties",
        {"person_ids": [one.person_id for one in family]} | given,
        key=f"party-{run_id}",
    )


def states_by_party(run_id: int) -> Counter[frozenset[str]]:
    """How many parties have members in which states; whoever is alone is left out."""
    rows = db.session.execute(
        select(Booking.party_id, Booking.state).where(
            Booking.bookable_id == run_id, Booking.party_id.is_not(None)
        )
    )
    found: dict[int, set[str]] = {}
    for party_id, state in rows:
        found.setdefault(party_id, set()).add(state)
    return Counter(frozenset(states) for states in found.values())


@pytest.mark.parametrize("wait", [True, False])
def test_parties_and_singles_want_the_last_places(races: Races, wait: bool) -> None:
    """Never one place too many, and no family with only some of them in."""
    run_id = races.run(capacity=31)
    fetched, singles = families(20, races.now), crowd(20, races.now)
    callers = [family[0] for family in fetched] + singles

    def call(number: int, me: Caller) -> Answer:
        if number < len(fetched):
            return go_together(me, run_id, fetched[number], wait=wait)
        return me.enrol(run_id, wait=wait)

    answers = all_at_once(races.base, callers, call)
    codes = Counter(answer.body["errcode"] for answer in answers)
    states, parties = races.states(run_id), states_by_party(run_id)
    assert all(len(one) == 1 for one in parties), parties
    if wait:
        assert codes == {0: 40}
        assert sum(parties.values()) == 20
        assert states["confirmed"] + states["waiting"] == 80
    else:
        assert set(codes) <= {0, 40904, 40924}
        assert set(parties) == {frozenset({"confirmed"})}
        assert states.total() == states["confirmed"]
    # Up to two places stay free where the next who asked was a family of three.
    assert 29 <= states["confirmed"] <= 31
    assert races.counters(run_id) == (states["confirmed"], states["waiting"])
    numbers = [
        one["queue_no"] for answer in answers[:20] if wait for one in answer.data["bookings"]
    ]
    assert len(set(numbers) - {None}) == len([number for number in numbers if number])
    assert races.wrong() == {}


def test_a_double_tap_of_a_party_is_one_party(races: Races) -> None:
    run_id, [family] = races.run(capacity=30), families(1, races.now)
    answers = all_at_once(
        races.base, [family[0]] * 10, lambda _, me: go_together(me, run_id, family)
    )
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 9}
    assert len({answer.data["party_id"] for answer in answers}) == 1
    assert races.counters(run_id) == (3, 0)


def test_a_party_and_its_members_alone_at_once(races: Races) -> None:
    """Each is in once: with the others, or alone and then the party is refused as a whole."""
    for _ in range(5):
        run_id, [family] = races.run(capacity=30), families(1, races.now)

        def call(
            number: int, me: Caller, run_id: int = run_id, family: list[Member] = family
        ) -> Answer:
            return me.enrol(run_id) if number else go_together(me, run_id, family)

        together, *alone = all_at_once(races.base, [family[0], *family[1:]], call)
        won = sum(answer.status == 201 for answer in alone)
        assert won == (0 if together.status == 201 else 2)
        assert {answer.body["errcode"] for answer in (together, *alone)} == {0, 40905}
        assert races.counters(run_id) == (3 if together.status == 201 else 2, 0)
    assert races.wrong() == {}


def test_parties_come_and_go_and_are_never_split(races: Races) -> None:
    """Families cancel as a whole while others come; what is freed is offered to whole families."""
    run_id = races.run(capacity=12)
    fetched = families(12, races.now)
    first = [
        answer.data["bookings"][0]["booking_id"]
        for answer in all_at_once(
            races.base, [family[0] for family in fetched[:6]],
            lambda number, me: go_together(me, run_id, fetched[number], wait=True),
        )
    ]  # fmt: skip

    def call(number: int, me: Caller) -> Answer:
        if number < 6:
            return me.post(f"/mp/v1/bookings/{first[number]}/cancel", {"whole_party": True})
        return go_together(me, run_id, fetched[number], wait=True)

    answers = all_at_once(races.base, [family[0] for family in fetched], call)
    assert {answer.status for answer in answers} <= {200, 201}
    states, parties = races.states(run_id), states_by_party(run_id)
    assert all(len(one) == 1 for one in parties), parties
    assert parties[frozenset({"cancelled"})] == 6
    assert states["confirmed"] + states["offered"] == 12
    assert states["waiting"] == 6
    assert races.counters(run_id) == (12, 6)
    assert races.wrong() == {}


def test_an_offer_is_accepted_in_the_moment_it_runs_out(races: Races) -> None:
    """It is either confirmed or passed on to the next in line, whoever comes first."""
    members = crowd(8, races.now)
    outcomes = set()
    for milliseconds in (0, 20, 60, 120, 5000):
        run_id = races.run(capacity=1)
        callers = [Caller(races.base, member) for member in members[:3]]
        held, offered, next_one = (one.enrol(run_id).data["booking_id"] for one in callers)
        callers[0].post(f"/mp/v1/bookings/{held}/cancel")
        for one in callers:
            one.close()
        until = datetime.now(UTC) + timedelta(milliseconds=milliseconds)
        for table in (
            update(Booking).where(Booking.id == offered).values(offer_until=until),
            update(Bookable).where(Bookable.id == run_id).values(next_expiry_at=until),
        ):
            db.session.execute(table)
        db.session.commit()

        def call(number: int, me: Caller, run_id: int = run_id, offered: int = offered):
            if number == 1:
                return me.post(f"/mp/v1/bookings/{offered}/accept")
            return me.enrol(run_id) if number > 2 else None

        accepted = all_at_once(races.base, members, call)[1]
        db.session.rollback()
        states = dict(
            db.session.execute(
                select(Booking.id, Booking.state).where(Booking.id.in_([offered, next_one]))
            ).all()
        )
        if accepted.status == 200:
            assert states == {offered: "confirmed", next_one: "waiting"}
        else:
            assert accepted.body["errcode"] == 40912
            assert states == {offered: "declined", next_one: "offered"}
        outcomes.add(accepted.status)
        assert races.counters(run_id) == (1, 6 if accepted.status == 200 else 5)
    assert outcomes == {200, 409}
    assert races.wrong() == {}


def test_killed_workers_lose_nothing_that_was_answered(races: Races) -> None:
    """Workers die in the middle of a rush; phones try again with the same key."""
    run_id, members = races.run(capacity=20), crowd(50, races.now)

    def call(number: int, me: Caller) -> tuple[int, str]:
        if number % 20 == 10:
            kill_a_worker(me)
        answers = [once_answered(races.base, me.member, run_id, f"kill-{number}") for _ in "ab"]
        assert answers[0] == answers[1]
        return answers[0]

    answers = all_at_once(races.base, members, call)
    assert len({booking_id for booking_id, _ in answers}) == 50
    db.session.rollback()
    kept = db.session.execute(
        select(Booking.id, Booking.state).where(Booking.bookable_id == run_id)
    )
    assert {tuple(row) for row in kept} == set(answers)
    assert races.counters(run_id) == (20, 30)
    assert races.wrong() == {}


def kill_a_worker(caller: Caller) -> None:
    with suppress(OSError, HTTPException):
        caller.post("/kill")


def once_answered(base: str, member: Member, run_id: int, key: str) -> tuple[int, str]:
    """(booking, state), however often the line breaks off before the answer."""
    for _ in range(100):
        with suppress(OSError, HTTPException):
            caller = Caller(base, member)
            try:
                answer = caller.enrol(run_id, key=key)
            finally:
                caller.close()
            assert answer.status in (200, 201), answer
            return answer.data["booking_id"], answer.data["state"]
        time.sleep(0.05)
    raise AssertionError("no answer in a hundred tries")
