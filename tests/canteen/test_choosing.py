"""Which dishes a standing order comes to: rules in a table."""

import pytest

from backend.canteen.repeating.choosing import Offer, Wanted, choose
from backend.canteen.repeating.models import Otherwise, Why
from backend.canteen.repeating.reports import is_far_fewer

SET, NOTHING = Otherwise.SET, Otherwise.NOTHING
TOFU, FISH, DAY, DEAR, KIDS = 1, 2, 7, 8, 9


def menu(*without, **given):
    """Items are numbered as their dishes, times ten."""
    dishes = {
        TOFU: {}, FISH: {}, DAY: {"is_set": True}, DEAR: {"is_set": True, "due_fen": 1500},
        KIDS: {"is_set": True, "for_children": True, "due_fen": 500},
    }  # fmt: skip
    changed = {int(name.removeprefix("d")): more for name, more in given.items()}
    return [
        Offer(**{"item_id": dish * 10, "dish_id": dish, "due_fen": 1000} | usual
              | changed.get(dish, {}))
        for dish, usual in dishes.items()
        if dish not in without
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        (([], SET, 1), menu(), [70]),
        (([], SET, 1), menu(DAY), [80]),
        (([], SET, 1), menu(d7={"left": 0}), [80]),
        (([], SET, 1), menu(d7={"clashes": True}), [80]),
        (([], SET, 2), menu(DEAR, d7={"left": 1}), Why.SOLD_OUT),
        (([], SET, 1), menu(DEAR, d7={"clashes": True, "left": 0}), Why.CLASH),
        (([], SET, 1), menu(DAY, DEAR), Why.OFF_MENU),
        (([], SET, 1), [], Why.OFF_MENU),
        (([], SET, 1, True), menu(), [90]),
        (([], SET, 1, True), menu(KIDS), Why.OFF_MENU),
        (([TOFU], NOTHING, 1), menu(), [10]),
        (([TOFU, FISH], NOTHING, 1), menu(), [10, 20]),
        (([TOFU, FISH], NOTHING, 1), menu(FISH), Why.OFF_MENU),
        (([TOFU, FISH], SET, 1), menu(FISH), [70]),
        (([TOFU], NOTHING, 2), menu(d1={"left": 2}), [10]),
        (([TOFU], NOTHING, 2), menu(d1={"left": 1}), Why.SOLD_OUT),
        (([TOFU], SET, 2), menu(d1={"left": 1}), [70]),
        (([TOFU], NOTHING, 1), menu(d1={"clashes": True}), Why.CLASH),
        (([TOFU], SET, 1), menu(d1={"clashes": True}), [70]),
        (([TOFU], SET, 1), menu(DAY, DEAR, d1={"left": 0}), Why.SOLD_OUT),
    ],
)
def test_what_is_chosen(wanted, offered, chosen) -> None:
    assert choose(Wanted(*wanted), offered) == chosen


@pytest.mark.parametrize(
    ("made", "last_week", "alarm"),
    [(0, 0, False), (0, 2, False), (0, 3, True), (70, 100, False), (69, 100, True),
     (120, 100, False), (2, 4, False), (1, 4, True)],
)  # fmt: skip
def test_far_fewer(made, last_week, alarm) -> None:
    assert is_far_fewer(made, last_week) is alarm
