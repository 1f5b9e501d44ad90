"""What was ordered in a month: sums per canteen, rule version and payer, and what they tie to.

Meals count whose orders are closed: they are charged, eaten or not. What the layers are asked for,
eaten meals only, is in the claims (`backend/canteen/claims`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from backend.booking.models import HELD, Bookable, Booking
from backend.canteen.guests import queries as guests
from backend.canteen.models import Canteen, MealService
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Payer
from backend.db import AnyRow, table_of
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

SETTLE = Permission.SEE_SETTLEMENT
SUMS = ("list_fen", "discount_fen", "subsidy_fen", "pays_fen")

_canteen, _place, _service = table_of(Canteen), table_of(Place), table_of(MealService)
_bookable, _booking, _order = table_of(Bookable), table_of(Booking), table_of(MealOrder)
_line, _share = table_of(MealLine), table_of(MealShare)
_version, _rule = table_of(SubsidyVersion), table_of(SubsidyRule)


@dataclass(slots=True)
class Claim:
    """What one version of a rule came to at a canteen: meals, and fen by payer."""

    rule_id: int
    name: str
    version: int
    meals: int
    by_payer: dict[str, int] = field(default_factory=dict)

    @property
    def fen(self) -> int:
        """All payers together."""
        return sum(self.by_payer.values())


@dataclass(slots=True, kw_only=True)
class Statement:
    """A canteen's month: the sums of its orders' lines, delivery fees, and what payers owe; beside
    it how many guests ate there, and their cash.
    """

    canteen_id: int
    name: str
    place_name: str
    meals: int
    list_fen: int
    discount_fen: int
    subsidy_fen: int
    pays_fen: int
    fee_fen: int
    guests: int = 0
    guests_fen: int = 0
    claims: list[Claim] = field(default_factory=list)

    @property
    def by_payer(self) -> dict[str, int]:
        """What each layer owes."""
        return {
            payer: sum(claim.by_payer.get(payer, 0) for claim in self.claims) for payer in Payer
        }

    @property
    def ties_out(self) -> bool:
        """Whether prices are what was paid, and subsidies what payers owe."""
        paid = self.discount_fen + self.subsidy_fen + self.pays_fen
        return self.list_fen == paid and self.subsidy_fen == sum(self.by_payer.values())


def of_month(
    session: Session, me: SignedInStaff, first: date, until: date, now: datetime
) -> list[Statement]:
    """The canteens in reach with meals from `first` up to `until`; five reads."""

    def within(found: Select[Any]) -> Select[Any]:
        return _closed(found, me, first, until, now)

    canteen = (_canteen.c.id, _canteen.c.name, _place.c.name.label("place_name"), _place.c.path)
    lines = session.execute(
        within(select(*canteen, *(func.sum(_line.c[name]).label(name) for name in SUMS)))
        .join(_line, _line.c.booking_id == _order.c.booking_id)
        .group_by(*canteen)
        .order_by(_place.c.path, _canteen.c.name)
    ).all()
    orders = session.execute(
        within(select(_canteen.c.id, func.count().label("meals"), func.sum(_order.c.fee_fen)))
        .group_by(_canteen.c.id)
    ).all()  # fmt: skip
    of_orders = {row.id: (row.meals, int(row[2])) for row in orders}
    found = {
        row.id: Statement(
            canteen_id=row.id, name=row.name, place_name=row.place_name,
            meals=of_orders[row.id][0], fee_fen=of_orders[row.id][1],
            list_fen=int(row.list_fen), discount_fen=int(row.discount_fen),
            subsidy_fen=int(row.subsidy_fen), pays_fen=int(row.pays_fen),
        )
        for row in lines
    }  # fmt: skip
    for row, by_payer in _claims(session, within):
        claim = Claim(row.rule_id, row.rule_name, row.version, row.meals, by_payer)
        found[row.id].claims.append(claim)
    for ident, (people, fen) in guests.by_canteen(session, found, first, until).items():
        found[ident].guests, found[ident].guests_fen = people, fen
    return list(found.values())


def _claims(session: Session, within: Any) -> list[tuple[AnyRow, dict[str, int]]]:
    of_rule = (_canteen.c.id, _version.c.id.label("version_id"))
    named = (*of_rule, _rule.c.id.label("rule_id"), _rule.c.name.label("rule_name"),
             _version.c.version)  # fmt: skip
    meals = session.execute(
        within(select(*named, func.count(distinct(_order.c.booking_id)).label("meals")))
        .join(_version, _version.c.id == _order.c.subsidy_version_id)
        .join(_rule, _rule.c.id == _version.c.rule_id)
        .group_by(*named)
        .order_by(_rule.c.id, _version.c.version)
    ).all()
    shares: Sequence[AnyRow] = session.execute(
        within(select(*of_rule, _share.c.payer, func.sum(_share.c.fen).label("fen")))
        .join(_version, _version.c.id == _order.c.subsidy_version_id)
        .join(_line, _line.c.booking_id == _order.c.booking_id)
        .join(_share, _share.c.line_id == _line.c.id)
        .group_by(*of_rule, _share.c.payer)
    ).all()
    paid: dict[tuple[int, int], dict[str, int]] = {}
    for row in shares:
        paid.setdefault((row.id, row.version_id), {})[row.payer] = int(row.fen)
    return [(row, paid.get((row.id, row.version_id), {})) for row in meals]


def _closed(
    found: Select[Any], me: SignedInStaff, first: date, until: date, now: datetime
) -> Select[Any]:
    """Orders that stand, of closed meals of those days, at canteens in reach."""
    return (
        found.select_from(_order)
        .join(_booking, _booking.c.id == _order.c.booking_id)
        .join(_bookable, _bookable.c.id == _booking.c.bookable_id)
        .join(_service, _service.c.id == _bookable.c.id)
        .join(_canteen, _canteen.c.id == _service.c.canteen_id)
        .join(_place, _place.c.id == _canteen.c.place_id)
        .where(
            _service.c.day >= first, _service.c.day < until, _bookable.c.closes_at <= now,
            _booking.c.state.in_(HELD), me.covers(SETTLE, _place.c.path),
        )
    )  # fmt: skip
