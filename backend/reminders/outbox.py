"""The write side of the outbox: one row, in the transaction of what it tells."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.reminders.models import Kind, Reminder
from backend.reminders.quiet import after_quiet


def due(now: datetime, *, concerns_today: bool = False) -> datetime:
    """When something that happened `now` is told: at once, but not at night.

    A change that concerns today is told at any hour.
    """
    return now if concerns_today else after_quiet(now)


def tell(
    session: Session,
    kind: Kind,
    *,
    person_id: int,
    account_id: int | None,
    now: datetime,
    booking_id: int | None = None,
    lesson_id: int | None = None,
    ticket_id: int | None = None,
    facts: dict[str, Any] | None = None,
    concerns_today: bool = False,
) -> None:
    """Write the row; `facts` holds what the sentence needs and the tables will not keep."""
    session.execute(
        insert(Reminder).values(
            kind=kind,
            person_id=person_id,
            account_id=account_id,
            booking_id=booking_id,
            lesson_id=lesson_id,
            ticket_id=ticket_id,
            facts=facts,
            due_at=due(now, concerns_today=concerns_today),
            created_at=now,
        )
    )


def tell_all(
    session: Session, kind: Kind, bookings: Iterable[AnyRow], now: datetime,
    facts: dict[str, Any] | None = None, also: Mapping[int, Sequence[int]] | None = None,
) -> None:  # fmt: skip
    """The same about each of these bookings, at any hour to those whom it concerns today.

    `also`: by booking, others that are told in the same message.
    """
    today, also = clock.today(now), also or {}
    rows = [
        {
            "kind": kind, "person_id": one.person_id, "account_id": one.account_id,
            "booking_id": one.id, "created_at": now,
            "facts": (facts or {}) | {"also": also[one.id]} if one.id in also else facts,
            "due_at": due(now, concerns_today=clock.today(one.starts_at) == today),
        }
        for one in bookings
    ]  # fmt: skip
    if rows:
        session.execute(insert(table_of(Reminder)), rows)
