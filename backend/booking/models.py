"""Bookables, bookings, their history: the tables of the one engine behind four services."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of


class State(StrEnum):
    """The states of a booking."""

    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"
    DECLINED = "declined"


HELD = (State.OFFERED, State.CONFIRMED, State.ATTENDED, State.MISSED)
"""States that count in `taken`."""

LIVE = (State.REQUESTED, State.WAITING, State.OFFERED, State.CONFIRMED, State.ATTENDED)
"""States of which a person has one per `once_key`."""

_LIVE_ONLY = text("state IN (" + ", ".join(f"'{state}'" for state in LIVE) + ")")


class Bookable(Model):
    """Anything with places on a calendar.

    `taken` counts held places and never passes `capacity + overbooked`; a null capacity is not
    counted. `waiting` is the length of the line, `queue_tail` the last queue number given, and
    `next_expiry_at` the earliest moment at which an open offer runs out, or the wish of somebody
    who waits. Deadlines are moments, worked out when staff publish. `overbooked` moves only by a
    decision of staff. Of the places, `kept` are for the people of a group until `kept_until`, who
    sit on `kept_taken` of them; afterwards both are 0.
    """

    __tablename__ = "bookable"
    __table_args__: Any = (
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("waiting >= 0", name="waiting"),
        CheckConstraint("overbooked >= 0", name="overbooked"),
        CheckConstraint("taken <= capacity + overbooked", name="capacity"),
        CheckConstraint("0 <= kept_taken AND kept_taken <= kept", name="kept"),
        CheckConstraint("kept = 0 OR kept_until IS NOT NULL", name="kept_until"),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index(
            "ix_bookable_next_expiry_at",
            "next_expiry_at",
            postgresql_where=text("next_expiry_at IS NOT NULL"),
            sqlite_where=text("next_expiry_at IS NOT NULL"),
        ),
        Index("ix_bookable_kind_starts_at", "kind", "starts_at"),
        # Rows that are updated by every booking: leave room on the page for cheap updates.
        {"postgresql_with": {"fillfactor": "70"}},
    )
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 - read by SQLAlchemy

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    overbooked: Mapped[int] = mapped_column(default=0, server_default="0")
    kept: Mapped[int] = mapped_column(default=0, server_default="0")
    kept_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    kept_until: Mapped[Moment | None]
    waiting: Mapped[int] = mapped_column(default=0, server_default="0")
    queue_tail: Mapped[int] = mapped_column(default=0, server_default="0")
    next_expiry_at: Mapped[Moment | None]
    opens_at: Mapped[Moment | None]
    closes_at: Mapped[Moment | None]
    cancel_until: Mapped[Moment | None]
    promote_until: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]


class Booking(Model):
    """One named person's hold on a bookable.

    `account_id` booked it, or `staff_id` did. `once_key` makes a live booking unique per person;
    null lifts that. `code` opens the booking to whoever shows it (QR), `short_code` is read aloud
    at the desk and looked up within one class. `idempotency_key` is unique per account. Whoever
    waits may want an offer only before a moment: `offer_before`; null waits to the end.
    Who waits to change gives the booking `transfer_from_id` back on taking the offered place.
    `in_group`: places are kept for people like this one, and `on_kept` of this booking's are such.
    """

    __tablename__ = "booking"
    __table_args__ = (
        one_of("state", State),
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("account_id", "idempotency_key"),
        Index(
            "uq_booking_live_once",
            "person_id",
            "once_key",
            unique=True,
            postgresql_where=_LIVE_ONLY,
            sqlite_where=_LIVE_ONLY,
        ),
        Index(
            "uq_booking_queue",
            "bookable_id",
            "queue_no",
            unique=True,
            postgresql_where=text("queue_no IS NOT NULL"),
            sqlite_where=text("queue_no IS NOT NULL"),
        ),
        Index(
            "ix_booking_party_id",
            "party_id",
            postgresql_where=text("party_id IS NOT NULL"),
            sqlite_where=text("party_id IS NOT NULL"),
        ),
        Index(
            "ix_booking_bookable_id_offer_before",
            "bookable_id",
            "offer_before",
            postgresql_where=text("offer_before IS NOT NULL"),
            sqlite_where=text("offer_before IS NOT NULL"),
        ),
        Index(
            "ix_booking_requested",
            "starts_at",
            postgresql_where=text("state = 'requested'"),
            sqlite_where=text("state = 'requested'"),
        ),
        Index("ix_booking_bookable_id_state", "bookable_id", "state"),
        Index("ix_booking_person_id_starts_at", "person_id", "starts_at"),
    )

    id: Mapped[Id]
    bookable_id: Mapped[int] = mapped_column(BigInt, ForeignKey("bookable.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    party_id: Mapped[int | None] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    in_group: Mapped[bool] = mapped_column(default=False, server_default=false())
    on_kept: Mapped[int] = mapped_column(default=0, server_default="0")
    once_key: Mapped[str | None] = mapped_column(String(40))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    cancel_until: Mapped[Moment | None]
    offer_until: Mapped[Moment | None]
    offer_before: Mapped[Moment | None]
    rank: Mapped[int] = mapped_column(default=0, server_default="0")
    queue_no: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(22), unique=True)
    short_code: Mapped[str] = mapped_column(String(6))
    transfer_from_id: Mapped[int | None] = mapped_column(BigInt)
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    idempotency_hash: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[Moment]


class BookingEvent(Model):
    """One change of a booking's state: who, when, why. Neither account nor staff: the system.

    `late_minutes`: given back that long after the deadline for cancelling; null: in time, or
    excused by staff.
    """

    __tablename__ = "booking_event"

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[Moment]
    state: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(BigInt)
    staff_id: Mapped[int | None] = mapped_column(BigInt)
    reason: Mapped[str | None] = mapped_column(String(120))
    late_minutes: Mapped[int | None]
