"""Money at the desk from several hands at once: nothing is entered, counted or paid twice."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from backend import checking, clock
from backend.canteen import planning
from backend.canteen.accounts import check, closing, till
from backend.canteen.accounts.cash import TopUp
from backend.canteen.accounts.desk_models import Receipt, TillClose
from backend.canteen.accounts.models import Entry, Hold, MealAccount, Purse
from backend.canteen.items import Planned
from backend.canteen.models import MenuItem, Mode
from backend.canteen.ordering import check as ordering_check
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.models import MealOrder
from backend.db import db, table_of, transaction
from backend.desk import meal_accounts as desk
from backend.people.queries import Resident
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests import settings
from tests.booking.crowd import Member, crowd
from tests.canteen.races import THREADS, at_once
from tests.factories import Make
from tests.programs import Program

pytestmark = pytest.mark.xdist_group("races")

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
THURSDAY = date(2026, 3, 12)
SHORT, SPENT, CHANGED = 409321, 409323, 409325
PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Desk:
    """A database of its own: two clerks, residents with 24 yuan each, a lunch for 8."""

    app: Flask
    canteen_id: int
    clerks: Sequence[SignedInStaff]
    members: Sequence[Member]
    meal_id: int
    item_id: int

    def top_up(self, clerk: int, who: int, fen: int, key: str) -> int:
        person_id = self.members[who].person_id
        wish = TopUp(person_id=person_id, canteen_id=self.canteen_id, fen=fen, key=key)
        return desk.top_up(db.session(), self.clerks[clerk], wish, NOON)

    def refund(self, clerk: int, who: int, fen: int, key: str) -> int:
        me = self.clerks[clerk]
        return desk.refund(
            db.session(), me, self.canteen_id, self.purse_of(who), fen, key, NOON
        )  # fmt: skip

    def order(self, who: int) -> str:
        member = self.members[who]
        wanted = Wanted(
            meal_service_id=self.meal_id, person_id=member.person_id, mode=Mode.DINE_IN,
            dishes=[(self.item_id, 1)],
        )  # fmt: skip
        me = Resident(member.account_id, member.person_id)
        return ordering.order(db.session(), me, wanted, NOON).state

    def close(self, by: int, whose: int, last_id: int, fen: int) -> int:
        return till.close(
            db.session(), self.clerks[by], self.canteen_id, self.clerks[whose].staff_id, last_id,
            fen, None, NOON,
        )  # fmt: skip

    def begin_closing(self) -> None:
        with self.app.app_context(), transaction() as session:
            closing.draw_up(session, self.clerks[0], self.canteen_id, NOON)
            closing.begin(session, self.clerks[0], self.canteen_id, 2400 * PEOPLE, NOON)

    def pay_next(self, by: int, most: int = 2) -> int:
        return closing.pay_next(db.session(), self.clerks[by], self.canteen_id, NOON, most)

    def purse_of(self, who: int) -> int:
        person_id = self.members[who].person_id
        mine = select(Purse.id).join(MealAccount).where(MealAccount.person_id == person_id)
        return db.session.scalars(mine).one()

    def sums(self, who: int) -> tuple[int, int]:
        """Balance and holds, as the purse has them."""
        with self.app.app_context():
            purse = db.session.get_one(Purse, self.purse_of(who))
            return purse.balance_fen, purse.held_fen

    def count(self, table: type) -> int:
        with self.app.app_context():
            return db.session.scalars(select(func.count()).select_from(table)).one()

    def broken(self) -> list[str]:
        with self.app.app_context():
            every = (*check.CHECKS, *ordering_check.CHECKS)
            found = checking.run(db.session.connection(), every, NOON)
            return [one.check.name for one in found if one.rows]


@pytest.fixture
def world(own_app: Flask) -> Desk:
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        place = make.once("community", make.place)
        canteen, dish = make.once("canteen", make.canteen), make.dish()

        def staff(role: Role) -> SignedInStaff:
            someone = make.staff(role, place)
            scope = Scope(role, place.id, place.path, place.name)
            return SignedInStaff(someone.id, someone.name, (scope,))

        clerks, planner = [staff(Role.CLERK) for _ in range(2)], staff(Role.WORKER)
        members = crowd(PEOPLE, NOON)
        with transaction() as session:
            meal_id = planning.set_menu(
                session, planner, canteen.id, THURSDAY, "lunch", [Planned(dish_id=dish.id)], NOON
            )
            planning.publish(session, planner, canteen.id, THURSDAY, None, NOON)
        item_id = db.session.scalars(select(MenuItem.id)).one()
        desk_ = Desk(own_app, canteen.id, clerks, members, meal_id, item_id)
        with transaction():
            for number in range(PEOPLE):
                desk_.top_up(0, number, 2400, f"first-{number}")
        return desk_


def test_one_top_up_posted_twice_is_one_entry(world: Desk) -> None:
    """The clerk's finger is quicker than the network, and everybody else is served meanwhile."""

    def post(number: int) -> object:
        return world.top_up(0, number % 3, 5000, f"again-{number % 3}")

    receipts = at_once(world.app, NOON, THREADS, post)
    assert len(set(receipts)) == 3
    assert [world.sums(who) for who in range(4)] == [(7400, 0)] * 3 + [(2400, 0)]
    assert (world.count(Entry), world.count(Receipt)) == (PEOPLE + 3, PEOPLE + 3)
    assert world.broken() == []


