"""Whatever happens in whatever order: what somebody gave back is never ordered again by itself."""

from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from backend import checking, clock
from backend.booking import service as booking
from backend.booking.models import LIVE, Booking
from backend.booking.service import Actor
from backend.canteen.models import MealService
from backend.canteen.repeating import check, service
from backend.canteen.repeating.making import make_for
from backend.canteen.repeating.models import Rest
from tests.booking.machine import BOUNDED
from tests.canteen.standing import MONDAY, WEEK, menus, plan

FIRST = WEEK[:2]
DAYS = st.sampled_from(FIRST)


@pytest.fixture
def world(make, session, planner, kitchen, top_up, now):
    """One person with money, a canteen with a week of menus."""
    menus(make, session, planner, kitchen, now)
    someone = make.resident()
    top_up(someone.person.id, 100_000_00)
    return session, kitchen, someone, now


def test_nothing_is_made_again_that_was_given_back(world) -> None:
    session, kitchen, someone, now = world
    actor, person_id = Actor(account_id=someone.account.id), someone.person.id

    class Standing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.given_back: set[date] = set()
            self.skipped: set[date] = set()
            self.rests_from: date | None = None
            session.rollback()
            self.ident = self.set_up_order()

        def set_up_order(self) -> int:
            ident, _made = service.set_up(
                session, plan(person_id, kitchen.id, weekdays=[0, 1]), actor, now
            )
            return ident

        @rule()
        def set_up_anew(self) -> None:
            self.ident = self.set_up_order()
            self.skipped.clear()

        @rule()
        def run(self) -> None:
            make_for(session, person_id, now, canteen_id=kitchen.id)

        @rule(day=DAYS)
        def give_back(self, day: date) -> None:
            if (booking_id := self.live().get(day)) is not None:
                booking.cancel(session, booking_id, actor, now)
                self.given_back.add(day)

        @rule(day=DAYS)
        def skip(self, day: date) -> None:
            service.skip(session, self.ident, day, actor, now)
            self.skipped.add(day)

        @rule(day=DAYS)
        def put_back(self, day: date) -> None:
            service.put_back(session, self.ident, day, now)
            self.skipped.discard(day)

        @rule(day=DAYS)
        def rest(self, day: date) -> None:
            service.pause(session, person_id, day, None, Rest.AWAY, actor, now)
            self.rests_from = min(day, self.rests_from or day)

        @rule()
        def resume(self) -> None:
            service.resume(session, person_id, MONDAY, now)
            self.rests_from = None

        def live(self) -> dict[date, int]:
            rows = session.execute(
                select(MealService.day, Booking.id)
                .join(Booking, Booking.bookable_id == MealService.id)
                .where(Booking.person_id == person_id, Booking.state.in_(LIVE))
            ).all()
            assert len({row.day for row in rows}) == len(rows)
            return {row.day: row.id for row in rows}

        @invariant()
        def what_stands_is_what_is_wanted(self) -> None:
            rests = {day for day in FIRST if self.rests_from and day >= self.rests_from}
            wanted = set(FIRST) - self.given_back - self.skipped - rests
            assert set(self.live()) == wanted

        def teardown(self) -> None:
            found = checking.run(session.connection(), check.CHECKS, clock.now())
            assert [one.check.name for one in found if one.rows] == []

    run_state_machine_as_test(Standing, settings=settings(BOUNDED, max_examples=10))
