"""Served, undone, given back, another dish cooked, a death told late: frozen claims add up to what
was really eaten, and the ledger to the rest.
"""

from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, insert, select, update

from backend import checking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.claims import document, queries, service
from backend.canteen.claims.check import CHECKS
from backend.canteen.claims.errors import OnePerMeal
from backend.canteen.claims.models import MealClaim, MealClaimDay, MealClaimLine, MealJudgement
from backend.canteen.eaters.models import Departure, Leaving
from backend.canteen.kitchen import check as kitchen_check
from backend.canteen.kitchen import replacing
from backend.canteen.kitchen.models import KitchenSheet
from backend.canteen.models import MealService, MenuItem
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import db
from backend.errors import NotFound, Refusal
from tests.booking.machine import BOUNDED
from tests.canteen.eaten import Eaten
from tests.console import me_of

PARTS = [
    {"percent": 1000, "min_spend_fen": 800, "payers": {"city": 1}},
    {"fixed_fen": 3, "payers": {"street": 1}},
]
"""A tenth from 8 yuan on, which the city gives; 3 fen from the street."""

PRICES = [2500, 1999, 1205, 799, 400]
DAYS = [date(2026, 2, day) for day in range(1, 5)]
_keys = count(1)


def paid_and_cooked(session, make, booking_id: int, person_id: int, now) -> SimpleNamespace:
    """The order is charged, its meal's sheet fixed: what is cooked by which menu item."""
    row = session.execute(
        select(
            MenuItem.id.label("item_id"), MenuItem.dish_id, MealService.id.label("meal_id"),
            MealService.canteen_id, MealService.starts_at.label("at"), MealService.day,
            MealOrder.pays_fen,
        )
        .join(MealLine, MealLine.menu_item_id == MenuItem.id)
        .join(MealService, MealService.id == MenuItem.meal_service_id)
        .join(MealOrder, MealOrder.booking_id == MealLine.booking_id)
        .where(MealLine.booking_id == booking_id)
    ).one()  # fmt: skip
    given = Credit(
        person_id=person_id, kind=EntryKind.TOP_UP, fen=row.pays_fen, key=f"paid-{booking_id}"
    )
    ledger.credit(session, given, Actor(), now)
    ledger.hold(session, person_id, booking_id, row.pays_fen, row.day, now)
    ledger.charge(session, [booking_id], now)

    def fixed() -> KitchenSheet:
        session.get_one(MealService, row.meal_id).published_at = now
        return make.add(
            KitchenSheet(meal_service_id=row.meal_id, frozen_at=now, orders=0, portions=0)
        )

    make.once(f"sheet {row.meal_id}", fixed)
    session.commit()
    return SimpleNamespace(**row._mapping)