def test_a_till_is_closed_by_one_of_two(world: Desk) -> None:
    with world.app.app_context():
        last_id = db.session.scalars(select(func.max(Receipt.id))).one()

    def close(number: int) -> object:
        return world.close(number % 2, 0, last_id, 2400 * PEOPLE)

    answers = at_once(world.app, NOON, 4, close)
    assert answers.count(CHANGED) == 3
    assert world.count(TillClose) == 1
    assert world.broken() == []


def test_two_tills_are_closed_while_cash_comes_in(world: Desk) -> None:
    """Each cash is counted once, or is open still: what comes too late makes the clerk recount."""
    with world.app.app_context(), transaction():
        theirs = world.top_up(1, 0, 1000, "hers")
        first = db.session.scalars(
            select(func.max(Receipt.id)).where(Receipt.staff_id == world.clerks[0].staff_id)
        ).one()

    def one(number: int) -> object:
        if number == 0:
            return ("first", world.close(0, 0, first, 2400 * PEOPLE))
        if number == 1:
            return ("second", world.close(1, 1, theirs, 1000))
        return world.top_up(1, number % PEOPLE, 100, f"late-{number}")

    answers = at_once(world.app, NOON, 8, one)
    assert answers[0] not in (CHANGED, None)
    assert answers[1] == CHANGED or world.count(TillClose) == 2
    with world.app.app_context():
        counted = db.session.scalar(select(func.sum(TillClose.counted_fen)))
        still_open = db.session.scalar(
            select(func.coalesce(func.sum(Receipt.fen), 0)).where(Receipt.close_id.is_(None))
        )
    assert counted + still_open == 2400 * PEOPLE + 1000 + 600
    assert world.broken() == []


def test_a_refund_and_an_order_share_one_balance(world: Desk) -> None:
    """24 yuan are there: 20 back in cash or a meal for 8, not both."""

    def one(number: int) -> object:
        who = number // 2
        if number % 2:
            world.refund(number % 2, who, 2000, f"back-{who}")
            return "refunded"
        return world.order(who)

    answers = at_once(world.app, NOON, 2 * PEOPLE, one)
    for who in range(PEOPLE):
        became = answers[2 * who : 2 * who + 2]
        assert became in (["confirmed", SPENT], [SHORT, "refunded"])
        expected = (2400, 800) if became[0] == "confirmed" else (400, 0)
        assert world.sums(who) == expected
    assert world.broken() == []


def test_no_more_is_refunded_than_was_paid(world: Desk) -> None:
    def back(number: int) -> object:
        world.refund(number % 2, 0, 1000, f"back-{number}")
        return "refunded"

    answers = at_once(world.app, NOON, 8, back)
    assert (answers.count("refunded"), answers.count(SPENT)) == (2, 6)
    assert world.sums(0) == (400, 0)
    assert world.broken() == []


def test_two_pay_out_one_list(world: Desk) -> None:
    """The canteen closes, and the page that pays is open on two desks."""
    world.begin_closing()

    def step(number: int) -> object:
        return world.pay_next(number % 2)

    assert sorted(map(str, at_once(world.app, NOON, 5, step))) == ["0", "0", "0", "2", "4"]
    assert [world.sums(who) for who in range(PEOPLE)] == [(0, 0)] * PEOPLE
    assert world.count(Receipt) == 2 * PEOPLE
    assert world.broken() == []


