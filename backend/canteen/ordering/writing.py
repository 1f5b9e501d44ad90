"""The rows of an order: itself, its lines, who pays which share of them, the keys of changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.booking.service import Actor
from backend.canteen.models import Mode
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.bill import Bill, subsidy_of
from backend.canteen.ordering.models import MealChange, MealLine, MealOrder, MealShare
from backend.canteen.pricing.engine import Line
from backend.db import RunAgain, table_of

_order, _line, _share = table_of(MealOrder), table_of(MealLine), table_of(MealShare)
_change = table_of(MealChange)


def columns(asked: Asked, bill: Bill) -> dict[str, Any]:
    """An order's row, but for its booking: what is brought has an address and a telephone."""
    is_brought = asked.wanted.mode == Mode.DELIVERY
    rule = bill.priced.rule
    return bill.sums() | {
        "mode": asked.wanted.mode, "subsidy_version_id": rule and rule.version_id,
        "address": asked.address if is_brought else None,
        "phone": (asked.wanted.phone or asked.eater.phone) if is_brought else None,
        "note": asked.wanted.note,
    }  # fmt: skip


def add(session: Session, booking_id: int, asked: Asked, bill: Bill) -> None:
    """A new order."""
    session.execute(insert(_order).values(booking_id=booking_id, **columns(asked, bill)))
    _add_lines(session, booking_id, bill.priced.lines)


def replace(session: Session, booking_id: int, asked: Asked, bill: Bill) -> None:
    """Another order in the place of the one there is, under the same booking."""
    session.execute(
        update(_order)
        .where(_order.c.booking_id == booking_id)
        .values(revision=_order.c.revision + 1, **columns(asked, bill))
    )
    session.execute(delete(_line).where(_line.c.booking_id == booking_id))
    _add_lines(session, booking_id, bill.priced.lines)


def keep_key(
    session: Session, booking_id: int, wanted: Wanted, actor: Actor, now: datetime
) -> None:
    """Remember that the account changed the order under this key, if it gave one.

    Asks the door to run again where the same key has just got in first.
    """
    if actor.account_id is None or wanted.idempotency_key is None:
        return
    try:
        session.execute(
            insert(_change).values(
                booking_id=booking_id, account_id=actor.account_id, at=now,
                idempotency_key=wanted.idempotency_key, idempotency_hash=wanted.idempotency_hash,
            )
        )  # fmt: skip
    except IntegrityError as error:
        raise RunAgain() from error


def _add_lines(session: Session, booking_id: int, lines: Sequence[Line]) -> None:
    ids = session.scalars(
        insert(_line).returning(_line.c.id, sort_by_parameter_order=True),
        [
            {
                "booking_id": booking_id, "menu_item_id": line.item_id, "portions": line.portions,
                "list_fen": line.list_fen, "discount_fen": line.discount_fen,
                "subsidy_fen": subsidy_of(line), "pays_fen": line.pays_fen,
            }
            for line in lines
        ],
    ).all()  # fmt: skip
    shares = [
        {"line_id": line_id, "part": share.part, "payer": share.payer, "fen": share.fen}
        for line_id, line in zip(ids, lines, strict=True)
        for share in line.shares
    ]
    if shares:
        session.execute(insert(_share).returning(_share.c.line_id), shares)
