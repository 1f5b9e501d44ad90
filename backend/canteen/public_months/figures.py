"""What a month came to as things stand: meals eaten, what people paid, what the layers give."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Table, and_, distinct, exists, func, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.accounts.models import Entry, EntryKind
from backend.canteen.claims import eaten
from backend.canteen.claims.models import MealJudgement
from backend.canteen.guests import queries as guests
from backend.canteen.models import MealService
from backend.canteen.ordering.models import MealCut, MealLine, MealShare
from backend.db import table_of

_entry, _booking, _service = table_of(Entry), table_of(Booking), table_of(MealService)
_line, _share, _judgement = table_of(MealLine), table_of(MealShare), table_of(MealJudgement)
_cut = table_of(MealCut)
_PAID = (EntryKind.CHARGE, EntryKind.CREDIT, EntryKind.REVERSAL)


@dataclass(slots=True)
class Figures:
    """Of one canteen, in fen."""

    meals: int = 0
    income_fen: int = 0
    subsidy_fen: int = 0


def read(
    session: Session, canteen_ids: Collection[int], first: date, until: date
) -> dict[int, Figures]:
    """Each canteen's days from `first` up to `until`; four reads.

    Meals are those handed over, and one for each guest. Income is what was charged for meals of
    those days, less what was given back, no-shows that were kept included, and guests' cash.
    Subsidies are those of meals that were
    eaten, without what somebody decided not to claim.
    """
    found = {one: Figures() for one in canteen_ids}
    for row in session.execute(
        select(eaten.service.c.canteen_id, func.count(distinct(eaten.booking.c.id)).label("meals"))
        .select_from(eaten.orders())
        .where(_within(eaten.service, canteen_ids, first, until), eaten.stands())
        .group_by(eaten.service.c.canteen_id)
    ):
        found[row.canteen_id].meals = int(row.meals)
    for row in session.execute(
        select(_service.c.canteen_id, func.sum(_entry.c.fen).label("fen"))
        .select_from(_entry)
        .join(_booking, _booking.c.id == _entry.c.booking_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .where(_within(_service, canteen_ids, first, until), _entry.c.kind.in_(_PAID))
        .group_by(_service.c.canteen_id)
    ):
        found[row.canteen_id].income_fen = -int(row.fen)
    for ident, (people, cash) in guests.by_canteen(session, canteen_ids, first, until).items():
        found[ident].meals += people
        found[ident].income_fen += cash
    left_out = exists().where(_judgement.c.booking_id == eaten.booking.c.id, ~_judgement.c.claims)
    asked = and_(_within(eaten.service, canteen_ids, first, until), eaten.stands(), ~left_out)
    shares = (
        eaten.orders()
        .join(_line, _line.c.booking_id == eaten.booking.c.id)
        .join(_share, _share.c.line_id == _line.c.id)
    )
    cuts = eaten.orders().join(_cut, _cut.c.booking_id == eaten.booking.c.id)
    for rows, fen in ((shares, _share.c.fen), (cuts, -_cut.c.fen)):
        for row in session.execute(
            select(eaten.service.c.canteen_id, func.sum(fen).label("fen"))
            .select_from(rows)
            .where(asked)
            .group_by(eaten.service.c.canteen_id)
        ):
            found[row.canteen_id].subsidy_fen += int(row.fen)
    return found


def _within(
    service: Table, canteen_ids: Collection[int], first: date, until: date
) -> ColumnElement[bool]:
    days = and_(service.c.day >= first, service.c.day < until)
    return and_(service.c.canteen_id.in_(canteen_ids), days)
