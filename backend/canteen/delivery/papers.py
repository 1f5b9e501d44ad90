"""The route lists of a meal: drawn at the cut-off and whenever runs have changed, kept ready."""

import base64
from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.canteen.delivery import queries, routes_paper
from backend.canteen.delivery.errors import RoutesBlocked
from backend.canteen.delivery.models import DeliveryPaper, DeliveryRun
from backend.canteen.kitchen import papers as kitchen
from backend.canteen.kitchen.models import KitchenPaper, PaperKind
from backend.db import table_of

_run, _paper, _bookable = table_of(DeliveryRun), table_of(DeliveryPaper), table_of(Bookable)
_labels = table_of(KitchenPaper)


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals not yet over with runs that are not on paper as they stand, and nobody missing."""
    changed = func.max(_run.c.changed_at)
    ids = session.scalars(
        select(_run.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _run.c.meal_service_id)
        .outerjoin(_paper, _paper.c.meal_service_id == _run.c.meal_service_id)
        .where(_bookable.c.ends_at > now, _bookable.c.cancelled_at.is_(None))
        .group_by(_run.c.meal_service_id, _paper.c.made_at)
        .having(_paper.c.made_at.is_(None) | (_paper.c.made_at < changed))
        .order_by(_run.c.meal_service_id)
    ).all()
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
    with force_locale("zh"):
        return routes_paper.draw(kitchen.head_of(session, meal_service_id), runs, stops)


def labels(session: Session, meal_service_id: int) -> bytes | None:
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
    session: Session, meal_service_id: int, pdf: bytes, drawn: bytes | None, now: datetime
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
    changed = select(func.max(_run.c.changed_at)).where(_run.c.meal_service_id == meal_service_id)
    kept = session.scalar(
        select(_paper.c.pdf).where(
            _paper.c.meal_service_id == meal_service_id,
            _paper.c.made_at >= changed.scalar_subquery(),
        )
    )
    return draw(session, meal_service_id, now) if kept is None else base64.b64decode(kept)
