"""Taking a place: one conditional update that cannot sell a place twice.

On PostgreSQL the update and the rows that come with it (booking, history, reminder) are one
statement; SQLite, which knows no writing CTEs, runs the same as a short sequence. Both are built
once: a compiled statement is found again by its identity.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Insert,
    Integer,
    Table,
    Update,
    and_,
    bindparam,
    case,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CTE, Select

from backend.booking.models import Bookable, Booking, BookingEvent
from backend.db import Prepared, UtcDateTime, table_of
from backend.reminders.models import Reminder

bookable = table_of(Bookable)
booking = table_of(Booking)
event = table_of(BookingEvent)
reminder = table_of(Reminder)

NOW = bindparam("now", type_=UtcDateTime)
N: BindParameter[int] = bindparam("n", type_=Integer())
FROM_KEPT: BindParameter[bool] = bindparam("from_kept", type_=Boolean())


def has_room(row: Table) -> ColumnElement[bool]:
    """`n` more fit on a row with `capacity`, `taken` and maybe `overbooked`; null has no limit.

    Places that are `kept` for others are no room, unless it is those that are taken.
    """
    limit: ColumnElement[int] = row.c.capacity
    if "overbooked" in row.c:
        limit = limit + row.c.overbooked
    if "kept" in row.c:
        limit = limit - case((FROM_KEPT, 0), else_=row.c.kept - row.c.kept_taken)
    return or_(row.c.capacity.is_(None), row.c.taken + N <= limit)


def take_from(row: Table) -> Update:
    """Take `n` from row `row_id` if they fit; for any table with `capacity` and `taken`."""
    return (
        update(row)
        .where(row.c.id == bindparam("row_id"), has_room(row))
        .values(taken=row.c.taken + N)
    )


# Nobody who comes later passes the line, nor a place whose offer has run out unseen. Who takes a
# place that is kept for them passes those who may not have it.
nobody_waits = and_(
    or_(FROM_KEPT, bookable.c.waiting == 0),
    or_(bookable.c.next_expiry_at.is_(None), bookable.c.next_expiry_at > NOW),
)
is_open = and_(
    bookable.c.cancelled_at.is_(None),
    or_(
        bindparam("overruled", type_=Boolean()),
        and_(
            or_(bookable.c.opens_at.is_(None), bookable.c.opens_at <= NOW),
            or_(bookable.c.closes_at.is_(None), bookable.c.closes_at > NOW),
        ),
    ),
)
_COPIED = (bookable.c.id, bookable.c.starts_at, bookable.c.ends_at, bookable.c.cancel_until)

_take_place = take_from(bookable).where(nobody_waits, is_open)
_join_line = (
    update(bookable)
    .where(
        bookable.c.id == bindparam("row_id"),
        ~and_(has_room(bookable), nobody_waits),
        is_open,
    )
    .values(waiting=bookable.c.waiting + 1, queue_tail=bookable.c.queue_tail + 1)
)

_GIVEN = (
    "person_id", "account_id", "staff_id", "party_id", "state", "once_key", "code", "short_code",
    "idempotency_key", "idempotency_hash",
)  # fmt: skip


def given(table: Table, *names: str) -> list[ColumnElement[Any]]:
    """Parameters named and typed like these columns of `table`."""
    return [bindparam(name, type_=table.c[name].type) for name in names]


def noted(booked: CTE) -> CTE:
    """The history row of what was `booked`."""
    columns = ["booking_id", "at", "state", "account_id", "staff_id", "reason"]
    rows = select(
        booked.c.id, NOW, *given(event, "state"), booked.c.account_id,
        *given(event, "staff_id", "reason"),
    )  # fmt: skip
    return insert(event).from_select(columns, rows, include_defaults=False).cte("noted")


def told(booked: CTE) -> CTE:
    """The reminder of what was `booked`."""
    columns = ["kind", "person_id", "account_id", "booking_id", "due_at", "created_at"]
    rows = select(
        bindparam("tells", type_=reminder.c.kind.type), booked.c.person_id, booked.c.account_id,
        booked.c.id, *given(reminder, "due_at"), NOW,
    )  # fmt: skip
    return insert(reminder).from_select(columns, rows, include_defaults=False).cte("told")


def _combined(place: Update, queue_no: str | None) -> Select[*tuple[Any, ...]]:
    """PostgreSQL: the update feeds the booking, which feeds its history and its reminder."""
    columns = [*_COPIED, *([bookable.c[queue_no]] if queue_no else [])]
    won: CTE = place.returning(*columns).cte("won")
    booked = (
        insert(booking)
        .from_select(
            ["bookable_id", "starts_at", "ends_at", "cancel_until", "queue_no", "quantity",
             *_GIVEN, "created_at"],
            select(
                won.c.id, won.c.starts_at, won.c.ends_at, won.c.cancel_until,
                won.c[queue_no] if queue_no else literal_column("NULL::integer"),
                bindparam("n", type_=booking.c.quantity.type),
                *given(booking, *_GIVEN), NOW,
            ),
            include_defaults=False,
        )
        .returning(booking.c.id, booking.c.person_id, booking.c.account_id, booking.c.queue_no)
        .cte("booked")
    )  # fmt: skip
    return select(booked.c.id, booked.c.queue_no).add_cte(noted(booked), told(booked))


class _Sequence:
    """SQLite: the same rows, one statement after another; the write lock is held throughout."""

    def __init__(self, place: Update, queue_no: str | None) -> None:
        self.queue_no = queue_no
        columns = [*_COPIED, *([bookable.c[queue_no]] if queue_no else [])]
        self.place = place.returning(*columns)
        self.booking: Insert = insert(booking).returning(booking.c.id)
        self.rows: Sequence[tuple[Insert, tuple[str, ...]]] = (
            (insert(event), ("booking_id", "at", "state", "account_id", "staff_id", "reason")),
            (insert(reminder),
             ("kind", "person_id", "account_id", "booking_id", "due_at", "created_at")),
        )  # fmt: skip

    def run(self, session: Session, values: dict[str, Any]) -> tuple[int, int | None] | None:
        won = session.execute(self.place, values).first()
        if won is None:
            return None
        queue_no = won[4] if self.queue_no else None
        row = {name: values[name] for name in _GIVEN}
        row |= {
            "bookable_id": won.id, "starts_at": won.starts_at, "ends_at": won.ends_at,
            "cancel_until": won.cancel_until, "queue_no": queue_no, "quantity": values["n"],
            "created_at": values["now"],
        }  # fmt: skip
        booking_id = session.execute(self.booking, row).scalar_one()
        now = values["now"]
        known = values | {
            "booking_id": booking_id,
            "at": now,
            "created_at": now,
            "kind": values["tells"],
        }
        for statement, names in self.rows:
            session.execute(statement, {name: known[name] for name in names})
        return booking_id, queue_no


_ON_POSTGRESQL = {
    "place": Prepared(_combined(_take_place, None)),
    "line": Prepared(_combined(_join_line, "queue_tail")),
}
_ON_SQLITE = {
    "place": _Sequence(_take_place, None),
    "line": _Sequence(_join_line, "queue_tail"),
}


def _insert(session: Session, what: str, values: dict[str, Any]) -> tuple[int, int | None] | None:
    if session.connection().dialect.name == "sqlite":
        return _ON_SQLITE[what].run(session, values)
    row = _ON_POSTGRESQL[what].first(session, values)
    return None if row is None else (row.id, row.queue_no)


def take(session: Session, values: Mapping[str, Any]) -> int | None:
    """Take `n` places of `row_id` and write the booking; its id, or None if nothing matched.

    `values`: row_id, n, now, overruled, from_kept, what the reminder `tells` and its due_at,
    reason, and the booking's own columns (no name of a bookable's column: SQLAlchemy would set
    it). A refusal costs no write and no lock.
    """
    row = _insert(session, "place", dict(values))
    return None if row is None else row[0]


def join_line(session: Session, values: Mapping[str, Any]) -> tuple[int, int] | None:
    """Join the line of `row_id`: (booking id, queue number), or None if there is a place after all.

    The number is given under the bookable's row lock, so numbers have no gaps and no doubles.
    """
    row = _insert(session, "line", dict(values))
    return None if row is None or row[1] is None else (row[0], row[1])
