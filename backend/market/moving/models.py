"""Where a market stood before it was moved: residents read it at the old date."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class MarketMove(Model):
    """One move of a market: the day, place and hours it had, and why it moved.

    `was_from_minute` and `was_until_minute` span its stalls in minutes after midnight.
    """

    __tablename__ = "market_move"
    __table_args__ = (
        Index("ix_market_move_was_day", "was_day"),
        CheckConstraint("was_from_minute <= was_until_minute", name="hours"),
    )

    id: Mapped[Id]
    market_day_id: Mapped[int] = mapped_column(BigInt, ForeignKey("market_day.id"), index=True)
    was_day: Mapped[date] = mapped_column(Date)
    was_place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    was_spot: Mapped[str] = mapped_column(String(60))
    was_from_minute: Mapped[int]
    was_until_minute: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    moved_at: Mapped[Moment]
