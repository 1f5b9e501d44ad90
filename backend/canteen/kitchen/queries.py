"""Reads for those who cook: the meals ahead, and one meal's sheet with what has changed since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen.kitchen import lines, sheet
from backend.canteen.kitchen.models import KitchenPaper, KitchenSheet, PaperKind
from backend.canteen.models import Canteen, MealService
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

COOK = Permission.COOK_MEALS
AHEAD = timedelta(days=7)
BACK = timedelta(days=14)

_bookable, _service = table_of(Bookable), table_of(MealService)
_sheet, _paper = table_of(KitchenSheet), table_of(KitchenPaper)


def list_meals(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """The meals of today and the coming week in reach, with how many have ordered."""
    today = clock.today(now)
    return session.execute(
        _meals(me)
        .where(_service.c.day >= today, _service.c.day < today + AHEAD)
        .order_by(_bookable.c.starts_at, Canteen.name)
    ).all()


def list_past(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """Those of the two weeks before today, the latest first."""
    today = clock.today(now)
    return session.execute(
        _meals(me)
        .where(_service.c.day >= today - BACK, _service.c.day < today)
        .order_by(_bookable.c.starts_at.desc(), Canteen.name)
    ).all()


def find_meal(session: Session, me: SignedInStaff, meal_service_id: int) -> AnyRow:
    """One of them, of any day. Raises NotFound."""
    row = session.execute(_meals(me).where(_service.c.id == meal_service_id)).first()
    if row is None:
        raise NotFound()
    return row


def get_sheet(
    session: Session, me: SignedInStaff, meal_service_id: int, now: datetime
) -> dict[str, Any]:
    """A meal's sheet: as it was frozen, and what changed since; before that what is ordered.

    Raises NotFound.
    """
    meal = find_meal(session, me, meal_service_id)
    current = lines.current(session, meal_service_id)
    before = lines.frozen(session, meal_service_id) if meal.frozen_at else current
    ready = session.scalars(
        select(_paper.c.kind).where(_paper.c.meal_service_id == meal_service_id)
    ).all()
    first = sheet.arrange(before)
    today = sheet.arrange(current)
    return {
        "meal": meal, "first": first, "now": today, "lost": today.lost,
        "changes": sheet.changes(before, current), "papers": [PaperKind(one) for one in ready],
        "differs": {row.menu_item_id: row.portions for row in today.dishes},
        "closed": meal.closes_at is not None and meal.closes_at <= now,
        "over": meal.ends_at <= now, "is_kept": now < meal.ends_at + BACK,
    }  # fmt: skip


def _meals(me: SignedInStaff) -> Select[*tuple[Any, ...]]:
    """Meals that residents can order, with their sheet's head if there is one."""
    return (
        select(
            _service.c.id, _service.c.day, _service.c.meal, _service.c.canteen_id,
            Canteen.name.label("canteen"), Canteen.place_id, _bookable.c.starts_at,
            _bookable.c.ends_at, _bookable.c.closes_at, _bookable.c.cancelled_at,
            _bookable.c.taken, _sheet.c.frozen_at, _sheet.c.orders, _sheet.c.portions,
            _sheet.c.papers_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .outerjoin(_sheet, _sheet.c.meal_service_id == _service.c.id)
        .where(_bookable.c.published_at.is_not(None), me.covers(COOK, Place.path))
    )  # fmt: skip
