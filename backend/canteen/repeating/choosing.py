"""Which dishes a standing order comes to on one menu, or why it comes to nothing: pure rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.canteen.repeating.models import Otherwise, Why


@dataclass(frozen=True, slots=True)
class Offer:
    """A dish on the menu as the choice needs it.

    `due_fen` after discount; `left` None: no limit; `clashes`: it would have to be confirmed.
    """

    item_id: int
    dish_id: int
    due_fen: int
    is_set: bool = False
    for_children: bool = False
    left: int | None = None
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a standing order asks for; no `dish_ids`: the day's set meal."""

    dish_ids: Sequence[int]
    otherwise: str
    portions: int
    is_child: bool = False


def choose(wanted: Wanted, menu: Sequence[Offer]) -> list[int] | Why:
    """The items to order: the dishes all together, else the set meal where that is wished for.

    Of several sets it is the cheapest that can be had; children's sets are for children. A dish
    that clashes with what the person must not eat is never chosen. Where nothing can be had, the
    first thing in the way of what was wished for first.
    """
    if not wanted.dish_ids:
        return _set_meal(wanted, menu)
    by_dish = {one.dish_id: one for one in menu}
    chosen = [by_dish[ident] for ident in wanted.dish_ids if ident in by_dish]
    why = Why.OFF_MENU if len(chosen) < len(wanted.dish_ids) else _why_not(wanted, chosen)
    if why is None:
        return [one.item_id for one in chosen]
    if wanted.otherwise == Otherwise.SET:
        instead = _set_meal(wanted, menu)
        return why if isinstance(instead, Why) else instead
    return why


def _set_meal(wanted: Wanted, menu: Sequence[Offer]) -> list[int] | Why:
    sets = [one for one in menu if one.is_set and one.for_children == wanted.is_child]
    if not sets:
        return Why.OFF_MENU
    fit = [one for one in sets if _why_not(wanted, [one]) is None]
    if not fit:
        return _why_not(wanted, [min(sets, key=_price)]) or Why.OFF_MENU
    return [min(fit, key=_price).item_id]


def _why_not(wanted: Wanted, dishes: Sequence[Offer]) -> Why | None:
    if any(one.clashes for one in dishes):
        return Why.CLASH
    if any(one.left is not None and one.left < wanted.portions for one in dishes):
        return Why.SOLD_OUT
    return None


def _price(one: Offer) -> tuple[int, int]:
    return one.due_fen, one.item_id
