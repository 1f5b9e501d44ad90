"""Who asked to be excused from which lesson, and why."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class Excuse(Model):
    """One asking per booking and lesson; asked anew after a withdrawal, it is the same row.

    The reason is for staff to read, and goes when the person's facts are deleted.
    """

    __tablename__ = "excuse"
    __table_args__ = (
        UniqueConstraint("lesson_id", "booking_id"),
        Index("ix_excuse_booking_id", "booking_id"),
    )

    id: Mapped[Id]
    lesson_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lesson.id", ondelete="CASCADE"))
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(60))
    asked_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]
