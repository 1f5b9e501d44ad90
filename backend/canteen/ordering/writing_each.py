"""Writing a batch of orders: portions, orders, lines, shares and held money in one statement.

PostgreSQL only. `portions`, `writing` and `ledger` write the same rows where one orders alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Select
from sqlalchemy.types import TypeEngine

from backend.arrays import Rows
from backend.canteen.accounts.holding_each import Part
from backend.canteen.accounts.ledger import FREE
from backend.canteen.accounts.models import Hold, HoldState, Purse
from backend.canteen.models import MenuItem
from backend.canteen.ordering.asked import Asked
from backend.canteen.ordering.bill import Bill, subsidy_of
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.ordering.writing import columns
from backend.db import Prepared, RunAgain, UtcDateTime, table_of
from backend.people.crypto import encrypt

_item, _purse, _hold = table_of(MenuItem), table_of(Purse), table_of(Hold)
_order, _line, _share = table_of(MealOrder), table_of(MealLine), table_of(MealShare)

_BIG, _INT, _TEXT = BigInteger(), Integer(), Text()
_PRIVATE = ("address", "phone", "note")
_ORDER: dict[str, TypeEngine[Any]] = {
    "booking_id": _BIG, "mode": _TEXT, "subsidy_version_id": _BIG, "list_fen": _INT,
    "discount_fen": _INT, "subsidy_fen": _INT, "fee_fen": _INT, "pays_fen": _INT,
    "address": _TEXT, "phone": _TEXT, "note": _TEXT,
}  # fmt: skip
_LINE: dict[str, TypeEngine[Any]] = {
    "booking_id": _BIG, "menu_item_id": _BIG, "portions": _INT, "list_fen": _INT,
    "discount_fen": _INT, "subsidy_fen": _INT, "pays_fen": _INT,
}  # fmt: skip
_orders, _lines = Rows("meal", _ORDER), Rows("dish", _LINE)
_portions = Rows("wanted", {"item_id": _BIG, "n": _INT, "list_fen": _INT, "discount_fen": _INT})
_shares = Rows(
    "given",
    {"booking_id": _BIG, "menu_item_id": _BIG, "part": _INT, "payer": _TEXT, "fen": _INT},
)
_parts = Rows("part", {"booking_id": _BIG, "purse_id": _BIG, "fen": _INT})


@dataclass(frozen=True, slots=True)
class Made:
    """An order that was booked: what it is, what it costs, and which purse pays how much."""

    asked: Asked
    bill: Bill
    parts: Sequence[Part]


def _portions_taken() -> CTE:
    wanted = _portions.table
    fits = or_(
        _item.c.capacity.is_(None),
        _item.c.taken + wanted.c.n <= _item.c.capacity + _item.c.overbooked,
    )
    return (
        update(_item)
        .where(
            _item.c.id == wanted.c.item_id, fits, _item.c.list_fen == wanted.c.list_fen,
            _item.c.discount_fen == wanted.c.discount_fen,
        )
        .values(taken=_item.c.taken + wanted.c.n)
        .returning(_item.c.id)
        .cte("taken")
    )  # fmt: skip


def _money_held() -> CTE:
    part = _parts.table
    return (
        update(_purse)
        .where(_purse.c.id == part.c.purse_id, part.c.fen <= FREE)
        .values(held_fen=_purse.c.held_fen + part.c.fen)
        .returning(_purse.c.id)
        .cte("held")
    )


def _combined() -> Select[*tuple[Any, ...]]:
    meal, dish, share, part = _orders.table, _lines.table, _shares.table, _parts.table
    taken, held = _portions_taken(), _money_held()
    ordered = insert(_order).from_select(
        list(_ORDER), select(*(meal.c[name] for name in _ORDER)), include_defaults=False
    )
    lined = (
        insert(_line)
        .from_select(list(_LINE), select(*(dish.c[name] for name in _LINE)), include_defaults=False)
        .returning(_line.c.id, _line.c.booking_id, _line.c.menu_item_id)
        .cte("lined")
    )
    of_line = and_(
        lined.c.booking_id == share.c.booking_id, lined.c.menu_item_id == share.c.menu_item_id
    )
    shared = insert(_share).from_select(
        ["line_id", "part", "payer", "fen"],
        select(lined.c.id, share.c.part, share.c.payer, share.c.fen).join_from(
            share, lined, of_line
        ),
    )
    holding = insert(_hold).from_select(
        ["booking_id", "purse_id", "fen", "state", "made_at"],
        select(
            part.c.booking_id, part.c.purse_id, part.c.fen,
            literal(HoldState.OPEN.value, _hold.c.state.type),
            bindparam("now", type_=UtcDateTime),
        ),
        include_defaults=False,
    )  # fmt: skip
    return select(
        select(func.count()).select_from(taken).scalar_subquery().label("taken"),
        select(func.count()).select_from(held).scalar_subquery().label("held"),
    ).add_cte(ordered.cte("ordered"), shared.cte("shared"), holding.cte("holding"))


_WRITE = Prepared(_combined())


def write(session: Session, orders: Mapping[int, Made], now: datetime) -> None:
    """Everything of these orders, by booking, but for the bookings, which lock their meals.

    Asks to be run again where a dish has run out or changed its price, or a purse has less than
    was seen.
    """
    wanted: Counter[int] = Counter()
    prices: dict[int, tuple[int, int]] = {}
    for one in orders.values():
        for item_id, portions in one.asked.wanted.dishes:
            item = one.asked.items[item_id]
            wanted[item_id] += portions
            prices[item_id] = item.list_fen, item.discount_fen
    parts = [(ident, one.purse_id, one.fen) for ident, made in orders.items() for one in made.parts]
    found = _WRITE.first(
        session,
        _portions.values((item_id, n, *prices[item_id]) for item_id, n in wanted.items())
        | _orders.values(_order_row(ident, one) for ident, one in orders.items())
        | _lines.values(row for ident, one in orders.items() for row in _line_rows(ident, one))
        | _shares.values(row for ident, one in orders.items() for row in _share_rows(ident, one))
        | _parts.values(parts)
        | {"now": now},
    )
    if (found.taken, found.held) != (len(wanted), len(parts)):
        raise RunAgain()


def _order_row(booking_id: int, made: Made) -> list[Any]:
    row = {"booking_id": booking_id} | columns(made.asked, made.bill)
    private = {name: row[name] and encrypt(row[name]) for name in _PRIVATE}
    return [(row | private)[name] for name in _ORDER]


def _line_rows(booking_id: int, made: Made) -> list[tuple[int, ...]]:
    return [
        (
            booking_id, line.item_id, line.portions, line.list_fen, line.discount_fen,
            subsidy_of(line), line.pays_fen,
        )
        for line in made.bill.priced.lines
    ]  # fmt: skip


def _share_rows(booking_id: int, made: Made) -> list[tuple[Any, ...]]:
    return [
        (booking_id, line.item_id, share.part, share.payer.value, share.fen)
        for line in made.bill.priced.lines
        for share in line.shares
    ]
