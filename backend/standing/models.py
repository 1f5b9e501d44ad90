"""What residents say about a missed occasion, and which of them no longer count.

An occasion is named as its source names it: a booking, and within it a lesson or 0 for all of it.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of


class AppealState(StrEnum):
    """Where an appeal stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


_OPEN = text("state = 'asked'")


class Waiver(Model):
    """An occasion that weighs nothing any more: who of staff said so, and why. The record stays."""

    __tablename__ = "standing_waiver"
    __table_args__ = (UniqueConstraint("booking_id", "occasion_id"),)

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    occasion_id: Mapped[int] = mapped_column(BigInt)
    reason: Mapped[str] = mapped_column(String(100))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]


class Appeal(Model):
    """What a resident says about an occasion, and what staff answered; one open appeal each.

    The reason goes when the account that gave it is deleted.
    """

    __tablename__ = "standing_appeal"
    __table_args__ = (
        one_of("state", AppealState),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        Index("ix_standing_appeal_booking_id", "booking_id"),
        Index(
            "uq_standing_appeal_open",
            "booking_id",
            "occasion_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    occasion_id: Mapped[int] = mapped_column(BigInt)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    asked_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(String(10), default=AppealState.ASKED)
    answer: Mapped[str | None] = mapped_column(String(100))
    decided_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    decided_at: Mapped[Moment | None]
