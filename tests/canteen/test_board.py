"""The board at the pass: every tap counts once, whoever taps and however often it is sent."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from backend.canteen.kitchen import board, closing
from backend.canteen.kitchen.board import Tap
from backend.canteen.kitchen.errors import BelowNothing, NotFrozen
from backend.canteen.kitchen.models import KitchenTap, Stage
from backend.canteen.models import Mode
from backend.errors import NotFound
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.canteen.kitchens import AFTER, CUTOFF, Cooked, cooked


@pytest.fixture
def cook(make) -> SignedInStaff:
    place = make.once("community", make.place)
    someone = make.staff(Role.COOK, place)
    return SignedInStaff(someone.id, "刘师傅", (Scope(Role.COOK, place.id, place.path, ""),))


@pytest.fixture
def lunch(make, session) -> Cooked:
    """Eight portions of one dish: five to be brought, three eaten here."""
    meal = cooked(make, session)
    meal.dish("清炒时蔬", 400)
    meal.order(make.person("王秀英"), {"清炒时蔬": 5}, Mode.DELIVERY, "3号楼")
    meal.order(make.person("李国强"), {"清炒时蔬": 3})
    return meal


def counts(session, cook, lunch) -> list[tuple[str | None, int, int, int]]:
    [dish] = board.get_board(session, cook, lunch.id)["dishes"]
    return [(one.mode, one.needed, one.done, one.left) for one in dish["tiles"]]


def test_taps_of_two_tablets_add_up(lunch: Cooked, session, cook) -> None:
    cooked_one = Tap(
        menu_item_id=lunch.items["清炒时蔬"].id, stage=Stage.COOKED, mode=None, count=10, key="a1"
    )
    packed = replace(cooked_one, stage=Stage.PACKED, mode=Mode.DELIVERY, count=1)
    with pytest.raises(NotFrozen):
        board.tap(session, cook, lunch.id, cooked_one, AFTER)
    closing.close(session, lunch.id, CUTOFF)
    assert board.tap(session, cook, lunch.id, cooked_one, AFTER)
    assert not board.tap(session, cook, lunch.id, cooked_one, AFTER)  # sent again
    for key in ("b1", "c1", "b2"):
        assert board.tap(session, cook, lunch.id, replace(packed, key=key), AFTER)
    assert board.tap(session, cook, lunch.id, replace(packed, key="b3", count=-1), AFTER)
    assert counts(session, cook, lunch) == [
        (None, 8, 10, -2), (Mode.DINE_IN, 3, 0, 3), (Mode.DELIVERY, 5, 2, 3),
    ]  # fmt: skip
    with pytest.raises(BelowNothing):
        board.tap(session, cook, lunch.id, replace(packed, key="b4", count=-3), AFTER)
    with pytest.raises(NotFound):
        board.tap(session, cook, lunch.id, replace(packed, key="b5", menu_item_id=10**6), AFTER)
    with pytest.raises(NotFrozen):
        board.tap(session, cook, lunch.id, replace(packed, key="b6"), lunch.service.ends_at)
    assert session.scalar(select(func.count()).select_from(KitchenTap)) == 5
