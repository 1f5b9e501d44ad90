"""Served, undone, given back, a death told late: frozen claims add up to what was really eaten."""

from datetime import date, timedelta
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, insert, select, update

from backend import checking
from backend.booking.models import Booking, State
from backend.canteen.claims import document, queries, service
from backend.canteen.claims.check import CHECKS
from backend.canteen.claims.errors import OnePerMeal
from backend.canteen.claims.models import MealClaim, MealClaimDay, MealClaimLine, MealJudgement
from backend.canteen.eaters.models import Departure, Leaving
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import db
from backend.errors import Refusal
from tests.booking.machine import BOUNDED
from tests.canteen.eaten import Eaten
from tests.console import me_of

DAYS = [date(2026, 2, day) for day in range(1, 5)]
_keys = count(1)


def test_whatever_happens(session, make, now) -> None:
    """Two people may eat the same lunch at two canteens on four days."""
    places = [
        Eaten(make, session),
        Eaten(make, session, make.canteen(make.once("community", make.place), code="c-two")),
    ]
    people, version = [make.person(name) for name in ("王秀英", "李建国")], make.subsidy()
    me = me_of(make.staff("accountant", name="沈会计"))
    after, staff_id = now + timedelta(days=60), places[0].staff_id
    fen = {}
    meals = {}
    for place in places:
        for day in DAYS:
            for person in people:
                share = 100 + 7 * len(fen)
                shares = {(0, "city"): share, (0, "street"): 3}
                ident = place.order(person, version, day, shares=shares, eaten=False)
                fen[ident], meals[ident] = share, (person.id, day)
    order, who = st.sampled_from(sorted(fen)), st.sampled_from([one.id for one in people])

    class Claims(RuleBasedStateMachine):
        """Everything that changes what is owed, and claims over any days; refused or not."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()

        def does(self, verb, *args, **given):
            try:
                with session.begin_nested():
                    return verb(session, me, *args, **given)
            except Refusal as refusal:
                return refusal

        def state(self, booking_id: int) -> str:
            return session.scalar(select(Booking.state).where(Booking.id == booking_id))

        def becomes(self, booking_id: int, state: State) -> None:
            session.execute(update(Booking).where(Booking.id == booking_id).values(state=state))

        @rule(booking_id=order)
        def is_served(self, booking_id: int) -> None:
            if self.state(booking_id) != State.CONFIRMED:
                return
            session.execute(
                insert(MealServed).values(
                    booking_id=booking_id, way=Way.COUNTER, proof=Proof.CODE, at=now,
                    recorded_at=now, staff_id=staff_id, key=f"machine-{next(_keys)}",
                )
            )  # fmt: skip
            self.becomes(booking_id, State.ATTENDED)

        @rule(booking_ids=st.sets(order, min_size=4))
        def many_are_served(self, booking_ids: set[int]) -> None:
            for booking_id in booking_ids:
                self.is_served(booking_id)

        @rule(booking_id=order, ends=st.booleans())
        def is_undone(self, booking_id: int, ends: bool) -> None:
            session.execute(
                update(MealServed)
                .where(MealServed.booking_id == booking_id, MealServed.undone_at.is_(None))
                .values(undone_at=now, undone_by_id=staff_id, undone_reason="点错了")
            )
            self.becomes(booking_id, State.CANCELLED if ends else State.CONFIRMED)

        @rule(person_id=who, day=st.sampled_from([None, *DAYS]))
        def is_gone(self, person_id: int, day: date | None) -> None:
            session.execute(delete(Departure).where(Departure.person_id == person_id))
            if day is not None:
                session.execute(
                    insert(Departure).values(
                        person_id=person_id, kind=Leaving.DECEASED, left_on=day, noted_at=now,
                        staff_id=staff_id,
                    )
                )  # fmt: skip

        @rule(days=st.tuples(st.integers(0, 3), st.integers(0, 3)), answers=st.randoms())
        def is_claimed(self, days: tuple[int, int], answers) -> None:
            period = DAYS[min(days)], DAYS[max(days)]
            made = self.does(service.make, *period, [f"city:{places[0].canteen.id}"], after)
            if isinstance(made, Refusal):
                return
            [ident] = made
            for one in queries.get_claim(session, me, ident).draft.flagged:
                if not one.is_open:
                    continue
                given = {"reason": "核实", "now": after}
                claims = answers.random() < 0.7
                judged = (ident, one.row.booking_id)
                told = self.does(service.judge, *judged, claims=claims, **given)
                if isinstance(told, OnePerMeal):
                    told = self.does(service.judge, *judged, claims=False, **given)
                assert told is None
            assert self.does(service.freeze, ident, after) is None
            self.asked_is_owed()
            row = service.access_frozen(session, me, ident)
            assert queries.matches(session, row)
            assert document.head_of(session, row, service.scope_of(session, row)) == row.head

        def asked_is_owed(self) -> None:
            """Of every day that is claimed, a freeze leaves neither too much nor too little."""
            claimed = set(session.scalars(select(MealClaimDay.day)))
            standing = [one for one in fen if self.state(one) == State.ATTENDED]
            eaten = [meals[one] for one in standing]
            gone = dict(session.execute(select(Departure.person_id, Departure.left_on)).all())
            verdict = dict(
                session.execute(select(MealJudgement.booking_id, MealJudgement.claims)).all()
            )
            asked = self.asked()
            once = set()
            for booking_id, share in fen.items():
                person_id, day = meals[booking_id]
                is_due = day in claimed and booking_id in standing
                is_odd = eaten.count((person_id, day)) > 1 or gone.get(person_id, day) < day or (
                    gone.get(person_id) == day
                )  # fmt: skip
                if is_due and is_odd:
                    is_due = verdict[booking_id]
                assert asked.get(booking_id, 0) == (share if is_due else 0)
                if is_due:
                    assert (person_id, day) not in once, "one per person and meal"
                    once.add((person_id, day))

        def asked(self) -> dict[int, int]:
            rows = session.execute(
                select(MealClaimLine.booking_id, func.sum(MealClaimLine.fen))
                .join(MealClaim, MealClaim.id == MealClaimLine.claim_id)
                .group_by(MealClaimLine.booking_id)
            )
            return {row[0]: int(row[1]) for row in rows}

        @invariant()
        def everything_ties_out(self) -> None:
            found = checking.run(session.connection(), CHECKS, now)
            assert [(one.check.name, one.rows) for one in found if one.rows] == []
            for booking_id, given in self.asked().items():
                assert given in (0, fen[booking_id])

        def teardown(self) -> None:
            db.session.rollback()

    db.session.commit()
    run_state_machine_as_test(Claims, settings=settings(BOUNDED, max_examples=6))
