"""Meal orders (订单): what somebody eats of one menu, where, and who pays how much of it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.canteen.models import Mode
from backend.canteen.pricing.rules import Payer
from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class MealOrder(Model):
    """One person's order for one meal, keyed by its booking, which says who eats and who ordered.

    Sums of its lines and the fee for delivery, in fen. `subsidy_version_id`: the version of the
    rule that applied. `revision` counts how often it was amended. Address and telephone, where a
    meal is delivered, and the note to the kitchen are encrypted, and forgotten some weeks after.
    """

    __tablename__ = "meal_order"
    __table_args__ = (
        one_of("mode", Mode),
        CheckConstraint("fee_fen >= 0 AND pays_fen >= 0 AND subsidy_fen >= 0", name="sums"),
        CheckConstraint(
            "list_fen + fee_fen = discount_fen + subsidy_fen + pays_fen", name="ties_out"
        ),
        CheckConstraint("revision > 0", name="revision"),
    )

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mode: Mapped[str] = mapped_column(String(8))
    list_fen: Mapped[int]
    discount_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    fee_fen: Mapped[int]
    pays_fen: Mapped[int]
    subsidy_version_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("subsidy_version.id"), index=True
    )
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    address: Mapped[str | None] = mapped_column(Encrypted)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    note: Mapped[str | None] = mapped_column(Encrypted)


class MealChange(Model):
    """That an account changed an order under an Idempotency-Key, so that a repeat that comes late
    finds it done.
    """

    __tablename__ = "meal_change"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_meal_change_booking_id", "booking_id"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_order.booking_id", ondelete="CASCADE")
    )
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    idempotency_hash: Mapped[str] = mapped_column(String(32))
    at: Mapped[Moment]


class MealLine(Model):
    """So many portions of one dish in an order; sums of all its portions, in fen.

    It keeps what it was sold at: no later change of a price or a rule touches it.
    """

    __tablename__ = "meal_line"
    __table_args__ = (
        CheckConstraint("portions > 0", name="portions"),
        CheckConstraint("list_fen = discount_fen + subsidy_fen + pays_fen", name="ties_out"),
        CheckConstraint("discount_fen >= 0 AND subsidy_fen >= 0 AND pays_fen >= 0", name="sums"),
        UniqueConstraint("booking_id", "menu_item_id"),
        Index("ix_meal_line_menu_item_id", "menu_item_id"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_order.booking_id", ondelete="CASCADE")
    )
    menu_item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("menu_item.id"))
    portions: Mapped[int]
    list_fen: Mapped[int]
    discount_fen: Mapped[int]
    subsidy_fen: Mapped[int]
    pays_fen: Mapped[int]


class MealShare(Model):
    """What one layer pays towards a line, by which part of the rule, in fen."""

    __tablename__ = "meal_share"
    __table_args__ = (one_of("payer", Payer), CheckConstraint("fen > 0", name="fen"))

    line_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_line.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payer: Mapped[str] = mapped_column(String(9), primary_key=True)
    fen: Mapped[int]


class MealCut(Model):
    """What a layer gives less towards an order than its shares say, by part of the rule, in fen:
    what was eaten in the end costs less than what was ordered.
    """

    __tablename__ = "meal_cut"
    __table_args__ = (one_of("payer", Payer), CheckConstraint("fen > 0", name="fen"))

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_order.booking_id", ondelete="CASCADE"), primary_key=True,
        autoincrement=False,
    )  # fmt: skip
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payer: Mapped[str] = mapped_column(String(9), primary_key=True)
    fen: Mapped[int]
