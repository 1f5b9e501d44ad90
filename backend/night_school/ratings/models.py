"""How people who were there found a lesson."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class Rating(Model):
    """One person's rating of one lesson; the comment goes when the person's facts are deleted."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        UniqueConstraint("lesson_id", "booking_id"),
        Index("ix_rating_booking_id", "booking_id"),
    )

    id: Mapped[Id]
    lesson_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lesson.id", ondelete="CASCADE"))
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    stars: Mapped[int]
    comment: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[Moment]
