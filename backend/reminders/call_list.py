"""The call list: people nothing has reached, or not in time, for staff to phone and tick off.

On it stands who was reached by nothing, and whose urgent news only lies unread in the inbox. What
to tell is worded anew for each look, so what no longer applies has left the list by itself.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.places.models import Place
from backend.reminders import wording
from backend.reminders.models import URGENT, Delivery, InboxMessage, Kind, Reminder
from backend.reminders.wording import Due, Message
from backend.staff import audit

UNREAD_FOR = timedelta(minutes=30)
"""How long urgent news may lie unread in the inbox before somebody phones."""

LOOKS_BACK = timedelta(days=14)
MOST = 200

_unread = and_(InboxMessage.id.is_not(None), InboxMessage.read_at.is_(None))
_owner = aliased(Person)


def list_calls(
    session: Session, within: ColumnElement[bool], now: datetime
) -> list[dict[str, Any]]:
    """Whom to call, the earliest deadline first; at most 200. `within`: of which reminders, each
    with its `Place`.

    Each with id, kind, person_id, person_name, contact_id, contact_name and phone (whom to call:
    the person, or whoever acts for one without a phone; masked, or None), place_id, place_name,
    title, tell (the sentence to say), reason (why it did not arrive: a Chinese sentence that is its
    own msgid), deadline and settled_at (aware moments; deadline may be None).
    """
    rows = session.execute(
        select(
            Reminder.id, Reminder.kind, Reminder.person_id, Reminder.booking_id,
            Reminder.lesson_id, Reminder.occasion_at, Reminder.facts, Reminder.reason,
            Reminder.settled_at, Reminder.place_id, Place.name.label("place_name"),
            Person.name.label("person_name"), Person.phone,
            _owner.id.label("owner_id"), _owner.name.label("owner_name"),
            _owner.phone.label("owner_phone"),
        )
        .join(Person, Person.id == Reminder.person_id)
        .join(Place, Place.id == Reminder.place_id)
        .outerjoin(InboxMessage, InboxMessage.reminder_id == Reminder.id)
        .outerjoin(
            Account,
            Account.id == func.coalesce(InboxMessage.account_id, Reminder.account_id),
        )
        .outerjoin(_owner, _owner.id == Account.person_id)
        .where(
            within,
            Reminder.called_at.is_(None),
            Reminder.settled_at > now - LOOKS_BACK,
            or_(
                Reminder.state == Delivery.UNREACHED,
                and_(Reminder.state == Delivery.FAILED, _unread),
                and_(
                    Reminder.state == Delivery.INBOX,
                    Reminder.kind.in_(URGENT),
                    _unread,
                    InboxMessage.created_at <= now - UNREAD_FOR,
                ),
            ),
        )
        .order_by(Reminder.settled_at.desc())
        .limit(MOST)
    ).all()  # fmt: skip
    messages = wording.compose(session, [_due(row) for row in rows], now).messages
    calls = [_call(row, messages[row.id]) for row in rows if row.id in messages]
    return sorted(calls, key=lambda call: (call["deadline"] or call["settled_at"], call["id"]))


def _contact(row: AnyRow) -> tuple[int, str, str | None]:
    if row.phone or row.owner_id is None:
        return row.person_id, row.person_name, row.phone
    return row.owner_id, row.owner_name, row.owner_phone


def _due(row: AnyRow) -> Due:
    """Worded for whoever picks up the phone."""
    contact_id, contact_name, _phone = _contact(row)
    return Due(
        id=row.id, kind=Kind(row.kind), person_id=row.person_id, to=contact_name,
        own=contact_id == row.person_id, booking_id=row.booking_id, lesson_id=row.lesson_id,
        occasion_at=row.occasion_at, facts=row.facts or {},
    )  # fmt: skip


def _call(row: AnyRow, message: Message) -> dict[str, Any]:
    contact_id, contact_name, phone = _contact(row)
    return {
        "id": row.id,
        "kind": row.kind,
        "person_id": row.person_id,
        "person_name": row.person_name,
        "contact_id": contact_id,
        "contact_name": contact_name,
        "phone": mask_phone(phone) if phone else None,
        "place_id": row.place_id,
        "place_name": row.place_name,
        "title": message.title,
        "tell": message.body,
        "reason": row.reason,
        "deadline": message.deadline,
        "settled_at": row.settled_at,
    }


def tick_off(
    session: Session,
    reminder_id: int,
    staff_id: int,
    note: str | None,
    now: datetime,
    *,
    within: ColumnElement[bool],
) -> None:
    """The call was made (or need not be; `note` says what came of it). It leaves an audit row.

    Ticking off twice changes nothing. Raises NotFound, also for calls of others.
    """
    row = session.execute(
        select(Reminder.called_at, Reminder.person_id, Reminder.place_id)
        .join(Place, Place.id == Reminder.place_id)
        .where(
            Reminder.id == reminder_id,
            Reminder.settled_at.is_not(None),
            within,
        )
    ).first()
    if row is None:
        raise NotFound()
    called = session.connection().execute(
        update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.called_at.is_(None))
        .values(called_at=now, called_by_id=staff_id, call_note=note)
    )
    if not called.rowcount:
        audit.unchanged(session)
        return
    audit.record(
        session, staff_id, "call.tick_off", "reminder", reminder_id, place_id=row.place_id,
        after={"person_id": row.person_id, "note": note},
    )  # fmt: skip
