"""When orders of a meal close: money is charged, the sheet is frozen, papers are laid ready.

Each step is done once, whoever runs it and however often; what was left undone is found again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking.models import HELD, Bookable, Booking
from backend.canteen.accounts import ledger
from backend.canteen.accounts.models import Hold, HoldState
from backend.canteen.kitchen import lines, papers
from backend.canteen.kitchen.models import KitchenPaper, KitchenSheet, PaperKind
from backend.canteen.kitchen.papers import Paper
from backend.canteen.models import MealService
from backend.db import table_of

_bookable, _service = table_of(Bookable), table_of(MealService)
_booking, _hold = table_of(Booking), table_of(Hold)
_sheet, _paper = table_of(KitchenSheet), table_of(KitchenPaper)

_HAS_SHEET: ColumnElement[bool] = (
    select(_sheet.c.meal_service_id).where(_sheet.c.meal_service_id == _bookable.c.id).exists()
)
_OWED: ColumnElement[bool] = (
    select(_hold.c.id)
    .join(_booking, _booking.c.id == _hold.c.booking_id)
    .where(
        _booking.c.bookable_id == _bookable.c.id, _booking.c.state.in_(HELD),
        _hold.c.state == HoldState.OPEN,
    )
    .exists()
)  # fmt: skip


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals whose orders are closed and that have no sheet yet, or money that is only held."""
    return session.scalars(
        select(_bookable.c.id)
        .join(_service, _service.c.id == _bookable.c.id)
        .where(_bookable.c.closes_at <= now, _bookable.c.cancelled_at.is_(None))
        .where(~_HAS_SHEET | _OWED)
        .order_by(_bookable.c.starts_at, _bookable.c.id)
    ).all()


def close(session: Session, meal_service_id: int, now: datetime) -> bool:
    """Charge what is held for the meal, and freeze its sheet; False if there was nothing to do.

    The bookable is locked, so an order that came in at the last moment is on the sheet, and a
    second run finds it done.
    """
    line.lock(session, meal_service_id)
    stands = session.execute(
        select(_bookable.c.closes_at, _bookable.c.cancelled_at, _HAS_SHEET.label("frozen")).where(
            _bookable.c.id == meal_service_id
        )
    ).one()
    if stands.cancelled_at is not None or stands.closes_at is None or now < stands.closes_at:
        return False
    charged = ledger.charge(session, _standing(session, meal_service_id), now)
    if stands.frozen:
        return bool(charged)
    found = lines.current(session, meal_service_id)
    session.execute(
        insert(_sheet).values(
            meal_service_id=meal_service_id, frozen_at=now,
            orders=len({one.booking_id for one in found}),
            portions=sum(one.portions for one in found),
        )
    )  # fmt: skip
    lines.write(session, meal_service_id, found)
    return True


def without_papers(session: Session, now: datetime) -> Sequence[int]:
    """Meals still to be eaten whose sheet is frozen and not drawn yet."""
    return session.scalars(
        select(_sheet.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _sheet.c.meal_service_id)
        .where(_sheet.c.papers_at.is_(None), _bookable.c.ends_at > now)
        .order_by(_bookable.c.starts_at, _bookable.c.id)
    ).all()


def keep_papers(
    session: Session, meal_service_id: int, drawn: dict[PaperKind, Paper], now: datetime
) -> bool:
    """Lay the drawn pages ready, unless another run has done so."""
    first = session.execute(
        update(_sheet)
        .where(_sheet.c.meal_service_id == meal_service_id, _sheet.c.papers_at.is_(None))
        .values(papers_at=now)
        .returning(_sheet.c.meal_service_id)
    ).first()
    if first is None:
        return False
    for kind, paper in drawn.items():
        session.execute(
            insert(_paper).values(
                meal_service_id=meal_service_id, kind=kind, pdf=papers.packed(paper.pdf),
                says=paper.says, made_at=now,
            )
        )  # fmt: skip
    return True


def _standing(session: Session, meal_service_id: int) -> Sequence[int]:
    """The orders that somebody holds money for and that stand."""
    return session.scalars(
        select(_booking.c.id)
        .where(_booking.c.bookable_id == meal_service_id, _booking.c.state.in_(HELD))
        .order_by(_booking.c.id)
    ).all()
