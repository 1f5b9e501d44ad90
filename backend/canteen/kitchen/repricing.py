"""Something cheaper is cooked than was ordered: what comes back, and what the layers give less.

The rule that applied is asked again, as it stood, for what is eaten in the end. No layer is asked
for more than it gives for that; whoever eats pays the rest of the price, and never more than
before. Where both together come to less than the dish costs, the canteen bears it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from backend.canteen.kitchen.models import DishReplacement
from backend.canteen.ordering.models import MealCut, MealLine, MealOrder, MealShare
from backend.canteen.pricing import engine, facts
from backend.canteen.pricing.engine import Wanted
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Payer, Rule
from backend.db import AnyRow, table_of
from backend.places.models import Place

_order, _line, _share = table_of(MealOrder), table_of(MealLine), table_of(MealShare)
_cut, _instead = table_of(MealCut), table_of(DishReplacement)
_version, _rule, _home = table_of(SubsidyVersion), table_of(SubsidyRule), table_of(Place)
CHUNK = 500

Instead = Mapping[int, int]
"""What a portion of the dish costs that is cooked for one on the menu, by menu item, in fen."""


@dataclass(frozen=True, slots=True)
class Sold:
    """An order as it was sold: its lines, how it is eaten, who gives what, what is paid for dishes,
    and what is `cooked` instead by now, as pairs of menu item and price.
    """

    lines: tuple[Wanted, ...]
    mode: str
    version_id: int | None
    given: tuple[tuple[tuple[int, Payer], int], ...]
    pays_fen: int
    cooked: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Less:
    """What an order comes to less: what its eater gets back, and what each layer keeps."""

    back_fen: int
    cuts: Mapping[tuple[int, Payer], int]


class Orders:
    """Orders of a meal with the rules that applied to them."""

    def __init__(self, sold: Mapping[int, Sold], rules: Mapping[int, Rule]) -> None:
        self.sold, self.rules = sold, rules
        self._less = cache(self._reckon)  # many order the same

    def less(
        self, booking_id: int, menu_item_id: int | None = None, fen: int | None = None
    ) -> Less:
        """What one comes to less as things are cooked now.

        With `menu_item_id` as if a dish of so many `fen` a portion were cooked for that one; None:
        the dish itself.
        """
        return self._less(self.sold[booking_id], menu_item_id, fen)

    def _reckon(self, sold: Sold, menu_item_id: int | None, fen: int | None) -> Less:
        instead = {item: cooked for item, cooked in sold.cooked if item != menu_item_id}
        if menu_item_id is not None and fen is not None:
            instead[menu_item_id] = fen
        eaten = [_eaten(one, instead) for one in sold.lines]
        given, rule = dict(sold.given), self.rules.get(sold.version_id or 0)
        gives, now = (0, {}) if rule is None else engine.given_for(eaten, rule, sold.mode, given)
        pays_fen = sum(one.due(one.portions) for one in eaten) - gives
        cuts = {key: had - now.get(key, 0) for key, had in given.items()}
        return Less(
            max(0, sold.pays_fen - pays_fen), {key: cut for key, cut in cuts.items() if cut > 0}
        )


def read(session: Session, booking_ids: Collection[int]) -> Orders:
    """These orders; four reads for 500 of them."""
    sold: dict[int, Sold] = {}
    for part in _chunks(booking_ids):
        sold |= _sold(session, part)
    versions = {one.version_id for one in sold.values() if one.version_id is not None}
    return Orders(sold, _rules(session, versions))


def keep(session: Session, less: Mapping[int, Less]) -> None:
    """From now on the layers give so much less towards these orders, and no less than that."""
    for part in _chunks(less):
        session.execute(delete(_cut).where(_cut.c.booking_id.in_(part)))
    rows = [
        {"booking_id": booking_id, "part": part, "payer": payer, "fen": fen}
        for booking_id, one in less.items()
        for (part, payer), fen in one.cuts.items()
    ]
    for at in range(0, len(rows), CHUNK):
        session.execute(insert(_cut), rows[at : at + CHUNK])


def _eaten(ordered: Wanted, instead: Instead) -> Wanted:
    """What is cooked for it, at its own price if that is less."""
    list_fen = min(ordered.list_fen, instead.get(ordered.item_id, ordered.list_fen))
    due = min(ordered.due(1), list_fen)
    return Wanted(ordered.item_id, ordered.portions, list_fen, list_fen - due)


def _sold(session: Session, booking_ids: Collection[int]) -> dict[int, Sold]:
    mine: ColumnElement[bool] = _line.c.booking_id.in_(booking_ids)
    lines: dict[int, list[AnyRow]] = {}
    for row in session.execute(
        select(_line, _instead.c.list_fen.label("cooked_fen"))
        .outerjoin(_instead, _instead.c.menu_item_id == _line.c.menu_item_id)
        .where(mine)
        .order_by(_line.c.booking_id, _line.c.menu_item_id)
    ):
        lines.setdefault(row.booking_id, []).append(row)
    given: dict[int, list[tuple[tuple[int, Payer], int]]] = {}
    for row in session.execute(
        select(_line.c.booking_id, _share.c.part, _share.c.payer, func.sum(_share.c.fen))
        .join(_share, _share.c.line_id == _line.c.id)
        .where(mine)
        .group_by(_line.c.booking_id, _share.c.part, _share.c.payer)
        .order_by(_line.c.booking_id, _share.c.part, _share.c.payer)
    ):
        given.setdefault(row.booking_id, []).append(((row.part, Payer(row.payer)), int(row[3])))
    orders = select(_order.c.booking_id, _order.c.mode, _order.c.subsidy_version_id).where(
        _order.c.booking_id.in_(booking_ids)
    )
    return {
        row.booking_id: _sold_as(row, lines[row.booking_id], given.get(row.booking_id, []))
        for row in session.execute(orders)
        if row.booking_id in lines
    }


def _sold_as(
    order: AnyRow, lines: list[AnyRow], given: list[tuple[tuple[int, Payer], int]]
) -> Sold:
    return Sold(
        tuple(
            Wanted(
                row.menu_item_id, row.portions, row.list_fen // row.portions,
                row.discount_fen // row.portions,
            )
            for row in lines
        ),
        order.mode, order.subsidy_version_id, tuple(given), sum(row.pays_fen for row in lines),
        tuple((row.menu_item_id, row.cooked_fen) for row in lines if row.cooked_fen is not None),
    )  # fmt: skip


def _rules(session: Session, version_ids: Collection[int]) -> dict[int, Rule]:
    """The rules as they stood, whatever became of them since."""
    rows = session.execute(
        select(
            *_version.c, _rule.c.name, _rule.c.ends_on.label("rule_ends_on"),
            _home.c.path.label("home_path"),
        )
        .join(_rule, _rule.c.id == _version.c.rule_id)
        .outerjoin(_home, _home.c.id == _version.c.home_place_id)
        .where(_version.c.id.in_(version_ids))
    )  # fmt: skip
    return {row.id: facts.rule_of(row) for row in rows}


def _chunks(booking_ids: Collection[int]) -> Iterator[list[int]]:
    ids = sorted(booking_ids)
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]
