"""Which meals were really eaten, and what of them one layer owes beyond what it was asked for.

Collected at the counter or proven to be delivered. Nothing is claimed where nobody came, whatever
becomes of the resident's share (MISSED_MEALS_ARE_PAID), nor for an order that was cancelled or
whose charge was taken back. Where something cheaper was cooked, the layer owes what the rule gives
for that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import FromClause

from backend.booking.models import HELD, Booking
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.claims.models import MealClaim, MealClaimDay, MealClaimLine
from backend.canteen.models import Canteen, MealService
from backend.canteen.ordering.models import MealCut, MealLine, MealOrder, MealShare
from backend.canteen.serving.models import MealServed
from backend.db import AnyRow, table_of

REACH = timedelta(days=400)
"""So far back before a claim's first day corrections are looked for."""

booking, order, service = table_of(Booking), table_of(MealOrder), table_of(MealService)
canteen, served = table_of(Canteen), table_of(MealServed)
_line, _share, _entry = table_of(MealLine), table_of(MealShare), table_of(Entry)
_cut = table_of(MealCut)
_claim, _claim_day, _claimed = table_of(MealClaim), table_of(MealClaimDay), table_of(MealClaimLine)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a claim is about: one layer, some canteens, from a day up to and with another."""

    payer: str
    canteen_ids: tuple[int, ...]
    first: date
    last: date

    def has(self, day: date) -> bool:
        """Whether a meal of that day is the claim's own, not a correction."""
        return self.first <= day <= self.last


def orders() -> FromClause:
    """Orders with their booking, meal and canteen, and how they were served, if they were."""
    return (
        order.join(booking, booking.c.id == order.c.booking_id)
        .join(service, service.c.id == booking.c.bookable_id)
        .join(canteen, canteen.c.id == service.c.canteen_id)
        .outerjoin(served, and_(served.c.booking_id == booking.c.id, served.c.undone_at.is_(None)))
    )


def stands() -> ColumnElement[bool]:
    """Of `orders()`: it was handed over, and not given back."""
    charges = select(_entry.c.booking_id).where(_entry.c.kind == EntryKind.CHARGE)
    back = and_(
        booking.c.id.in_(charges.where(_entry.c.reversed_by_id.is_not(None))),
        ~exists(
            charges.where(_entry.c.reversed_by_id.is_(None), _entry.c.booking_id == booking.c.id)
        ),
    )
    return and_(booking.c.state.in_(HELD), served.c.id.is_not(None), ~back)


def meals(scope: Scope) -> ColumnElement[bool]:
    """Of `orders()`: meals of the claim's own days, and of days that were claimed before."""
    frozen = (
        select(_claim_day.c.day)
        .join(_claim, _claim.c.id == _claim_day.c.claim_id)
        .where(
            _claim_day.c.payer == scope.payer, _claim_day.c.canteen_id == service.c.canteen_id,
            _claim_day.c.day == service.c.day, _claim.c.frozen_at.is_not(None),
        )
    )  # fmt: skip
    return and_(
        service.c.canteen_id.in_(scope.canteen_ids),
        or_(
            service.c.day.between(scope.first, scope.last),
            and_(service.c.day >= scope.first - REACH, exists(frozen)),
        ),
    )


def changed(session: Session, scope: Scope, also: Collection[int] = ()) -> Sequence[AnyRow]:
    """Meals for which the layer owes another sum (`owed`) than it was asked for (`claimed`).

    In the order of a claim's lines; `also`: these bookings in any case. One read.
    """
    both = union_all(_owed(scope), _owed_less(scope), _asked_for(scope)).subquery()
    owed, claimed = func.sum(both.c.owed), func.sum(both.c.claimed)
    differs = owed != claimed
    differing = (
        select(both.c.booking_id, owed.label("owed"), claimed.label("claimed"))
        .group_by(both.c.booking_id)
        .having(or_(differs, both.c.booking_id.in_(also)) if also else differs)
        .subquery()
    )
    return session.execute(
        select(
            differing, booking.c.person_id, booking.c.state, service.c.canteen_id, service.c.day,
            service.c.meal, order.c.subsidy_version_id.label("version_id"),
            served.c.id.is_not(None).label("is_served"),
        )
        .select_from(orders().join(differing, differing.c.booking_id == booking.c.id))
        .order_by(service.c.day, service.c.meal, service.c.canteen_id, booking.c.id)
    ).all()  # fmt: skip


def _owed(scope: Scope) -> Select[Any]:
    found = orders().join(_line, _line.c.booking_id == booking.c.id)
    shares = and_(_share.c.line_id == _line.c.id, _share.c.payer == scope.payer)
    return (
        select(
            booking.c.id.label("booking_id"), _share.c.fen.label("owed"),
            literal(0).label("claimed"),
        )
        .select_from(found.join(_share, shares))
        .where(meals(scope), stands())
    )  # fmt: skip


def _owed_less(scope: Scope) -> Select[Any]:
    """What was cheaper in the end than what was ordered."""
    cuts = and_(_cut.c.booking_id == booking.c.id, _cut.c.payer == scope.payer)
    return (
        select(booking.c.id, -_cut.c.fen, literal(0))
        .select_from(orders().join(_cut, cuts))
        .where(meals(scope), stands())
    )


def _asked_for(scope: Scope) -> Select[Any]:
    return (
        select(_claimed.c.booking_id, literal(0), _claimed.c.fen)
        .join(_claim, _claim.c.id == _claimed.c.claim_id)
        .where(
            _claim.c.payer == scope.payer, _claimed.c.canteen_id.in_(scope.canteen_ids),
            _claimed.c.day >= scope.first - REACH,
        )
    )  # fmt: skip


def pays(payer: str) -> ColumnElement[bool]:
    """Of `orders()`: the layer gives something towards it."""
    return exists(
        select(_share.c.line_id)
        .join(_line, _line.c.id == _share.c.line_id)
        .where(_line.c.booking_id == booking.c.id, _share.c.payer == payer)
    )
