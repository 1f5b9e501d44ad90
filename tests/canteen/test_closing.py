"""A canteen closes: a list to look at first, paid step by step, nobody twice."""

from itertools import count
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from backend import checking
from backend.canteen.accounts import cash, check, closing, closings, ledger, till
from backend.canteen.accounts.cash import Grant, TopUp
from backend.canteen.accounts.closing_models import MealClosing, MealClosingLine, Way
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.errors import BalancesChanged, ClosingBegun
from backend.canteen.accounts.models import Entry, Purse
from backend.errors import NotFound
from tests.canteen.test_desk import clerk_at
from tests.factories import Make

NAMES = ("丁一", "王二", "张三", "李四", "赵五")


@pytest.fixture
def place(make: Make, session, now, kitchen) -> SimpleNamespace:
    """Five residents with 10 yuan each; a daughter paid 20 more for the first; a grant."""
    here = make.once("community", make.place)
    me, daughter, keys = clerk_at(make, here), make.resident("丁芳"), count()
    people = [make.person(name) for name in NAMES]

    def pay_in(number: int, fen: int, payer_id: int | None = None) -> None:
        wish = TopUp(
            person_id=people[number].id, canteen_id=kitchen.id, fen=fen, key=str(next(keys)),
            payer_id=payer_id,
        )  # fmt: skip
        cash.top_up(session, me, wish, now)

    for number in range(len(NAMES)):
        pay_in(number, 1000)
    pay_in(0, 2000, daughter.account.id)
    given = Grant(name="餐补", fen=500, expires_on=now.date(), key="g")
    cash.give(session, me, [people[0].id], given, now)

    def lines(**given) -> list[tuple[str, int, str, int | None]]:
        newest = closings.list_closings(session, me, kitchen.id)[0]
        found = closings.list_lines(session, newest["id"], **given)
        return [(one["by"], one["fen"], one["way"], one["paid_fen"]) for one in found]

    def pay(most: int = closing.STEP) -> int:
        return closing.pay_next(session, me, kitchen.id, now, most)

    def draw_up() -> int:
        return closing.draw_up(session, me, kitchen.id, now)

    def begin(fen: int) -> None:
        closing.begin(session, me, kitchen.id, fen, now)

    def left() -> int:
        return closings.left_at(session, kitchen.id)["free_fen"]

    return SimpleNamespace(
        me=me, people=people, canteen_id=kitchen.id, pay_in=pay_in, lines=lines, pay=pay,
        draw_up=draw_up, begin=begin, left=left, make=make,
    )  # fmt: skip


def count_of(session, table) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def broken(session) -> list[str]:
    found = checking.run(session.connection(), check.CHECKS, None)
    return [one.check.name for one in found if one.rows]


def test_a_list_moves_no_money_and_names_who_gets_it(place, session) -> None:
    before = count_of(session, Entry)
    place.draw_up()
    assert sorted(place.lines()) == sorted(
        [(name, 1000, "cash", None) for name in NAMES] + [("丁芳", 2000, "cash", None)]
    )
    assert place.pay() == 0
    assert (count_of(session, Entry), place.left()) == (before, 7000)
    assert len(place.lines(page=1)) == 6
    assert place.lines(page=2) == []


def test_it_is_paid_step_by_step_and_each_once(place, session) -> None:
    place.draw_up()
    place.begin(7000)
    place.begin(7000)
    assert [place.pay(4), place.pay(4), place.pay(4)] == [2, 0, 0]
    assert [one[3] for one in place.lines()] == [one[1] for one in place.lines()]
    assert (place.left(), count_of(session, Receipt)) == (0, 12)
    [done] = closings.list_closings(session, place.me, place.canteen_id)
    assert (done["paid_fen"], done["paid_cash_fen"], done["done"]) == (7000, 7000, 6)
    assert [one["expected_fen"] for one in till.list_open(session, place.me)] == [0]
    assert broken(session) == []
    with pytest.raises(BalancesChanged):
        place.draw_up()


