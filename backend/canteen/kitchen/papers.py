"""The papers of a meal: drawn from its frozen lines, kept, and read again to be printed."""

import base64
from collections.abc import Sequence
from dataclasses import replace
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


def draw(
    session: Session, meal_service_id: int, kinds: Sequence[PaperKind] = tuple(PaperKind)
) -> dict[PaperKind, bytes]:
    """The papers of version 1, in Chinese always."""
    found = with_addresses(session, lines.frozen(session, meal_service_id))
    found = with_stops(session, meal_service_id, found)
    with force_locale("zh"):
        head = head_of(session, meal_service_id)
        return {kind: _drawn(kind, head, found) for kind in kinds}


def draw_labels(session: Session, meal_service_id: int, menu_item_id: int) -> bytes:
    """Labels of one dish as orders and what is cooked stand now, for one that was replaced."""
    found = lines.current(session, meal_service_id)
    with force_locale("zh"):
        return labels.draw(head_of(session, meal_service_id), found, menu_item_id)


def _drawn(kind: PaperKind, head: Head, found: Sequence[Line]) -> bytes:
    if kind is PaperKind.SHEET:
        return sheet_paper.draw(head, sheet.arrange(found))
    return labels.draw(head, found)


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


def keep_anew(session: Session, meal_service_id: int, drawn: bytes, now: datetime) -> None:
    """Labels whose runs have changed, in the place of those that lay ready."""
    session.execute(
        update(_paper)
        .where(_paper.c.meal_service_id == meal_service_id, _paper.c.kind == PaperKind.LABELS)
        .values(pdf=packed(drawn), made_at=now)
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
