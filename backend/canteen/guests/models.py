"""Meals sold to guests: how many people, which dishes, for how much cash."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class GuestSale(Model):
    """What `people` nobody knows by name ate of a meal, once per `key` of the page; fen in cash.

    What was a mistake stays, with who took it back and why; its receipts say when money moved.
    """

    __tablename__ = "guest_sale"
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)"
            " AND (undone_at IS NULL) = (undone_reason IS NULL)",
            name="undone",
        ),
        Index("ix_guest_sale_meal_service_id", "meal_service_id"),
    )

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_service.id"))
    people: Mapped[int]
    fen: Mapped[int]
    at: Mapped[Moment]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    key: Mapped[str] = mapped_column(String(36), unique=True)
    undone_at: Mapped[Moment | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    undone_reason: Mapped[str | None] = mapped_column(String(80))


class GuestLine(Model):
    """So many portions of one dish in it; fen of all its portions, as they were sold."""

    __tablename__ = "guest_line"
    __table_args__ = (
        CheckConstraint("portions > 0", name="portions"),
        CheckConstraint("fen > 0", name="fen"),
        Index("ix_guest_line_menu_item_id", "menu_item_id"),
    )

    sale_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("guest_sale.id"), primary_key=True, autoincrement=False
    )
    menu_item_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("menu_item.id"), primary_key=True, autoincrement=False
    )
    portions: Mapped[int]
    fen: Mapped[int]
