"""Meal accounts at the desk: receipts, refunds to who paid, taking back, grants, tills, merging."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from backend import checking
from backend.canteen.accounts import check, ledger, statements, till
from backend.canteen.accounts.cash import Grant, TopUp
from backend.canteen.accounts.desk_models import Receipt, TillClose
from backend.canteen.accounts.errors import (
    AlreadyReversed,
    DifferenceUnexplained,
    MoneySpent,
    NotTakenBack,
    TillChanged,
)
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse
from backend.clock import today
from backend.desk import meal_accounts as desk
from backend.errors import KeyReused, NotFound
from backend.people.merging import merge
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from tests.factories import Make


def clerk_at(make: Make, place, name: str = "顾春梅") -> SignedInStaff:
    someone = make.staff(Role.CLERK, place, name=name)
    return SignedInStaff(someone.id, name, (Scope(Role.CLERK, place.id, place.path, place.name),))


@pytest.fixture
def at_desk(make: Make, session, now, kitchen) -> SimpleNamespace:
    """A clerk, an old man with a daughter, and verbs on his account."""
    here = make.once("community", make.place)
    me, father, daughter = clerk_at(make, here), make.person("王建国"), make.resident("王芳")

    def top_up(fen: int, key: str = "a", **given) -> Receipt:
        wish = TopUp(person_id=father.id, canteen_id=kitchen.id, fen=fen, key=key, **given)
        return session.get_one(Receipt, desk.top_up(session, me, wish, now))

    def purse(kind: str = "cash") -> Purse:
        session.expire_all()
        return session.scalars(select(Purse).where(Purse.kind == kind)).one()

    def expected() -> list[int]:
        return [one["expected_fen"] for one in till.list_open(session, me)]

    return SimpleNamespace(
        me=me, father=father, payer_id=daughter.account.id, canteen_id=kitchen.id,
        top_up=top_up, purse=purse, expected=expected,
    )  # fmt: skip


def test_a_double_click_tops_up_once(at_desk, session) -> None:
    first, again = at_desk.top_up(10000), at_desk.top_up(10000)
    assert (first.id, first.number, first.fen) == (again.id, 1, 10000)
    assert (at_desk.purse().balance_fen, at_desk.purse().canteen_id) == (10000, at_desk.canteen_id)
    with pytest.raises(KeyReused):
        at_desk.top_up(5000)
    assert at_desk.top_up(5000, "b").number == 2
    audited = session.scalars(select(AuditEntry.action)).all()
    assert audited == ["meal_account.top_up"] * 2


def test_money_goes_back_to_who_paid_it(at_desk, session, now) -> None:
    at_desk.top_up(1000)
    at_desk.top_up(3000, "b", payer_id=at_desk.payer_id)
    mine, hers = at_desk.purse(), at_desk.purse("family")
    back = (session, at_desk.me, at_desk.canteen_id)
    with pytest.raises(MoneySpent):
        desk.refund(*back, mine.id, 1001, "x", now)
    receipt = desk.refund(*back, hers.id, 2500, "y", now)
    assert desk.refund(*back, hers.id, 2500, "y", now) == receipt
    assert (at_desk.purse().balance_fen, at_desk.purse("family").balance_fen) == (1000, 500)
    assert session.get_one(Receipt, receipt).fen == -2500
    assert at_desk.expected() == [1500]


def test_a_grant_is_given_once_to_each_and_never_paid_out(at_desk, make, session, now) -> None:
    other = make.person("李秀兰")
    given = Grant(name="重阳补助", fen=500, expires_on=date(2026, 12, 31), key="g")
    people = [at_desk.father.id, other.id, other.id]
    assert desk.give(session, at_desk.me, people, given, now) == 2
    assert desk.give(session, at_desk.me, people, given, now) == 0
    assert session.scalar(select(func.sum(Purse.balance_fen))) == 1000
    one = session.scalars(select(Purse.id).limit(1)).one()
    with pytest.raises(NotFound):
        desk.refund(session, at_desk.me, at_desk.canteen_id, one, 1, "z", now)
    assert at_desk.expected() == []


def test_a_wrong_top_up_is_taken_back_by_a_receipt_of_its_own(at_desk, session, now) -> None:
    paper = at_desk.top_up(100000)
    back = desk.take_back(session, at_desk.me, paper.entry_id, "多输了一个 0", now)
    again = session.get_one(Receipt, back)
    assert (again.number, again.fen, at_desk.purse().balance_fen) == (2, -100000, 0)
    for entry_id in (paper.entry_id, again.entry_id):
        with pytest.raises((AlreadyReversed, NotTakenBack)):
            desk.take_back(session, at_desk.me, entry_id, "再来", now)
    assert at_desk.expected() == [0]


def test_a_meal_is_not_taken_back_at_the_desk(at_desk, session, now, meal_of) -> None:
    at_desk.top_up(1000)
    meal = meal_of(at_desk.father.id)
    ledger.hold(session, at_desk.father.id, meal, 300, date(2026, 3, 12), now)
    ledger.charge(session, [meal], now)
    charged = session.scalars(select(Entry.id).where(Entry.kind == EntryKind.CHARGE)).one()
    with pytest.raises(NotTakenBack):
        desk.take_back(session, at_desk.me, charged, "不吃了", now)


def test_a_till_is_closed_once_and_keeps_its_receipts(at_desk, session, now) -> None:
    first = at_desk.top_up(1000)
    last = at_desk.top_up(2000, "b")
    count = (session, at_desk.me, at_desk.canteen_id, at_desk.me.staff_id)
    with pytest.raises(TillChanged):
        till.close(*count, first.id, 3000, None, now)
    with pytest.raises(DifferenceUnexplained):
        till.close(*count, last.id, 2990, None, now)
    close_id = till.close(*count, last.id, 2990, "找零少收", now)
    with pytest.raises(TillChanged):
        till.close(*count, last.id, 2990, "找零少收", now)
    desk.take_back(session, at_desk.me, first.entry_id, "收错人了", now)
    session.expire_all()
    close = session.get_one(TillClose, close_id)
    assert (close.expected_fen, close.counted_fen, close.reason) == (3000, 2990, "找零少收")
    counted = till.get_close(session, at_desk.me, close_id)["receipts"]
    assert [one["fen"] for one in counted] == [1000, 2000]
    assert at_desk.expected() == [-1000]


def test_another_canteens_people_and_tills_are_not_found(at_desk, make, session, now) -> None:
    there = make.place(name="东湖社区")
    other, paper = clerk_at(make, there, "别处的人"), at_desk.top_up(1000)
    wish = TopUp(person_id=at_desk.father.id, canteen_id=at_desk.canteen_id, fen=1, key="k")
    for verb in (
        lambda: desk.top_up(session, other, wish, now),
        lambda: desk.refund(session, other, at_desk.canteen_id, at_desk.purse().id, 1, "k", now),
        lambda: desk.take_back(session, other, paper.entry_id, "不该", now),
        lambda: till.close(
            session, other, at_desk.canteen_id, at_desk.me.staff_id, paper.id, 1000, None, now
        ),
        lambda: desk.top_up(session, at_desk.me, TopUp(
            person_id=at_desk.father.id, canteen_id=at_desk.canteen_id, fen=1, key="k",
            payer_id=999999), now),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            verb()
    assert till.list_open(session, other) == []


def test_the_statement_ties_out(at_desk, session, now) -> None:
    earlier = now - timedelta(days=40)
    wish = TopUp(person_id=at_desk.father.id, canteen_id=at_desk.canteen_id, fen=700, key="早")
    desk.top_up(session, at_desk.me, wish, earlier)
    at_desk.top_up(1000)
    paper = at_desk.top_up(250, "b")
    desk.take_back(session, at_desk.me, paper.entry_id, "收错了", now)
    month = statements.get_statement(session, at_desk.father.id, today(now))
    assert (month["opening_fen"], month["in_fen"], month["out_fen"]) == (700, 1250, 250)
    assert month["closing_fen"] == 1700
    assert [one["balance_fen"] for one in month["lines"]] == [1700, 1950, 1700]
    before = statements.get_statement(session, at_desk.father.id, today(earlier))
    assert before["closing_fen"] == month["opening_fen"]


def test_the_one_number_leaves_out_what_has_run_out(at_desk, session, now, meal_of) -> None:
    at_desk.top_up(1000)
    for name, until in (("旧补助", date(2026, 3, 10)), ("新补助", date(2026, 3, 11))):
        given = Grant(name=name, fen=300, expires_on=until, key=name)
        desk.give(session, at_desk.me, [at_desk.father.id], given, now)
    meal = meal_of(at_desk.father.id)
    ledger.hold(session, at_desk.father.id, meal, 400, date(2026, 3, 11), now)
    account = statements.get_account(session, at_desk.father.id, date(2026, 3, 11))
    assert (account["available_fen"], account["held_fen"]) == (900, 400)
    assert [(one["name"], one["over"]) for one in account["purses"]] == [
        ("旧补助", True), ("新补助", False), (None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("kept_has_one", [True, False])
def test_purses_follow_when_two_entries_become_one(
    at_desk, make, session, now, kept_has_one
) -> None:
    at_desk.top_up(1000)
    kept = make.person("王建国")
    if kept_has_one:
        wish = TopUp(person_id=kept.id, canteen_id=at_desk.canteen_id, fen=250, key="k")
        desk.top_up(session, at_desk.me, wish, now)
    merge(session, at_desk.father.id, kept.id, now)
    session.expire_all()
    account = statements.get_account(session, kept.id, today(now))
    assert account["available_fen"] == (1250 if kept_has_one else 1000)
    assert session.scalars(select(MealAccount.person_id)).all() == [kept.id]
    wish = TopUp(person_id=kept.id, canteen_id=at_desk.canteen_id, fen=50, key="l")
    desk.top_up(session, at_desk.me, wish, now)
    assert statements.get_account(session, kept.id, today(now))["available_fen"] == (
        account["available_fen"] + 50
    )


def test_the_checks_name_broken_receipts_and_tills(at_desk, session, now) -> None:
    def broken() -> set[str]:
        found = checking.run(session.connection(), check.CHECKS, now)
        return {one.check.name for one in found if one.rows}

    last = at_desk.top_up(1000)
    till.close(
        session, at_desk.me, at_desk.canteen_id, at_desk.me.staff_id, last.id, 1000, None, now
    )
    assert broken() == set()
    tills = "tills-are-their-receipts"
    for change, names in (
        ("UPDATE meal_receipt SET fen = 1", {"receipts-are-their-lines", tills}),
        ("UPDATE meal_receipt SET number = 2", {"receipts-have-no-gaps"}),
        ("UPDATE till_close SET expected_fen = 1, reason = 'x'", {tills}),
    ):  # fmt: skip
        step = session.begin_nested()
        session.execute(text(change))
        assert broken() == names
        step.rollback()
