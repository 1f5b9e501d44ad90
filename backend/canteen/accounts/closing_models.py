"""A canteen closes: the list of who gets how much back, and what was paid out of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, UtcDateTime, one_of


class Way(StrEnum):
    """How money goes back: in cash against a signature, or by the bank from a list."""

    CASH = "cash"
    TRANSFER = "transfer"


class MealClosing(Model):
    """A list that was drawn up, then begun (nothing on it changes any more), then done."""

    __tablename__ = "meal_closing"
    __table_args__ = (
        CheckConstraint("(begun_at IS NULL) = (begun_by_id IS NULL)", name="begun"),
        CheckConstraint("done_at IS NULL OR begun_at IS NOT NULL", name="done"),
        Index(
            "uq_meal_closing_open", "canteen_id", unique=True,
            postgresql_where=text("done_at IS NULL"), sqlite_where=text("done_at IS NULL"),
        ),
        Index("ix_meal_closing_canteen_id", "canteen_id"),
    )  # fmt: skip

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    listed_at: Mapped[Moment]
    listed_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    begun_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MealClosingLine(Model):
    """What of one purse goes back: `fen` as it was listed; done with its entry, or with none.

    Without an entry nothing was free any more when its turn came.
    """

    __tablename__ = "meal_closing_line"
    __table_args__ = (
        one_of("way", Way),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("entry_id IS NULL OR done_at IS NOT NULL", name="entry_id"),
        UniqueConstraint("closing_id", "purse_id"),
    )

    id: Mapped[Id]
    closing_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_closing.id"))
    purse_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_purse.id"), index=True)
    fen: Mapped[int]
    way: Mapped[str] = mapped_column(String(8), default=Way.CASH, server_default=Way.CASH)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entry_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ledger_entry.id"), unique=True)
