"""Which rule applies to somebody's meal and why: every rule tried, and what each would give."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import HELD, Booking
from backend.canteen.models import Dish, MealService, MenuItem
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.canteen.pricing.engine import Tried, UsedParts, Wanted, price
from backend.canteen.pricing.facts import eater_of, published_at, rule_of, used_by
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import NOTHING_USED, Eater, Rule, Serving, Why
from backend.canteen.pricing.wording import PAYERS, had, reason, sentences
from backend.db import AnyRow, table_of

_version, _rule = table_of(SubsidyVersion), table_of(SubsidyRule)
_order, _line, _item = table_of(MealOrder), table_of(MealLine), table_of(MenuItem)
_service, _booking, _dish = table_of(MealService), table_of(Booking), table_of(Dish)


def order_of(
    session: Session, canteen_id: int, person_id: int, day: date, meal: str
) -> AnyRow | None:
    """What somebody ordered for the meal, with the rule that applied then."""
    return session.execute(
        select(*_order.c, _rule.c.name.label("rule_name"), _version.c.version)
        .join(_booking, _booking.c.id == _order.c.booking_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .outerjoin(_version, _version.c.id == _order.c.subsidy_version_id)
        .outerjoin(_rule, _rule.c.id == _version.c.rule_id)
        .where(
            _booking.c.person_id == person_id, _booking.c.state.in_(HELD),
            _service.c.canteen_id == canteen_id, _service.c.day == day, _service.c.meal == meal,
        )
    ).first()  # fmt: skip


def lines_of(session: Session, booking_id: int) -> Sequence[AnyRow]:
    """The lines of an order with the dishes' names, as they were sold."""
    return session.execute(
        select(*_line.c, _dish.c.name)
        .join(_item, _item.c.id == _line.c.menu_item_id)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_line.c.booking_id == booking_id)
        .order_by(_line.c.id)
    ).all()


def wanted_of(lines: Sequence[AnyRow]) -> list[Wanted]:
    """The same as something to price anew."""
    return [
        Wanted(
            line.menu_item_id, line.portions, line.list_fen // line.portions,
            line.discount_fen // line.portions,
        )
        for line in lines
    ]  # fmt: skip


def explain(
    session: Session, canteen_path: str, person_id: int, serving: Serving,
    wanted: Sequence[Wanted], leaving: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Every rule that holds at the canteen, tried on the meal; the one that applies first.

    `leaving`: the order at hand, which does not count as had before. Raises NotFound.
    """
    eater = eater_of(session, person_id, serving.day)
    rows = _tried(session, canteen_path, serving.day)
    rules = [rule_of(row) for row in rows]
    homes = {row.rule_id: row.home_name for row in rows}
    used = used_by(session, person_id, serving.day, rules, leaving)
    priced = price(wanted, eater, serving, rules, used)
    told = [
        _told(one, homes[one.rule.id], eater, used)
        | {"payers": _payers(one.rule, wanted, eater, serving, used)}
        for one in priced.tried
    ]
    costs = sum(one.list_fen * one.portions for one in wanted)
    return {
        "eater": eater, "list_fen": costs, "pays_fen": priced.pays_fen,
        "discount_fen": sum(one.discount_fen * one.portions for one in wanted),
        "subsidy_fen": max((one.fen for one in priced.tried), default=0),
        "rules": sorted(told, key=lambda one: (_ORDER.get(one["why"], len(_ORDER)), -one["fen"])),
    }  # fmt: skip


_ORDER = {Why.APPLIED: 0, Why.LESS: 1, Why.USED_UP: 2, Why.MIN_SPEND: 3}


def _tried(session: Session, canteen_path: str, day: date) -> list[AnyRow]:
    """Of each rule the version that counts on the day; of one not begun yet its first."""
    found: dict[int, AnyRow] = {}
    for row in session.execute(published_at(canteen_path)):
        first = found.get(row.rule_id)
        if first is None or row.starts_on <= max(day, first.starts_on):
            found[row.rule_id] = row
    return list(found.values())


def _told(one: Tried, home: str | None, eater: Eater, used: UsedParts) -> dict[str, Any]:
    rule = one.rule
    return {
        "id": rule.id, "name": rule.name, "version": rule.version, "why": one.why, "fen": one.fen,
        "reason": reason(rule, home, eater, one.why), "says": sentences(rule, home),
        "had": [
            had(part, used.get((rule.id, number), NOTHING_USED))
            for number, part in enumerate(rule.parts)
            if part.is_limited
        ],
    }  # fmt: skip


def _payers(
    rule: Rule, wanted: Sequence[Wanted], eater: Eater, serving: Serving, used: UsedParts
) -> list[tuple[str, int]]:
    """What each layer would pay if this were the only rule."""
    sums = Counter[str]()
    for line in price(wanted, eater, serving, [rule], used).lines:
        for share in line.shares:
            sums[share.payer] += share.fen
    return [(str(word), sums[payer]) for payer, word in PAYERS.items() if sums[payer]]
