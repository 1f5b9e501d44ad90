"""Two classes of one course, and residents who sign up, change, wait, give back, in any order."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from backend import clock
from backend.booking.check import CHECKS
from backend.booking.models import LIVE, Booking, State
from backend.commands.check import audit
from backend.db import db, transactional
from backend.errors import Refusal
from backend.night_school import transfers
from backend.night_school.transfers import Transfer
from tests.booking import verbs
from tests.booking.test_machine import BOUNDED
from tests.factories import Make, Signed

OURS = {check.name for check in CHECKS} - {"offers-passed-on"}
"""What must hold at any moment; offers are passed on by whoever comes next."""


@transactional
def transfer(who: Signed, booking_id: int, run_id: int, *, wait: bool, late: bool) -> object:
    asked = Transfer(run_id=run_id, wait=wait, late=late)
    return transfers.transfer(db.session(), who.me, booking_id, asked, clock.now())


def test_nobody_who_changes_ever_loses_both(make: Make, now: datetime) -> None:
    people = [make.resident(f"居民{number}") for number in range(6)]
    person, which = st.sampled_from(people), st.sampled_from([0, 1])

    class Classes(RuleBasedStateMachine):
        """Two runs with few places, whose deadlines pass as the clock moves on."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.at = now
            self.runs = [
                make.run(
                    capacity=2, promote_until=now + timedelta(days=6),
                    cancel_until=now + timedelta(hours=hours),
                ).id
                for hours in (12, 60)
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
                self.does(
                    verbs.book, self.runs[run], who.person.id, account_id=who.account.id, wait=True
                )

        @rule(who=person, run=which, wait=st.booleans(), late=st.booleans())
        def changes(self, who: Signed, run: int, wait: bool, late: bool) -> None:
            if booking := self.live(who, run):
                before = self.held(who)
                self.does(transfer, who, booking, self.runs[1 - run], wait=wait, late=late)
                assert len(self.held(who)) == len(before)

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
            found = audit(timedelta(0))
            assert {one.check.name: one.rows for one in found if one.rows}.keys().isdisjoint(OURS)

    run_state_machine_as_test(Classes, settings=BOUNDED)
