"""Relatives without an account: noted once, money in a purse of its own, forgotten with it."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from backend import checking
from backend.booking.service import Actor
from backend.canteen.accounts import check, closing, closings, ledger, receipts
from backend.canteen.accounts.cash import TopUp
from backend.canteen.accounts.desk_models import Receipt, Relative
from backend.canteen.accounts.models import MealAccount, Purse, PurseKind
from backend.canteen.accounts.relatives import Named
from backend.canteen.kitchen import crediting
from backend.desk import meal_accounts as desk
from backend.errors import NotFound
from backend.people import own_data
from backend.people.deleting import delete_account
from backend.people.merging import merge
from backend.people.models import Relation
from tests.canteen.test_desk import clerk_at
from tests.factories import Make

DAUGHTER = Named(name="沈小燕", phone="15400000088", relation=Relation.CHILD)
SHOWN = "沈小燕（子女，154****0088）"
DAY = date(2026, 3, 12)


@pytest.fixture
def world(make: Make, session, now, kitchen) -> SimpleNamespace:
    """A clerk, a father, and a verb that takes his daughter's cash."""
    me, father = clerk_at(make, make.once("community", make.place)), make.resident("沈建国")

    def pays(fen: int, key: str, whose=None, **given) -> Receipt:
        whose = whose or father.person
        wish = TopUp(person_id=whose.id, canteen_id=kitchen.id, fen=fen, key=key, **given)
        return session.get_one(Receipt, desk.top_up(session, me, wish, now))

    def purse() -> Purse:
        session.expire_all()
        return session.scalars(select(Purse).where(Purse.relative_id.is_not(None))).one()

    return SimpleNamespace(
        me=me, father=father, canteen_id=kitchen.id, pays=pays, purse=purse, make=make
    )


def test_the_same_name_and_phone_is_the_same_relative(world, session, now) -> None:
    slips = [world.pays(1000, key, relative=DAUGHTER) for key in ("a", "a", "b")]
    assert slips[0].id == slips[1].id
    known = session.scalars(select(Relative.id)).one()
    world.pays(500, "c", relative_id=known)
    assert (world.purse().kind, world.purse().balance_fen) == (PurseKind.FAMILY, 2500)
    assert receipts.get_receipt(session, world.me, slips[0].id)["by"] == SHOWN
    back = desk.refund(session, world.me, world.canteen_id, world.purse().id, 2500, "r", now)
    assert receipts.get_receipt(session, world.me, back)["by"] == SHOWN
    son = Named(name="沈小军", phone=DAUGHTER.phone, relation=Relation.CHILD)
    world.pays(100, "d", relative=son)
    assert session.scalar(select(func.count()).select_from(Relative)) == 2
    stranger = world.make.person("李秀兰")
    with pytest.raises(NotFound):
        world.pays(100, "e", stranger, relative_id=known)


def test_what_comes_back_after_a_meal_and_when_a_canteen_closes_is_hers(
    world, session, now, meal_of
) -> None:
    world.pays(1000, "a", relative=DAUGHTER)
    meal = meal_of(world.father.person.id)
    ledger.hold(session, world.father.person.id, meal, 600, DAY, now)
    ledger.charge(session, [meal], now)
    crediting.give_back(session, meal, 200, "back", "换菜", Actor(), now)
    assert world.purse().balance_fen == 600
    ident = closing.draw_up(session, world.me, world.canteen_id, now)
    [line] = closings.list_lines(session, ident)
    assert (line["by"], line["fen"]) == (SHOWN, 600)


def test_she_follows_when_two_entries_become_one(world, session, now) -> None:
    other = world.make.person("沈建国")
    world.pays(1000, "a", relative=DAUGHTER)
    world.pays(300, "b", other)
    merge(session, world.father.person.id, other.id, now)
    session.expire_all()
    kept = session.scalars(select(MealAccount.id)).one()
    assert session.scalars(select(Relative.account_id)).one() == kept
    assert [one.check.name for one in checking.run(session.connection(), check.CHECKS, now)
            if one.rows] == []  # fmt: skip


def test_he_reads_who_pays_and_she_is_forgotten_with_him(world, session, now) -> None:
    world.pays(1000, "a", relative=DAUGHTER)
    assert "沈小燕 子女 15400000088" in str(own_data.gather(session, world.father.me, now))
    desk.refund(session, world.me, world.canteen_id, world.purse().id, 1000, "r", now)
    delete_account(session, world.father.me, now)
    session.expire_all()
    left = session.scalars(select(Relative)).one()
    assert (left.name, left.phone, left.phone_hash) == ("", None, None)
    slip = session.scalars(select(Receipt.id).where(Receipt.fen < 0)).one()
    assert receipts.get_receipt(session, world.me, slip)["by"] == "家人"


def test_the_check_names_a_purse_of_another_ones_relative(world, session, now) -> None:
    world.pays(1000, "a", relative=DAUGHTER)
    world.pays(300, "b", world.make.person("李秀兰"))
    session.execute(
        text(
            "UPDATE meal_relative SET account_id = "
            "(SELECT max(id) FROM meal_account WHERE id <> meal_relative.account_id)"
        )
    )
    found = checking.run(session.connection(), check.CHECKS, now)
    assert [one.check.name for one in found if one.rows] == ["relatives-pay-for-their-own"]
