"""The route lists of a meal: drawn at the cut-off and whenever runs have changed, kept ready."""

import base64
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.canteen.delivery import queries, routes_paper
from backend.canteen.delivery.errors import RoutesBlocked
from backend.canteen.delivery.models import DeliveryPaper, DeliveryRun
from backend.canteen.kitchen import papers as kitchen
from backend.canteen.kitchen.models import KitchenPaper, PaperKind
from backend.canteen.kitchen.papers import Paper
from backend.canteen.models import Meal, MealService
from backend.canteen.serving import missing
from backend.canteen.welfare import queries as welfare
from backend.db import AnyRow, table_of

_run, _paper, _bookable = table_of(DeliveryRun), table_of(DeliveryPaper), table_of(Bookable)
_labels, _service = table_of(KitchenPaper), table_of(MealService)


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals not yet over with runs that are not on paper as they stand, and nobody missing."""
    rows = session.execute(
        _on_paper()
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(_bookable.c.ends_at > now, _bookable.c.cancelled_at.is_(None))
        .order_by(_service.c.id)
    ).all()
    ids = [row.id for row in rows if not _is_right(session, row, now)]
    return [one for one in ids if not queries.lost(session, one)]


def draw(session: Session, meal_service_id: int, now: datetime, run_id: int | None = None) -> bytes:
    """The route lists as the runs stand, or that of one, in Chinese always.

    Raises RoutesBlocked.
    """
    if missing := queries.lost(session, meal_service_id):
        raise RoutesBlocked(n=missing)
    runs = queries.runs_of(session, meal_service_id, now)
    if run_id is None:
        stops = queries.stops_of_meal(session, meal_service_id)
    else:
        runs = [one for one in runs if one["id"] == run_id]
        stops = {run_id: queries.stops_of(session, run_id)}
    people = [stop["person_id"] for of_run in stops.values() for stop in of_run]
    hungry = _hungry(session, meal_service_id, people, now)
    with force_locale("zh"):
        return routes_paper.draw(kitchen.head_of(session, meal_service_id), runs, stops, hungry)


def labels(session: Session, meal_service_id: int) -> Paper | None:
    """The labels with the numbers the stops have now, if those that lie ready are older."""
    changed = select(func.max(_run.c.changed_at)).where(_run.c.meal_service_id == meal_service_id)
    old = session.execute(
        select(_labels.c.id).where(
            _labels.c.meal_service_id == meal_service_id, _labels.c.kind == PaperKind.LABELS,
            _labels.c.made_at < changed.scalar_subquery(),
        )
    ).first()  # fmt: skip
    if old is None:
        return None
    return kitchen.draw(session, meal_service_id, (PaperKind.LABELS,))[PaperKind.LABELS]


def keep(
    session: Session, meal_service_id: int, pdf: bytes, drawn: Paper | None, now: datetime
) -> None:
    """Lay the lists ready, and labels if they were `drawn`, in the place of older ones."""
    if drawn is not None:
        kitchen.keep_anew(session, meal_service_id, drawn, now)
    session.execute(delete(_paper).where(_paper.c.meal_service_id == meal_service_id))
    session.execute(
        insert(_paper).values(meal_service_id=meal_service_id, pdf=kitchen.packed(pdf), made_at=now)
    )


def read(session: Session, meal_service_id: int, now: datetime) -> bytes:
    """The lists to print: those that lie ready if they are still right, else drawn anew.

    Raises RoutesBlocked.
    """
    if missing := queries.lost(session, meal_service_id):
        raise RoutesBlocked(n=missing)
    row = session.execute(_on_paper().where(_service.c.id == meal_service_id)).first()
    if row is None or not _is_right(session, row, now):
        return draw(session, meal_service_id, now)
    kept = select(_paper.c.pdf).where(_paper.c.meal_service_id == meal_service_id)
    return base64.b64decode(session.scalars(kept).one())


def _on_paper() -> Select[*tuple[Any, ...]]:
    """Meals with runs: when those changed last, and when they were put on paper."""
    return (
        select(
            _service.c.id, _service.c.day, _service.c.meal, _paper.c.made_at,
            func.max(_run.c.changed_at).label("changed_at"),
        )
        .join(_run, _run.c.meal_service_id == _service.c.id)
        .outerjoin(_paper, _paper.c.meal_service_id == _service.c.id)
        .group_by(_service.c.id, _service.c.day, _service.c.meal, _paper.c.made_at)
    )  # fmt: skip


def _is_right(session: Session, row: AnyRow, now: datetime) -> bool:
    """Drawn after the last change of the runs, and for a dinner once it was known who had lunch."""
    if row.made_at is None or row.made_at < row.changed_at:
        return False
    if row.meal != Meal.DINNER:
        return True
    lunch = session.scalar(
        select(func.max(_bookable.c.ends_at))
        .join(_service, _service.c.id == _bookable.c.id)
        .where(
            _service.c.day == row.day, _service.c.meal == Meal.LUNCH,
            _bookable.c.ends_at <= now - missing.AFTER,
        )
    )  # fmt: skip
    return lunch is None or row.made_at >= lunch + missing.AFTER


def _hungry(
    session: Session, meal_service_id: int, person_ids: Collection[int], now: datetime
) -> set[int]:
    found = select(_service.c.day, _service.c.meal).where(_service.c.id == meal_service_id)
    meal = session.execute(found).one()
    return welfare.lunch_not_taken(session, meal.meal, person_ids, meal.day, now)
