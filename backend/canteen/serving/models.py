"""Meals that were handed over (取餐、送达): which, when, by whom, how that is known."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Way(StrEnum):
    """Where a meal was handed over."""

    COUNTER = "counter"
    DOOR = "door"


class Proof(StrEnum):
    """By what it is known that it went to who ordered it."""

    CODE = "code"
    NAME = "name"
    LIST = "list"
    PHOTO = "photo"
    PERSON = "person"


class MealServed(Model):
    """A meal handed over, once per `key` of the device; an order has one that is not taken back.

    `at`: when it happened, which a device without a network tells later; `recorded_at`: when it was
    written down. What was a mistake stays, with who took it back and why.
    """

    __tablename__ = "meal_served"
    __table_args__ = (
        one_of("way", Way),
        one_of("proof", Proof),
        CheckConstraint("at <= recorded_at", name="at"),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)"
            " AND (undone_at IS NULL) = (undone_reason IS NULL)",
            name="undone",
        ),
        Index(
            "uq_meal_served_once", "booking_id", unique=True,
            postgresql_where=text("undone_at IS NULL"), sqlite_where=text("undone_at IS NULL"),
        ),
        Index("ix_meal_served_booking_id", "booking_id"),
    )  # fmt: skip

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    way: Mapped[str] = mapped_column(String(7))
    proof: Mapped[str] = mapped_column(String(6))
    at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    key: Mapped[str] = mapped_column(String(36), unique=True)
    received_by: Mapped[str | None] = mapped_column(Encrypted)
    photo_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("delivery_photo.id", ondelete="SET NULL"), index=True
    )
    undone_at: Mapped[Moment | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    undone_reason: Mapped[str | None] = mapped_column(String(80))


class Clash(StrEnum):
    """Why what a tablet gave out without a network does not fit."""

    SERVED = "served"
    GIVEN_BACK = "given_back"
    TOO_LATE = "too_late"


class ServingConflict(Model):
    """A meal that was given out without a network, though somebody else had given it out by then,
    or its order was given back: for a person to settle, who writes down what came of it.
    """

    __tablename__ = "serving_conflict"
    __table_args__ = (
        one_of("why", Clash),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)"
            " AND (settled_at IS NULL) = (settled_note IS NULL)",
            name="settled",
        ),
        Index("ix_serving_conflict_booking_id", "booking_id"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    why: Mapped[str] = mapped_column(String(10))
    at: Mapped[Moment]
    noted_at: Mapped[Moment]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    key: Mapped[str] = mapped_column(String(36), unique=True)
    settled_at: Mapped[Moment | None]
    settled_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    settled_note: Mapped[str | None] = mapped_column(String(80))
