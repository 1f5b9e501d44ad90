"""The first half of delivery: claim what is due, doubt it, write the inbox copy, plan the message.

One transaction, so that a reminder is in the inbox once and its attempt is counted before WeChat
hears of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import config
from backend.db import AnyRow, BigInt, UtcDateTime, table_of
from backend.reminders import quiet, reasons, wording
from backend.reminders.grants import Purse
from backend.reminders.models import Delivery, InboxMessage, Kind, Reminder
from backend.reminders.recipients import Recipient, recipients
from backend.reminders.sending import Outgoing
from backend.reminders.settling import DOUBTS, Attempt
from backend.reminders.wording import BODY_LENGTH, TITLE_LENGTH, Due, Message, Worded

BATCH = 200

_LANG = {"zh": "zh_CN", "en": "en_US"}

LEASE = timedelta(minutes=3)
"""How long a worker has a batch to itself; sending stops well before (sending.PATIENCE)."""

_reminder = table_of(Reminder)
_NOW, _LEASE = bindparam("now", type_=UtcDateTime), bindparam("lease", type_=UtcDateTime)


def _claims(*more: ColumnElement[bool]) -> Any:
    """Claim a batch in one statement: workers pass over what another has in hand."""
    ready = (
        select(_reminder.c.id)
        .where(
            _reminder.c.state == Delivery.DUE,
            _reminder.c.due_at <= _NOW,
            or_(_reminder.c.claimed_until.is_(None), _reminder.c.claimed_until <= _NOW),
            *more,
        )
        .order_by(_reminder.c.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    return (
        update(_reminder)
        .where(_reminder.c.id.in_(select(ready.c.id)))
        .values(claimed_until=_LEASE)
        .returning(
            _reminder.c.id, _reminder.c.kind, _reminder.c.person_id, _reminder.c.booking_id,
            _reminder.c.lesson_id, _reminder.c.occasion_at, _reminder.c.facts,
            _reminder.c.due_at, _reminder.c.attempts, _reminder.c.in_doubt,
        )
    )  # fmt: skip


_claim_by_day = _claims()
_claim_by_night = _claims(_reminder.c.due_at >= bindparam("night_began", type_=UtcDateTime))

_plan = (
    update(_reminder)
    .where(_reminder.c.id == bindparam("row_id", type_=BigInt))
    .values(
        attempts=_reminder.c.attempts + 1,
        in_doubt=_reminder.c.in_doubt + 1,
        place_id=bindparam("place", type_=BigInt),
    )
)
_close = (
    update(_reminder)
    .where(_reminder.c.id == bindparam("row_id", type_=BigInt))
    .values(
        state=bindparam("to_state", type_=String),
        reason=bindparam("because", type_=String),
        place_id=bindparam("place", type_=BigInt),
        settled_at=_NOW,
        claimed_until=None,
    )
)
_copy = insert(table_of(InboxMessage)).on_conflict_do_nothing(
    index_elements=[InboxMessage.reminder_id]
)


_CALLS_NOBODY = {
    # Who has no account was booked by staff, and stood before them or was on the phone.
    Kind.BOOKED: reasons.TOLD_IN_PERSON,
    Kind.WAITLISTED: reasons.TOLD_IN_PERSON,
    Kind.LESSON_SOON: reasons.CALLED_BEFORE,
    Kind.VISIT_SOON: reasons.CALLED_BEFORE,
    Kind.NUMBER_NEXT: reasons.AT_THE_STALL,
    Kind.NUMBER_SOON: reasons.AT_THE_STALL,
    Kind.NUMBER_PAUSED: reasons.AT_THE_STALL,
    Kind.NUMBER_CLOSED: reasons.AT_THE_STALL,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed batch: the attempts to make under `lease`; the others are settled already."""

    lease: datetime
    claimed: int
    attempts: list[Attempt]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A reminder that needs no message: where it ends, and why."""

    state: Delivery
    reason: Any


def prepare(session: Session, now: datetime) -> Prepared:
    """Claim a batch and leave nothing to do but to send what it holds and record the answers."""
    lease = now + LEASE
    rows = _claim(session, lease, now)
    if not rows:
        return Prepared(lease, 0, [])
    to = recipients(session, [row.id for row in rows], now)
    worded = wording.compose(session, [_due(row, to[row.id]) for row in rows], now)
    purse = Purse(session, _wanted(to, worded.messages))
    ends = {row.id: _end(row, to[row.id], worded, purse) for row in rows}
    _write_copies(session, rows, to, worded.messages, now)
    _write_ends(session, ends, worded.messages, now)
    attempts = [
        Attempt(end, row.due_at, row.attempts + 1, row.in_doubt + 1)
        for row in rows
        if isinstance(end := ends[row.id], Outgoing)
    ]
    return Prepared(lease, len(rows), attempts)


def _claim(session: Session, lease: datetime, now: datetime) -> list[AnyRow]:
    values = {"now": now, "lease": lease, "most": BATCH}
    if quiet.is_quiet(now):
        # At night only what came due at night goes out: that was meant to (outbox.due).
        values["night_began"] = quiet.night_began(now)
        rows = session.execute(_claim_by_night, values)
    else:
        rows = session.execute(_claim_by_day, values)
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def _due(row: AnyRow, to: Recipient) -> Due:
    return Due(
        id=row.id, kind=Kind(row.kind), person_id=row.person_id, to=to.name, own=to.own,
        language=to.language, booking_id=row.booking_id, lesson_id=row.lesson_id,
        occasion_at=row.occasion_at, facts=row.facts or {},
    )  # fmt: skip


def _wanted(to: Mapping[int, Recipient], messages: Mapping[int, Message]) -> set[tuple[str, str]]:
    templates = config.current().wx_templates
    return {
        (openid, template_id)
        for reminder_id, message in messages.items()
        if (openid := to[reminder_id].openid)
        and (template_id := templates.get(str(message.template)))
    }


def _end(row: AnyRow, to: Recipient, worded: Worded, purse: Purse) -> Outgoing | _Closed:
    """What is to be done with one claimed reminder."""
    kind, message = Kind(row.kind), worded.messages.get(row.id)
    if message is None:
        if row.id in worded.broken:
            return _Closed(Delivery.FAILED, reasons.NOT_WORDED)
        return _Closed(Delivery.DROPPED, reasons.NO_LONGER)
    if to.account_id is None:
        if kind in _CALLS_NOBODY:
            return _Closed(Delivery.DROPPED, _CALLS_NOBODY[kind])
        return _Closed(Delivery.UNREACHED, reasons.NO_ACCOUNT)
    template_id = config.current().wx_templates.get(str(message.template))
    if template_id is None:
        return _Closed(Delivery.INBOX, reasons.NO_TEMPLATE)
    if to.openid is None:
        return _Closed(Delivery.INBOX, reasons.NO_OPENID)
    if row.in_doubt >= DOUBTS:
        return _Closed(Delivery.FAILED, reasons.UNANSWERED)
    if not purse.take(kind, (to.openid, template_id)):
        return _Closed(Delivery.INBOX, reasons.NO_GRANT)
    return Outgoing(
        row.id, to.openid, template_id, message.page, message.fields, _LANG[to.language]
    )


def _write_copies(
    session: Session,
    rows: Sequence[AnyRow],
    to: Mapping[int, Recipient],
    messages: Mapping[int, Message],
    now: datetime,
) -> None:
    """The inbox gets a copy of everything told; a later attempt finds it there."""
    copies = [
        {
            "account_id": to[row.id].account_id, "person_id": row.person_id,
            "reminder_id": row.id, "booking_id": row.booking_id,
            "title": messages[row.id].title[:TITLE_LENGTH],
            "body": messages[row.id].body[:BODY_LENGTH], "created_at": now,
        }
        for row in rows
        if row.id in messages and to[row.id].account_id is not None
    ]  # fmt: skip
    if copies:
        session.execute(_copy, copies)


def _write_ends(
    session: Session,
    ends: Mapping[int, Outgoing | _Closed],
    messages: Mapping[int, Message],
    now: datetime,
) -> None:
    planned, closed = [], []
    for reminder_id, end in ends.items():
        message = messages.get(reminder_id)
        row = {"row_id": reminder_id, "place": message.place_id if message else None}
        if isinstance(end, Outgoing):
            planned.append(row)
        else:
            more = {"to_state": end.state, "because": str(end.reason), "now": now}
            closed.append(row | more)
    if planned:
        session.execute(_plan, planned)
    if closed:
        session.execute(_close, closed)
