"""The production sheet of a meal as it stood when orders closed, and its papers."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.canteen.eaters.models import Texture
from backend.canteen.models import Mode
from backend.db import BigInt, Id, Json, Model, Moment, one_of
from backend.people.crypto import Encrypted


class PaperKind(StrEnum):
    """What is printed for a meal."""

    SHEET = "sheet"
    LABELS = "labels"


class KitchenSheet(Model):
    """A meal's production sheet (生产单), version 1: the orders and portions it was closed with.

    What changes later is told as a difference to its lines. `papers_at`: since when its papers lie
    ready.
    """

    __tablename__ = "kitchen_sheet"
    __table_args__ = (
        CheckConstraint("0 <= orders AND orders <= portions", name="orders"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    meal_service_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("meal_service.id"), primary_key=True, autoincrement=False
    )
    frozen_at: Mapped[Moment]
    orders: Mapped[int]
    portions: Mapped[int]
    papers_at: Mapped[Moment | None]


class KitchenLine(Model):
    """A line of an order on the sheet; `marks`: what of the dish its eater must not have."""

    __tablename__ = "kitchen_line"
    __table_args__ = (
        one_of("mode", Mode),
        one_of("texture", Texture),
        CheckConstraint("portions > 0", name="portions"),
        UniqueConstraint("booking_id", "menu_item_id"),
        Index("ix_kitchen_line_meal_service_id", "meal_service_id"),
    )

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("kitchen_sheet.meal_service_id")
    )
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    menu_item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("menu_item.id"), index=True)
    portions: Mapped[int]
    mode: Mapped[str] = mapped_column(String(8))
    texture: Mapped[str] = mapped_column(String(6))
    marks: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")


class KitchenPaper(Model):
    """A printed page kept ready, as base64; it names people, so it is forgotten after some days.

    Of labels what they say, and what those that were `printed` said: by `booking:dish of the menu`
    the stop, and a keyed hash of all else.
    """

    __tablename__ = "kitchen_paper"
    __table_args__ = (one_of("kind", PaperKind), UniqueConstraint("meal_service_id", "kind"))

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("kitchen_sheet.meal_service_id")
    )
    kind: Mapped[str] = mapped_column(String(6))
    pdf: Mapped[str] = mapped_column(Encrypted)
    made_at: Mapped[Moment]
    says: Mapped[dict[str, str] | None] = mapped_column(Json)
    printed: Mapped[dict[str, str] | None] = mapped_column(Json)


class DishReplacement(Model):
    """Another dish is cooked for one on the menu; at `list_fen` a portion, for a reason.

    `credited_fen`: what those who had paid more got back.
    """

    __tablename__ = "dish_replacement"
    __table_args__ = (
        CheckConstraint("list_fen > 0", name="list_fen"),
        CheckConstraint("credited_fen >= 0", name="credited_fen"),
    )

    menu_item_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("menu_item.id"), primary_key=True, autoincrement=False
    )
    dish_id: Mapped[int] = mapped_column(BigInt, ForeignKey("dish.id"), index=True)
    list_fen: Mapped[int]
    credited_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]


class EndedReplacement(Model):
    """A dish that was to be cooked instead, until `ended_at`: then another took its place, or what
    was on the menu came back. What was credited for it stays credited.
    """

    __tablename__ = "ended_replacement"

    id: Mapped[Id]
    menu_item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("menu_item.id"), index=True)
    dish_id: Mapped[int] = mapped_column(BigInt, ForeignKey("dish.id"), index=True)
    list_fen: Mapped[int]
    credited_fen: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]
    ended_at: Mapped[Moment]


class Stage(StrEnum):
    """How far a portion has come at the pass."""

    COOKED = "cooked"
    PACKED = "packed"


class KitchenTap(Model):
    """A tap on the board at the pass: so many portions more, or fewer; once per `key`.

    What is cooked is counted by dish; what is packed, by dish and `mode`.
    """

    __tablename__ = "kitchen_tap"
    __table_args__ = (
        one_of("stage", Stage),
        one_of("mode", Mode),
        CheckConstraint("count <> 0", name="count"),
        CheckConstraint("(stage = 'packed') = (mode IS NOT NULL)", name="packed"),
    )

    id: Mapped[Id]
    menu_item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("menu_item.id"), index=True)
    stage: Mapped[str] = mapped_column(String(6))
    mode: Mapped[str | None] = mapped_column(String(8))
    count: Mapped[int]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]


class LateClash(Model):
    """A clash that came up after orders closed, put on the call list once."""

    __tablename__ = "late_clash"
    __table_args__ = (UniqueConstraint("booking_id", "menu_item_id", "mark"),)

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id", ondelete="CASCADE"))
    menu_item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("menu_item.id"))
    mark: Mapped[str] = mapped_column(String(60))
    found_at: Mapped[Moment]
