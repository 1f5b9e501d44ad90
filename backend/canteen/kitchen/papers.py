"""The papers of a meal, kept ready: the sheet from its frozen lines, labels for every bag that
stands when they are drawn.
"""

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.canteen.delivery import queries as delivery
from backend.canteen.kitchen import labels, lines, sheet, sheet_paper
from backend.canteen.kitchen.head import Head
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.models import KitchenPaper, KitchenSheet, PaperKind
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.wording import MEALS
from backend.db import table_of

_service, _order = table_of(MealService), table_of(MealOrder)
_sheet, _paper = table_of(KitchenSheet), table_of(KitchenPaper)


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawn page; of labels also what they say."""

    pdf: bytes
    says: dict[str, str] | None = None


def draw(
    session: Session, meal_service_id: int, kinds: Sequence[PaperKind] = tuple(PaperKind)
) -> dict[PaperKind, Paper]:
    """The sheet of version 1, and labels as orders and stops stand; in Chinese always."""
    with force_locale("zh"):
        return {kind: _drawn(session, meal_service_id, kind) for kind in kinds}


def draw_labels(
    session: Session, meal_service_id: int, found: Sequence[Line], only: Collection[str]
) -> bytes:
    """Some of the labels of these lines, by their keys."""
    with force_locale("zh"):
        return labels.draw(head_of(session, meal_service_id), found, only)


def standing(session: Session, meal_service_id: int) -> list[Line]:
    """What labels are made of: the lines of the orders that stand, with run and stop."""
    return with_stops(session, meal_service_id, lines.current(session, meal_service_id))


def _drawn(session: Session, meal_service_id: int, kind: PaperKind) -> Paper:
    head = head_of(session, meal_service_id)
    if kind is PaperKind.SHEET:
        found = with_addresses(session, lines.frozen(session, meal_service_id))
        return Paper(sheet_paper.draw(head, sheet.arrange(found)))
    found = standing(session, meal_service_id)
    return Paper(labels.draw(head, found), labels.said(found))


def read(session: Session, meal_service_id: int, kind: PaperKind) -> bytes | None:
    """A paper that lies ready; None before it is drawn, and after it is forgotten."""
    pdf = session.scalar(
        select(_paper.c.pdf).where(
            _paper.c.meal_service_id == meal_service_id, _paper.c.kind == kind
        )
    )
    return None if pdf is None else base64.b64decode(pdf)


def packed(pdf: bytes) -> str:
    """As the row keeps it."""
    return base64.b64encode(pdf).decode()


def with_addresses(session: Session, found: Sequence[Line]) -> list[Line]:
    """The lines with where each order is brought."""
    ids = sorted({one.booking_id for one in found})
    known: dict[int, str | None] = {}
    for at in range(0, len(ids), lines.CHUNK):
        rows = session.execute(
            select(_order.c.booking_id, _order.c.address).where(
                _order.c.booking_id.in_(ids[at : at + lines.CHUNK])
            )
        )
        known |= {row.booking_id: row.address for row in rows}
    return [replace(one, address=known.get(one.booking_id)) for one in found]


def with_stops(session: Session, meal_service_id: int, found: Sequence[Line]) -> list[Line]:
    """The lines with the run and stop of each order that is brought."""
    numbers = delivery.numbers_of(session, meal_service_id)
    return [replace(one, stop=numbers.get(one.booking_id)) for one in found]


def keep_anew(session: Session, meal_service_id: int, drawn: Paper, now: datetime) -> None:
    """Labels that say something else, in the place of those that lay ready."""
    session.execute(
        update(_paper)
        .where(_paper.c.meal_service_id == meal_service_id, _paper.c.kind == PaperKind.LABELS)
        .values(pdf=packed(drawn.pdf), says=drawn.says, made_at=now)
    )


def head_of(session: Session, meal_service_id: int) -> Head:
    """What stands above a paper of the meal."""
    row = session.execute(
        select(Canteen.name, _service.c.day, _service.c.meal, _sheet.c.frozen_at)
        .join(_service, _service.c.canteen_id == Canteen.id)
        .join(_sheet, _sheet.c.meal_service_id == _service.c.id)
        .where(_service.c.id == meal_service_id)
    ).one()
    return Head(row.name, row.day, str(MEALS[Meal(row.meal)]), row.frozen_at)
