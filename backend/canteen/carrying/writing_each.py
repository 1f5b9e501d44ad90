"""Writing a batch of ticks: orders, stops, what was handed over and the audit in one statement.

PostgreSQL only. `ticking`, `serving` and `telling` write the same rows where a tick goes alone, and
lock in the same order: the meals (shared), the orders, the stops, each in the order of their ids.
What has changed since it was read is not written.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Insert,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Select

from backend.arrays import Rows
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.canteen.carrying import telling
from backend.canteen.carrying.ticking import Tick
from backend.canteen.delivery.models import DeliveryStop, StopState
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import AnyRow, Prepared, UtcDateTime, table_of
from backend.people.crypto import encrypt
from backend.reminders import outbox
from backend.reminders.models import Kind, Reminder
from backend.staff import sessions
from backend.staff.models import AuditEntry, StaffSession

_booking, _bookable, _event = table_of(Booking), table_of(Bookable), table_of(BookingEvent)
_stop, _served, _reminder = table_of(DeliveryStop), table_of(MealServed), table_of(Reminder)
_audit, _sign_in = table_of(AuditEntry), table_of(StaffSession)

_asked = Rows(
    "asked",
    {
        "stop_id": _stop.c.id.type, "booking_id": _booking.c.id.type,
        "meal_id": _bookable.c.id.type, "staff_id": _stop.c.staff_id.type,
        "key": _stop.c.key.type, "at": UtcDateTime(), "served_at": UtcDateTime(),
        "received_by": Text(), "place_id": _bookable.c.place_id.type, "after": Text(),
        "request_id": _audit.c.request_id.type, "tells": Boolean(),
        "person_id": _reminder.c.person_id.type, "account_id": _reminder.c.account_id.type,
        "token_hash": _sign_in.c.token_hash.type, "was_away": Boolean(),
    },
)  # fmt: skip
_NOW = bindparam("now", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Handed:
    """A bag that was handed over `at` a moment, against the code; `row`: what was read of it."""

    row: AnyRow
    ticked: Tick
    token_hash: str
    request_id: str | None
    at: datetime

    @property
    def stop_id(self) -> int:
        """Where."""
        return int(self.row.stop_id)


def _locked(asked: CTE) -> CTE:
    """The orders and stops that are asked for, as they stand now.

    Found by their ids alone: of how many stand open the planner knows what was at night.
    """
    meals = (
        select(_bookable.c.id)
        .where(_bookable.c.id.in_(select(asked.c.meal_id)))
        .order_by(_bookable.c.id)
        .with_for_update(read=True)
        .cte("meals")
    )
    orders = (
        select(_booking.c.id, _booking.c.state)
        .join(meals, meals.c.id == _booking.c.bookable_id)
        .where(_booking.c.id.in_(select(asked.c.booking_id)))
        .order_by(_booking.c.id)
        .with_for_update(key_share=True, of=_booking)
        .cte("orders")
    )
    return (
        select(_stop.c.id, _stop.c.state, _stop.c.key, orders.c.state.label("order_state"))
        .join(orders, orders.c.id == _stop.c.booking_id)
        .where(_stop.c.id.in_(select(asked.c.stop_id)))
        .order_by(_stop.c.booking_id)
        .with_for_update(key_share=True, of=_stop)
        .cte("locked")
    )


def _changed(asked: CTE, handed: CTE) -> list[CTE]:
    """Orders, stops, and sign-ins not seen for a while; one that somebody else has in hand stays
    as it is.
    """
    away = (
        select(_sign_in.c.token_hash)
        .where(_sign_in.c.token_hash.in_(select(asked.c.token_hash).where(asked.c.was_away)))
        .with_for_update(key_share=True, skip_locked=True)
        .cte("away")
    )
    return [
        update(_booking)
        .where(_booking.c.id == handed.c.booking_id)
        .values(state=State.ATTENDED)
        .cte("moved"),
        update(_stop)
        .where(_stop.c.id == handed.c.stop_id)
        .values(state=StopState.DONE, at=handed.c.at, staff_id=handed.c.staff_id, key=handed.c.key)
        .cte("settled"),
        update(_sign_in)
        .where(_sign_in.c.token_hash == away.c.token_hash)
        .values(seen_at=_NOW)
        .cte("seen"),
    ]


def _added(handed: CTE) -> list[CTE]:
    """What was handed over, the order's history, the audit, and who is told."""
    one = handed.c
    served = {
        "booking_id": one.booking_id, "way": literal(Way.DOOR.value),
        "proof": literal(Proof.CODE.value), "at": one.served_at, "recorded_at": _NOW,
        "staff_id": one.staff_id, "key": one.key, "received_by": one.received_by,
    }  # fmt: skip
    history = {
        "booking_id": one.booking_id, "at": _NOW, "state": literal(State.ATTENDED.value),
        "staff_id": one.staff_id, "reason": literal(Way.DOOR.value),
    }  # fmt: skip
    audited = {
        "at": _NOW, "staff_id": one.staff_id, "action": literal(serving.SERVE),
        "subject_kind": literal(serving.SUBJECT), "subject_id": one.booking_id,
        "place_id": one.place_id, "before": _json({"state": State.CONFIRMED}),
        "after": cast(one.after, JSONB), "request_id": one.request_id,
    }  # fmt: skip
    told = {
        "kind": literal(Kind.CHANGED.value), "person_id": one.person_id,
        "account_id": one.account_id, "booking_id": one.booking_id,
        "facts": _json(telling.FACTS), "due_at": bindparam("due_at", type_=UtcDateTime),
        "created_at": _NOW,
    }  # fmt: skip
    return [
        _from(_served, served, handed).cte("served"),
        _from(_event, history, handed).cte("noted"),
        _from(_audit, audited, handed).cte("audited"),
        _from(_reminder, told, handed, one.tells).cte("told"),
    ]


