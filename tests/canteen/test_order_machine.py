"""Ordering, amending, giving back, charging, cutting pools in any order: sums always tie out."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, update

from backend import checking
from backend.booking import service as booking
from backend.booking.models import HELD, Booking, State
from backend.booking.service import Actor
from backend.canteen import items
from backend.canteen.accounts import ledger
from backend.canteen.accounts.models import Entry, Hold, Purse
from backend.canteen.items import Planned
from backend.canteen.models import Canteen, MenuItem, Mode
from backend.canteen.ordering import check, service
from backend.canteen.ordering.asked import Wanted
from backend.db import RunAgain, db
from backend.errors import Refusal
from tests.booking.machine import BOUNDED


def test_whatever_happens(session, make, lunch, kitchen, top_up, now) -> None:
    people = [make.person(f"居民{number}", address="1号楼").id for number in range(3)]
    for person in people:
        top_up(person, 4000)
    make.subsidy(
        parts=[
            {"percent": 2500, "cap_fen": 300, "week_fen": 500, "payers": {"city": 1, "street": 2}}
        ]
    )
    session.execute(update(Canteen).values(delivery_fen=150, free_from_fen=2000))
    clerk, who = Actor(staff_id=make.staff().id), st.sampled_from(people)
    dish = st.sampled_from([lunch.tofu, lunch.fish, lunch.greens])
    dishes = st.lists(st.tuples(dish, st.integers(0, 3)), max_size=3)
    capacity = st.one_of(st.none(), st.integers(0, 5))

    class Orders(RuleBasedStateMachine):
        """Three people at one lunch; every verb in any order, refused or not."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()

        def does(self, verb, *args, **given):
            try:
                with session.begin_nested():
                    return verb(session, *args, **given)
            except Refusal:
                return None
            except RunAgain:
                raise AssertionError("nobody else is here") from None

        def order_of(self, person: int) -> int | None:
            live = Booking.person_id == person, Booking.state == State.CONFIRMED
            return session.scalar(select(Booking.id).where(*live))

        def standing(self) -> list[list[int]]:
            every = (select(Purse.held_fen), select(MenuItem.taken))
            return [list(session.scalars(one)) for one in every]

        @rule(person=who, chosen=dishes, mode=st.sampled_from(list(Mode)))
        def orders(self, person: int, chosen: list[tuple[int, int]], mode: str) -> None:
            wanted = Wanted(
                meal_service_id=lunch.id, person_id=person, dishes=chosen, mode=mode
            )  # fmt: skip
            before = self.standing()
            if self.does(service.order_for, clerk, wanted, now) is None:
                assert self.standing() == before

        @rule(person=who)
        def gives_back(self, person: int) -> None:
            if ident := self.order_of(person):
                self.does(booking.cancel, ident, clerk, now)

        @rule(person=who)
        def is_charged(self, person: int) -> None:
            if ident := self.order_of(person):
                self.does(ledger.charge, [ident], now)
                self.does(booking.cancel, ident, clerk, now)

        @rule(tofu=capacity, greens=capacity)
        def pools_are_cut(self, tofu: int | None, greens: int | None) -> None:
            plan = [
                Planned(dish_id=kitchen.tofu.id, capacity=tofu, reason="少了"),
                Planned(dish_id=kitchen.fish.id, discount_fen=300),
                Planned(dish_id=kitchen.greens.id, capacity=greens, reason="少了"),
            ]
            self.does(items.write, kitchen.id, lunch.id, plan)

        @invariant()
        def everything_ties_out(self) -> None:
            session.expire_all()
            found = checking.run(session.connection(), check.CHECKS, now)
            assert [(one.check.name, one.rows) for one in found if one.rows] == []
            for purse in session.scalars(select(Purse)):
                lines = select(func.sum(Entry.fen)).where(Entry.purse_id == purse.id)
                holds = select(func.sum(Hold.fen)).where(
                    Hold.purse_id == purse.id, Hold.state == "open"
                )
                assert purse.balance_fen == session.scalar(lines)
                assert purse.held_fen == (session.scalar(holds) or 0)
            if not session.scalar(select(Booking.id).where(Booking.state.in_(HELD)).limit(1)):
                assert set(session.scalars(select(Purse.balance_fen))) == {4000}
                assert set(session.scalars(select(MenuItem.taken))) == {0}

        def teardown(self) -> None:
            db.session.rollback()

    db.session.commit()
    run_state_machine_as_test(Orders, settings=BOUNDED)
