"""A canteen's month: what it cost, and the figures that were published of it."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model, Moment


class CanteenMonth(Model):
    """The month that begins on `month`; amounts in fen. Published, its figures stand as they were.

    `income_fen`: what residents and guests paid; `subsidy_fen`: what the layers give; `cost_fen`:
    what the canteen spent, as the accountant entered it.
    """

    __tablename__ = "canteen_month"
    __table_args__ = (
        CheckConstraint("cost_fen >= 0", name="cost_fen"),
        CheckConstraint(
            "(published_at IS NULL) = (meals IS NULL)"
            " AND (published_at IS NULL) = (income_fen IS NULL)"
            " AND (published_at IS NULL) = (subsidy_fen IS NULL)",
            name="published",
        ),
    )

    canteen_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("canteen.id"), primary_key=True, autoincrement=False
    )
    month: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    cost_fen: Mapped[int] = mapped_column(BigInt)
    note: Mapped[str | None] = mapped_column(String(80))
    meals: Mapped[int | None]
    income_fen: Mapped[int | None] = mapped_column(BigInt)
    subsidy_fen: Mapped[int | None] = mapped_column(BigInt)
    published_at: Mapped[Moment | None]
