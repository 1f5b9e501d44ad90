"""Portions of dishes: taken where there are any, given back, in the order of the menu items."""

from collections.abc import Mapping

from sqlalchemy import Integer, bindparam, case, update
from sqlalchemy.orm import Session

from backend.booking.taking import N, take_from
from backend.canteen.models import MenuItem
from backend.db import AnyRow, RunAgain, table_of

_item = table_of(MenuItem)
_TAKE = take_from(_item).where(
    _item.c.list_fen == bindparam("at_list_fen", type_=Integer()),
    _item.c.discount_fen == bindparam("at_discount_fen", type_=Integer()),
)
_over = _item.c.taken - N - _item.c.capacity
_GIVE = (
    update(_item)
    .where(_item.c.id == bindparam("row_id"))
    .values(
        taken=_item.c.taken - N,
        # What was oversold is not sold again: there are only so many.
        overbooked=case(
            (_item.c.capacity.is_(None) | (_over <= 0), 0),
            (_over < _item.c.overbooked, _over),
            else_=_item.c.overbooked,
        ),
    )
)


def move(
    session: Session, items: Mapping[int, AnyRow], had: Mapping[int, int], wanted: Mapping[int, int]
) -> None:
    """From the portions somebody has to those they want, by menu item, at the price in `items`.

    The meal is locked by now. Asks the door to run again where a dish has just run out or changed
    its price: the rules then say so.
    """
    more = {one: wanted.get(one, 0) - had.get(one, 0) for one in sorted({*had, *wanted})}
    give_back(session, {one: -n for one, n in more.items() if n < 0})
    taken = [
        {
            "row_id": one, "n": n, "at_list_fen": items[one].list_fen,
            "at_discount_fen": items[one].discount_fen,
        }
        for one, n in more.items()
        if n > 0
    ]  # fmt: skip
    if taken and session.execute(_TAKE, taken).rowcount != len(taken):  # type: ignore[attr-defined]
        raise RunAgain()


def give_back(session: Session, portions: Mapping[int, int]) -> None:
    """These portions can be had again, unless they were oversold."""
    if portions:
        session.execute(_GIVE, [{"row_id": one, "n": portions[one]} for one in sorted(portions)])
