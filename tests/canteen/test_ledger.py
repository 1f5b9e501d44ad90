"""Money on meal accounts: what comes in, is held, spent and goes back; the sums always tie out."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from backend import checking
from backend.booking.service import Actor
from backend.canteen.accounts import cash, check, ledger, till
from backend.canteen.accounts.cash import TopUp
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.errors import AlreadyReversed, BalanceShort, MoneySpent
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import Entry, EntryKind, Hold, Purse, PurseKind
from backend.db import db
from backend.errors import KeyReused, NotFound, Refusal
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.booking.machine import BOUNDED

DAY = date(2026, 3, 12)
DESK = Actor()


@pytest.fixture
def wang(make, session, now, meal_of) -> SimpleNamespace:
    """A person, and verbs with their account."""
    person, daughter = make.person("王秀英"), make.resident("王芳")

    def pay_in(fen: int, key: str, **given) -> int:
        kind = EntryKind.GRANT if "grant" in given else EntryKind.TOP_UP
        wish = Credit(person_id=person.id, kind=kind, fen=fen, key=key, **given)
        return ledger.credit(session, wish, DESK, now)

    def hold(fen: int) -> int:
        booking_id = meal_of(person.id)
        ledger.hold(session, person.id, booking_id, fen, DAY, now)
        return booking_id

    return SimpleNamespace(person=person, payer_id=daughter.account.id, pay_in=pay_in, hold=hold)


def purses(session) -> dict[str, tuple[int, int]]:
    session.expire_all()
    found = session.scalars(select(Purse))
    return {one.name or one.kind: (one.balance_fen, one.held_fen) for one in found}


def test_money_is_spent_in_turn(wang, session, now) -> None:
    wang.pay_in(1000, "a")
    wang.pay_in(300, "b", payer_id=wang.payer_id)
    wang.pay_in(200, "c", grant="重阳补助", expires_on=DAY + timedelta(days=5))
    wang.pay_in(100, "d", grant="高龄津贴", expires_on=DAY)
    wang.pay_in(900, "e", grant="过期补助", expires_on=DAY - timedelta(days=1))
    meal = wang.hold(650)
    assert purses(session) == {
        "cash": (1000, 50), "family": (300, 300), "重阳补助": (200, 200), "高龄津贴": (100, 100),
        "过期补助": (900, 0),
    }  # fmt: skip
    assert ledger.charge(session, [meal], now) == 650
    assert ledger.charge(session, [meal], now) == 0
    assert purses(session)["cash"] == (950, 0)
    assert purses(session)["family"] == (0, 0)
    spent = select(func.sum(Entry.fen)).where(Entry.booking_id == meal)
    assert session.scalar(spent) == -650


def test_what_is_short_is_said(wang) -> None:
    wang.pay_in(1000, "a")
    wang.hold(700)
    with pytest.raises(BalanceShort) as refused:
        wang.hold(450)
    assert str(refused.value) == "餐卡余额不够，还差 1.50 元。请先充值再订餐。"


def test_a_key_stands_for_one_entry(wang, session) -> None:
    assert wang.pay_in(1000, "a") == wang.pay_in(1000, "a")
    assert purses(session) == {"cash": (1000, 0)}
    with pytest.raises(KeyReused):
        wang.pay_in(1001, "a")


@pytest.mark.parametrize("fen", [0, -5])
def test_nothing_does_not_come_in(wang, fen) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        wang.pay_in(fen, "a")


def test_an_entry_is_taken_back_once(wang, session, now) -> None:
    entry = wang.pay_in(1000, "a")
    meal = wang.hold(300)
    with pytest.raises(MoneySpent) as refused:
        ledger.reverse(session, entry, DESK, now)
    assert refused.value.data["left_fen"] == 700
    ledger.release(session, [meal], now)
    reversal = ledger.reverse(session, entry, DESK, now, "收错了")
    session.expire_all()
    first, second = session.get(Entry, entry), session.get(Entry, reversal)
    assert (first.reversed_by_id, second.reverses_id, second.fen) == (reversal, entry, -1000)
    for one in (entry, reversal):
        with pytest.raises(AlreadyReversed):
            ledger.reverse(session, one, DESK, now)
    with pytest.raises(NotFound):
        ledger.reverse(session, 999, DESK, now)


def test_unspent_money_is_paid_out(wang, session, now) -> None:
    wang.pay_in(1000, "a")
    wang.pay_in(500, "b", grant="重阳补助")
    wang.hold(900)
    cash = session.scalars(select(Purse).where(Purse.kind == PurseKind.CASH)).one()
    with pytest.raises(MoneySpent):
        ledger.pay_out(session, cash.id, 601, "r", DESK, now)
    first = ledger.pay_out(session, cash.id, 600, "r", DESK, now)
    assert ledger.pay_out(session, cash.id, 600, "r", DESK, now) == first
    assert purses(session)["cash"] == (400, 400)
    grant = session.scalars(select(Purse).where(Purse.kind == PurseKind.GRANT)).one()
    with pytest.raises(ValueError, match="somebody paid in"):
        ledger.pay_out(session, grant.id, 1, "s", DESK, now)


def test_grants_run_out_but_not_what_is_held(wang, session, now) -> None:
    wang.pay_in(1000, "a", grant="重阳补助", expires_on=DAY)
    meal = wang.hold(400)
    assert ledger.expire(session, DAY, now) == 0
    assert ledger.expire(session, DAY + timedelta(days=1), now) == 1
    assert purses(session) == {"重阳补助": (400, 400)}
    ledger.charge(session, [meal], now)
    assert purses(session) == {"重阳补助": (0, 0)}


def test_what_comes_back_to_a_grant_that_ran_out_goes_too(wang, session, now) -> None:
    wang.pay_in(1000, "a", grant="重阳补助", expires_on=DAY)
    meal, later = wang.hold(400), DAY + timedelta(days=1)
    ledger.charge(session, [meal], now)
    assert ledger.expire(session, later, now) == 1
    charged = session.scalars(select(Entry.id).where(Entry.kind == EntryKind.CHARGE)).one()
    ledger.reverse(session, charged, DESK, now)
    assert ledger.expire(session, later, now) == 1
    assert purses(session) == {"重阳补助": (0, 0)}


def test_the_ledger_is_only_added_to(wang, session) -> None:
    entry = wang.pay_in(1000, "a")
    for statement in (
        update(Entry).where(Entry.id == entry).values(fen=2000),
        update(Entry).where(Entry.id == entry).values(reversed_by_id=entry, fen=1),
        delete(Entry).where(Entry.id == entry),
    ):
        with pytest.raises(DBAPIError, match="only added to"), session.begin_nested():
            session.execute(statement)


def test_sums_tie_out_whatever_happens(make, session, now, meal_of, kitchen) -> None:
    people = [make.person(f"居民{number}").id for number in range(2)]
    payer = make.resident("王芳").account.id
    clerk = make.staff("clerk", make.once("community", make.place))
    place = make.once("community", make.place)
    me = SignedInStaff(clerk.id, clerk.name, (Scope(Role.CLERK, place.id, place.path, place.name),))
    amounts, who = st.integers(1, 2000), st.sampled_from(people)

    class Accounts(RuleBasedStateMachine):
        """Two accounts; every verb in any order, refused or not."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.number, self.meals, self.day = 0, [], DAY

        def does_for(self, me, verb, *args):
            return self.does(lambda session: verb(session, me, *args, now=now))

        def does(self, verb, *args, **given):
            self.number += 1
            try:
                with session.begin_nested():
                    return verb(session, *args, **given)
            except Refusal:
                return None

        @rule(person=who, fen=amounts, purse=st.sampled_from(["cash", "family", "soon", "late"]))
        def pays_in(self, person: int, fen: int, purse: str) -> None:
            given = {
                "cash": {}, "family": {"payer_id": payer},
                "soon": {"grant": "补助", "expires_on": DAY + timedelta(days=3)},
                "late": {"grant": "长期补助"},
            }[purse]  # fmt: skip
            key = f"in:{self.number}"
            wish = Credit(person_id=person, kind=EntryKind.TOP_UP, fen=fen, key=key, **given)
            self.does(ledger.credit, wish, DESK, now)

        @rule(person=who, fen=amounts)
        def orders(self, person: int, fen: int) -> None:
            booking_id = meal_of(person)
            before = session.execute(select(Purse.id, Purse.held_fen)).all()
            self.does(ledger.hold, person, booking_id, fen, self.day, now)
            held = session.scalar(select(func.sum(Hold.fen)).where(Hold.booking_id == booking_id))
            assert held in (None, fen)
            if held is None:
                # Nothing is taken.
                assert session.execute(select(Purse.id, Purse.held_fen)).all() == before
            else:
                self.meals.append(booking_id)

        @rule(data=st.data(), verb=st.sampled_from([ledger.charge, ledger.release]))
        def ends(self, data, verb) -> None:
            if self.meals:
                some = data.draw(st.lists(st.sampled_from(self.meals), min_size=1, max_size=4))
                self.does(verb, some, now)

        @rule(person=who, fen=amounts, payer_id=st.sampled_from([None, payer]), again=st.booleans())
        def tops_up_at_the_desk(
            self, person: int, fen: int, payer_id: int | None, again: bool
        ) -> None:
            wish = TopUp(
                person_id=person, canteen_id=kitchen.id, fen=fen, key=f"cash:{self.number}",
                payer_id=payer_id,
            )  # fmt: skip
            receipts = {self.does_for(me, cash.top_up, wish) for _ in range(1 + again)}
            assert len(receipts) == 1

        @rule(data=st.data())
        def takes_back_at_the_desk(self, data) -> None:
            if entries := session.scalars(select(Receipt.entry_id).order_by(Receipt.id)).all():
                self.does_for(me, cash.take_back, data.draw(st.sampled_from(entries)), "错了")

        @rule(fen=amounts, data=st.data())
        def refunds_at_the_desk(self, fen: int, data) -> None:
            if found := session.scalars(select(Purse.id).order_by(Purse.id)).all():
                purse, key = data.draw(st.sampled_from(found)), f"back:{self.number}"
                self.does_for(me, cash.refund, kitchen.id, purse, fen, key)

        @rule(counts=amounts)
        def closes_the_till(self, counts: int) -> None:
            for one in till.list_open(session, me):
                last_id = one["last_id"]
                assert self.does_for(
                    me, till.close, kitchen.id, one["staff_id"], last_id, counts, "点过了"
                )
                # Once closed, the same count is refused.
                assert not self.does_for(
                    me, till.close, kitchen.id, one["staff_id"], last_id, counts, "点过了"
                )

        @rule(data=st.data())
        def takes_back(self, data) -> None:
            if entries := session.scalars(select(Entry.id).order_by(Entry.id)).all():
                self.does(ledger.reverse, data.draw(st.sampled_from(entries)), DESK, now)

        @rule(fen=amounts, data=st.data())
        def pays_out(self, fen: int, data) -> None:
            paid_in = Purse.kind != PurseKind.GRANT
            if found := session.scalars(select(Purse.id).where(paid_in).order_by(Purse.id)).all():
                purse = data.draw(st.sampled_from(found))
                self.does(ledger.pay_out, purse, fen, f"out:{self.number}", DESK, now)

        @rule(days=st.integers(0, 2))
        def days_pass(self, days: int) -> None:
            self.day += timedelta(days=days)
            self.does(ledger.expire, self.day, now)

        @invariant()
        def balances_are_the_sums(self) -> None:
            session.expire_all()
            found = checking.run(session.connection(), check.CHECKS, None)
            assert {one.check.name: one.rows for one in found if one.rows} == {}

        def teardown(self) -> None:
            db.session.rollback()

    db.session.commit()
    run_state_machine_as_test(Accounts, settings=BOUNDED)