def test_what_the_bank_pays_has_no_receipt_and_is_in_no_till(place, session) -> None:
    place.draw_up()
    ids = [
        one["id"] for one in closings.list_lines(session, session.scalar(select(MealClosing.id)))
    ]
    choose = (session, place.me, place.canteen_id)
    assert closing.choose_way(*choose, ids[:2], Way.TRANSFER) == 2
    assert closing.choose_way(*choose, None, Way.TRANSFER) == 4
    assert closing.choose_way(*choose, ids[2:3], Way.CASH) == 1
    by_bank = sum(one[1] for one in place.lines(way=Way.TRANSFER))
    place.draw_up()  # anew, and the bank still pays them
    assert sum(one[1] for one in place.lines(way=Way.TRANSFER)) == by_bank
    place.begin(7000)
    place.pay()
    assert count_of(session, Receipt) == 7
    assert [one["expected_fen"] for one in till.list_open(session, place.me)] == [by_bank]
    for verb in (place.draw_up, lambda: closing.choose_way(*choose, None, Way.CASH)):
        with pytest.raises((NotFound, BalancesChanged)):
            verb()


def test_a_list_that_is_begun_stands(place, session) -> None:
    place.draw_up()
    place.begin(7000)
    choose = (session, place.me, place.canteen_id, None, Way.CASH)
    for verb in (place.draw_up, lambda: closing.choose_way(*choose)):
        with pytest.raises(ClosingBegun):
            verb()


def test_a_list_that_is_not_so_any_more_is_not_begun(place) -> None:
    place.draw_up()
    with pytest.raises(BalancesChanged):
        place.begin(6999)
    place.pay_in(1, 300)
    for fen in (7000, 7300):
        with pytest.raises(BalancesChanged):
            place.begin(fen)
    place.draw_up()
    place.begin(7300)


def test_what_was_spent_or_paid_in_meanwhile(place, session, now, meal_of) -> None:
    """Never more than was listed, and what a meal needs stays."""
    place.draw_up()
    place.begin(7000)
    for number, fen in ((1, 400), (2, 1000)):
        held = meal_of(place.people[number].id)
        ledger.hold(session, place.people[number].id, held, fen, now.date(), now)
    place.pay_in(3, 5000)
    place.pay()
    paid = {name: fen for name, _listed, _way, fen in place.lines()}
    assert (paid["王二"], paid["张三"], paid["李四"]) == (600, None, 1000)
    assert place.left() == 5000
    assert closings.left_at(session, place.canteen_id)["held_fen"] == 1400
    assert broken(session) == []
    place.draw_up()  # what came later has a list of its own
    assert place.lines() == [("李四", 5000, "cash", None)]


def test_a_step_that_dies_leaves_nothing_behind(place, session, monkeypatch) -> None:
    place.draw_up()
    place.begin(7000)
    place.pay(2)
    session.commit()
    stood = place.lines(), count_of(session, Receipt)
    write, calls = cash.write_receipt, count(1)

    def dies(*given) -> int:
        if next(calls) == 3:
            raise RuntimeError("the power is gone")
        return write(*given)

    monkeypatch.setattr(cash, "write_receipt", dies)
    with pytest.raises(RuntimeError):
        place.pay()
    session.rollback()
    assert (place.lines(), count_of(session, Receipt)) == stood
    monkeypatch.undo()
    assert place.pay() == 0
    assert session.scalar(select(func.sum(Purse.balance_fen))) == 500
    assert count_of(session, Receipt) == 12
    assert broken(session) == []


def test_another_canteens_clerk_does_not_find_it(place, session, now) -> None:
    ident = place.draw_up()
    other = clerk_at(place.make, place.make.place(name="东湖社区"), "别处的人")
    here = (session, other, place.canteen_id)
    for verb in (
        lambda: closing.draw_up(*here, now), lambda: closing.begin(*here, 7000, now),
        lambda: closing.choose_way(*here, None, Way.CASH), lambda: closing.pay_next(*here, now),
        lambda: closings.get_closing(session, other, ident),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            verb()
    assert closings.list_closings(session, other, place.canteen_id) == []


def test_the_check_names_a_line_that_was_paid_wrongly(place, session) -> None:
    place.draw_up()
    place.begin(7000)
    place.pay(2)
    for change in (
        "UPDATE meal_closing_line SET fen = fen - 1 WHERE entry_id IS NOT NULL",
        "UPDATE meal_closing SET done_at = begun_at",
    ):
        step = session.begin_nested()
        session.execute(text(change))
        assert broken(session) == ["closings-pay-their-lists"]
        step.rollback()
    assert count_of(session, MealClosingLine) == 6