DIES = """
import os, signal, sys
from datetime import datetime
from itertools import count
from backend import config
from backend.app import create_app
from backend.canteen.accounts import cash, closing
from backend.db import db, transactional
from backend.staff.models import Staff
from tests.console import me_of

calls, write = count(1), cash.write_receipt

def dies(*given):
    if next(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(*given)

cash.write_receipt = dies
canteen_id, staff_id, now = int(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
with create_app(config.load()).app_context():
    me = me_of(db.session.get_one(Staff, staff_id))
    for _step in range(2):
        transactional(closing.pay_next)(db.session(), me, canteen_id, now, 2)
"""


def is_killed(world: Desk, script: str, *given: object) -> None:
    """A process of its own runs the script on the world's database, and dies of it."""
    url = world.app.extensions["settings"].database_url
    killed = Program(settings.ENVIRON | {"DATABASE_URL": url}, "-c", script, *map(str, given))
    killed.ends()
    assert killed.returncode == -signal.SIGKILL


def test_who_is_killed_while_paying_leaves_whole_steps(world: Desk) -> None:
    """The second step dies with one of its two purses paid: it is as if it had never begun."""
    world.begin_closing()
    is_killed(world, DIES, world.canteen_id, world.clerks[0].staff_id, NOON.isoformat())
    assert world.count(Receipt) == PEOPLE + 2
    assert sorted(world.sums(who) for who in range(PEOPLE)) == [(0, 0)] * 2 + [(2400, 0)] * 4
    assert at_once(world.app, NOON, 1, lambda _number: world.pay_next(1, most=9)) == [0]
    assert world.count(Receipt) == 2 * PEOPLE
    assert [world.sums(who) for who in range(PEOPLE)] == [(0, 0)] * PEOPLE
    assert world.broken() == []


DIES_ORDERING = """
import os, signal, sys
from datetime import datetime
from backend import config
from backend.app import create_app
from backend.canteen.accounts import ledger
from backend.canteen.ordering import service
from backend.canteen.ordering.asked import Wanted
from backend.db import db, transactional
from backend.people.queries import Resident

hold = ledger.hold

def dies(*given):
    hold(*given)
    os.kill(os.getpid(), signal.SIGKILL)

ledger.hold = dies
meal_id, item_id, account_id, person_id = map(int, sys.argv[1:5])
now = datetime.fromisoformat(sys.argv[5])
wanted = Wanted(
    meal_service_id=meal_id, person_id=person_id, dishes=[(item_id, 1)], mode="dine_in"
)
with create_app(config.load()).app_context():
    transactional(service.order)(db.session(), Resident(account_id, person_id), wanted, now)
"""


def test_who_is_killed_between_order_and_money_has_neither(world: Desk) -> None:
    """The order, its portion and the money held for it are there together, or not at all."""
    who = world.members[0]
    is_killed(
        world, DIES_ORDERING, world.meal_id, world.item_id, who.account_id, who.person_id,
        NOON.isoformat(),
    )  # fmt: skip
    assert (world.count(MealOrder), world.count(Hold)) == (0, 0)
    assert world.sums(0) == (2400, 0)
    assert world.broken() == []
    assert at_once(world.app, NOON, 1, lambda _number: world.order(0)) == ["confirmed"]
    assert (world.count(MealOrder), world.sums(0)) == (1, (2400, 800))
    assert world.broken() == []


def test_the_control_pays_out_twice(world: Desk) -> None:
    """Who reads the balance first and writes what they saw gives 20 of 24 yuan back two times."""
    with world.app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite lets one writer in at a time")
        purse_id = world.purse_of(0)
    both = threading.Barrier(2)

    def naive(number: int) -> object:
        session = db.session()
        balance = session.scalars(select(Purse.balance_fen).where(Purse.id == purse_id)).one()
        both.wait()
        values = {"purse_id": purse_id, "kind": "refund", "fen": -2000, "at": NOON}
        session.execute(insert(table_of(Entry)).values(key=f"naive-{number}", **values))
        session.execute(
            update(Purse).where(Purse.id == purse_id).values(balance_fen=balance - 2000)
        )
        return "refunded"

    assert at_once(world.app, NOON, 2, naive) == ["refunded"] * 2
    assert world.broken() == ["purses-are-their-ledger"]