def test_whatever_happens(session, make, now) -> None:
    """Two people may eat the same lunch at two canteens on four days."""
    places = [
        Eaten(make, session),
        Eaten(make, session, make.canteen(make.once("community", make.place), code="c-two")),
    ]
    people = [make.person(name) for name in ("王秀英", "李建国")]
    version = make.subsidy(parts=PARTS)
    me, cook = me_of(make.staff("accountant", name="沈会计")), me_of(make.staff("manager"))
    after, staff_id = now + timedelta(days=60), places[0].staff_id
    fen, meals, dishes = {}, {}, {}
    cheaper = {
        place.canteen.id: {
            price: make.dish(place.canteen, name=f"另一道 {price}", list_fen=price).id
            for price in PRICES
        }
        for place in places
    }
    for place in places:
        for day in DAYS:
            for person in people:
                share = 100 + 6 * len(fen)  # a day's limit may leave less than a tenth
                shares = {(0, "city"): share, (1, "street"): 3}
                ident = place.order(person, version, day, shares=shares, eaten=False)
                fen[ident], meals[ident] = share, (person.id, day)
                dishes[ident] = paid_and_cooked(session, make, ident, person.id, now)
    order, who = st.sampled_from(sorted(fen)), st.sampled_from([one.id for one in people])

    class Claims(RuleBasedStateMachine):
        """Everything that changes what is owed, and claims over any days; refused or not."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.owed, self.ever = dict(fen), {ident: {0, share} for ident, share in fen.items()}
            self.paid = {ident: 2000 - 3 - share for ident, share in fen.items()}
            self.cooked = {ident: sold.dish_id for ident, sold in dishes.items()}

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
            if self.state(booking_id) == State.CANCELLED:
                return
            session.execute(
                update(MealServed)
                .where(MealServed.booking_id == booking_id, MealServed.undone_at.is_(None))
                .values(undone_at=now, undone_by_id=staff_id, undone_reason="点错了")
            )
            self.becomes(booking_id, State.CANCELLED if ends else State.CONFIRMED)

        @rule(booking_ids=st.sets(order, min_size=4), price=st.sampled_from([None, *PRICES]))
        def another_dish_is_cooked(self, booking_ids: set[int], price: int | None) -> None:
            """None: the one on the menu again. It may be noted long after a claim was frozen."""
            for booking_id in sorted(booking_ids):
                self.is_replaced(booking_id, price)

        def is_replaced(self, booking_id: int, price: int | None) -> None:
            sold = dishes[booking_id]
            dish_id = sold.dish_id if price is None else cheaper[sold.canteen_id][price]
            verb = replacing.replace
            at = sold.at + timedelta(seconds=next(_keys))
            asked = (db.session, cook, sold.meal_id, sold.item_id, dish_id)
            try:
                with session.begin_nested():
                    verb(*asked, self.cooked[booking_id], "没到货", at)
            except NotFound:
                assert dish_id == self.cooked[booking_id]
                return
            self.cooked[booking_id] = dish_id
            if self.state(booking_id) == State.CANCELLED:
                return
            costs = min(price or 2000, 2000)
            gives = min(fen[booking_id], (costs + 5) // 10) if costs >= 800 else 0
            self.owed[booking_id] = gives
            self.ever[booking_id].add(gives)
            self.paid[booking_id] = min(self.paid[booking_id], costs - gives - 3)

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
            for booking_id in fen:
                person_id, day = meals[booking_id]
                is_due = day in claimed and booking_id in standing
                is_odd = eaten.count((person_id, day)) > 1 or gone.get(person_id, day) < day or (
                    gone.get(person_id) == day
                )  # fmt: skip
                if is_due and is_odd:
                    is_due = verdict[booking_id]
                assert asked.get(booking_id, 0) == (self.owed[booking_id] if is_due else 0)
                if is_due:
                    assert (person_id, day) not in once, "one per person and meal"
                    once.add((person_id, day))

        def spent(self) -> dict[int, int]:
            """What is left of the charge of each order."""
            rows = session.execute(
                select(Entry.booking_id, func.sum(Entry.fen))
                .where(Entry.booking_id.is_not(None))
                .group_by(Entry.booking_id)
            )
            return {row[0]: -int(row[1]) for row in rows}

        def asked(self) -> dict[int, int]:
            rows = session.execute(
                select(MealClaimLine.booking_id, func.sum(MealClaimLine.fen))
                .join(MealClaim, MealClaim.id == MealClaimLine.claim_id)
                .group_by(MealClaimLine.booking_id)
            )
            return {row[0]: int(row[1]) for row in rows}

        @invariant()
        def everything_ties_out(self) -> None:
            session.flush()
            found = checking.run(session.connection(), (*CHECKS, *kitchen_check.CHECKS[-2:]), now)
            assert [(one.check.name, one.rows) for one in found if one.rows] == []
            for booking_id, given in self.asked().items():
                assert given in self.ever[booking_id]
            assert self.spent() == self.paid

        def teardown(self) -> None:
            db.session.rollback()

    db.session.commit()
    run_state_machine_as_test(Claims, settings=settings(BOUNDED, max_examples=6))
