"""The inbox in the app: the exact copy of everything an account was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend import clock, paging
from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident
from backend.reminders.models import InboxMessage, Reminder


def list_messages(
    session: Session, me: Resident, *, limit: int, cursor: str | None = None
) -> dict[str, Any]:
    """A page of messages, newest first, and how many are unread in all."""
    query = (
        select(
            InboxMessage.id, InboxMessage.title, InboxMessage.body, InboxMessage.person_id,
            InboxMessage.booking_id, InboxMessage.created_at, InboxMessage.read_at,
            Reminder.kind, shown_name().label("person_name"),
        )
        .join(Reminder, Reminder.id == InboxMessage.reminder_id)
        .join(Person, Person.id == InboxMessage.person_id)
        .where(InboxMessage.account_id == me.account_id)
        .order_by(InboxMessage.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if cursor is not None:
        (last_id,) = paging.decode(cursor, int)
        query = query.where(InboxMessage.id < last_id)
    rows = session.execute(query).all()
    unread = session.execute(
        select(func.count()).where(
            InboxMessage.account_id == me.account_id, InboxMessage.read_at.is_(None)
        )
    ).scalar_one()
    return paging.page(rows, limit, lambda row: (row.id,), _shown) | {"unread": unread}


def mark_read(session: Session, me: Resident, message_id: int, now: datetime) -> None:
    """Reading twice changes nothing. Raises NotFound for other people's."""
    message = session.get(InboxMessage, message_id)
    if message is None or message.account_id != me.account_id:
        raise NotFound()
    message.read_at = message.read_at or now
    session.flush()


def mark_all_read(session: Session, me: Resident, now: datetime) -> None:
    """Everything that has arrived so far."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.account_id == me.account_id, InboxMessage.read_at.is_(None))
        .values(read_at=now)
    )


def _shown(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "body": row.body,
        "person_id": row.person_id,
        "person_name": row.person_name,
        "booking_id": row.booking_id,
        "created_at": clock.rfc3339(row.created_at),
        "read": row.read_at is not None,
    }
