"""Two classes of one course, and residents who sign up, change, wait, give back, in any order."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from backend import checking, clock
from backend.booking.check import CHECKS
from backend.booking.models import LIVE, Booking, State
from backend.db import db, transactional
from backend.errors import Refusal
from backend.night_school import service, transfers
from backend.night_school.service import Enrolment, PartyEnrolment
from backend.night_school.transfers import Transfer
from tests.booking import verbs
from tests.booking.machine import BOUNDED
from tests.factories import Make, Signed

OURS = [check for check in CHECKS if check.name not in ("offers-passed-on", "kept-places-released")]
"""What must hold at any moment; what has run out is passed on by whoever comes next."""


@transactional
def enrol(who: Signed, run_id: int) -> object:
    asked = Enrolment(run_id=run_id, person_id=who.person.id, wait=True)
    return service.enrol(db.session(), who.me, asked, clock.now())


@transactional
def enrol_both(who: Signed, run_id: int, people: list[Signed]) -> object:
    ids = [one.person.id for one in people]
    asked = PartyEnrolment(run_id=run_id, person_ids=ids, wait=True)
    return service.enrol_party(db.session(), who.me, asked, clock.now())


@transactional
def transfer(who: Signed, booking_id: int, run_id: int, **given: bool) -> object:
    asked = Transfer(run_id=run_id, **given)
    return transfers.transfer(db.session(), who.me, booking_id, asked, clock.now())


def test_nobody_who_changes_ever_loses_both(make: Make, now: datetime) -> None:
    people = [
        make.resident(f"居民{number}", birth_date=date(1990 - 10 * number, 2, 1))
        for number in range(6)
    ]
    make.consent(people[0].account, people[5].person)
    person, which = st.sampled_from(people), st.sampled_from([0, 1])

    class Classes(RuleBasedStateMachine):
        """Two runs with few places, whose deadlines pass as the clock moves on.

        In the first a place is kept for people of 60 for some hours; two may go together.
        """

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.at, until = now, now + timedelta(hours=20)
            kept_places = {"kept": 1, "kept_from_age": 60, "kept_until": until}
            self.runs = [
                make.run(
                    capacity=2, promote_until=now + timedelta(days=6),
                    cancel_until=now + timedelta(hours=hours), **kept,
                ).id
                for hours, kept in ((12, kept_places | {"next_expiry_at": until}), (60, {}))
            ]  # fmt: skip

        def does(self, verb: object, *args: object, **given: object) -> object:
            with clock.frozen(self.at):
                try:
                    return verb(*args, **given)
                except Refusal:
                    return None

        def live(self, who: Signed, run: int, *states: State) -> int | None:
            return db.session.scalars(
                select(Booking.id).where(
                    Booking.person_id == who.person.id,
                    Booking.bookable_id == self.runs[run],
                    Booking.state.in_(states or LIVE),
                )
            ).first()

        def held(self, who: Signed) -> list[int]:
            return [run for run in (0, 1) if self.live(who, run, State.CONFIRMED)]

        @rule(who=person, run=which)
        def signs_up(self, who: Signed, run: int) -> None:
            if not self.live(who, run):
                self.does(enrol, who, self.runs[run])

        @rule(run=which)
        def two_sign_up_together(self, run: int) -> None:
            if not (self.live(people[0], run) or self.live(people[5], run)):
                self.does(enrol_both, people[0], self.runs[run], [people[0], people[5]])

        @rule(
            who=person, run=which, wait=st.booleans(), late=st.booleans(), whole_party=st.booleans()
        )
        def changes(self, who: Signed, run: int, **given: bool) -> None:
            if booking := self.live(who, run):
                before = [len(self.held(one)) for one in people]
                self.does(transfer, who, booking, self.runs[1 - run], **given)
                assert [len(self.held(one)) for one in people] == before

        @rule(who=person, run=which)
        def accepts(self, who: Signed, run: int) -> None:
            if booking := self.live(who, run, State.OFFERED):
                before = self.held(who)
                self.does(verbs.accept, booking)
                assert len(self.held(who)) >= len(before)

        @rule(who=person, run=which)
        def declines(self, who: Signed, run: int) -> None:
            if booking := self.live(who, run, State.OFFERED):
                before = self.held(who)
                self.does(verbs.decline, booking)
                assert self.held(who) == before

        @rule(who=person, run=which, late=st.booleans())
        def gives_back(self, who: Signed, run: int, late: bool) -> None:
            if booking := self.live(who, run):
                self.does(verbs.cancel, booking, late=late)

        @rule(run=which, capacity=st.integers(0, 4))
        def capacity_changes(self, run: int, capacity: int) -> None:
            self.does(verbs.change_capacity, self.runs[run], capacity, overbook=True)

        @rule(hours=st.sampled_from([1, 8, 24]))
        def time_passes(self, hours: int) -> None:
            self.at += timedelta(hours=hours)

        @rule(run=which)
        def scheduler_runs(self, run: int) -> None:
            self.does(verbs.pass_on, self.runs[run])

        @invariant()
        def holds(self) -> None:
            found = checking.run(db.session.connection(), OURS, self.at)
            assert not {one.check.name: one.rows for one in found if one.rows}

    run_state_machine_as_test(Classes, settings=BOUNDED)