def _from(table: Table, values: Mapping[str, Any], handed: CTE, *only: Any) -> Insert:
    rows = select(*values.values()).select_from(handed).where(*only).order_by(handed.c.booking_id)
    return insert(table).from_select(list(values), rows, include_defaults=False)


def _json(value: Mapping[str, Any]) -> Any:
    return cast(literal(json.dumps(value), Text), JSONB)


def _combined() -> Select[*tuple[Any, ...]]:
    asked = select(_asked.table).cte("asked")
    locked = _locked(asked)
    handed = (
        select(asked)
        .join(locked, locked.c.id == asked.c.stop_id)
        .where(
            locked.c.order_state == State.CONFIRMED, locked.c.state == StopState.TODO,
            locked.c.key.is_(None),
        )
        .cte("handed")
    )  # fmt: skip
    return select(handed.c.stop_id).add_cte(*_changed(asked, handed), *_added(handed))


_WRITE = Prepared(_combined())


def write(session: Session, handed: Sequence[Handed], now: datetime) -> set[int]:
    """Everything of these; the stops where nothing had changed meanwhile. No two are of one stop.

    A key that is known by now fails all of them.
    """
    due_at = outbox.due(now, concerns_today=True)
    rows = _WRITE.all(
        session, _asked.values(_row(one, now) for one in handed) | {"now": now, "due_at": due_at}
    )
    return {row.stop_id for row in rows}


def _row(one: Handed, now: datetime) -> tuple[Any, ...]:
    row, by = one.row, one.ticked.received_by
    return (
        one.stop_id, row.booking_id, row.meal_id, row.staff_id, one.ticked.key, one.at,
        serving.noted_at(row.day, one.at, now), by and encrypt(by), row.place_id,
        json.dumps(serving.told(Way.DOOR, Proof.CODE, one.at)), one.request_id,
        telling.concerns(row), row.person_id, row.account_id,
        one.token_hash, row.seen_at + sessions.SEEN_EVERY <= now,
    )  # fmt: skip
