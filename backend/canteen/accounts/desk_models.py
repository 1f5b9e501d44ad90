"""Cash at the desk: relatives who pay in, numbered receipts, and the tills they are counted in."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted
from backend.people.models import Relation


class Relative(Model):
    """Somebody without an account who pays in for one resident; `relation`: what they are to them.

    Known by name and phone; both are blank once the resident has left.
    """

    __tablename__ = "meal_relative"
    __table_args__ = (
        one_of("relation", Relation),
        Index("ix_meal_relative_account_id_phone_hash", "account_id", "phone_hash"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_account.id"))
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(Encrypted)
    phone_hash: Mapped[str | None] = mapped_column(String(32))
    relation: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    noted_at: Mapped[Moment]


class TillClose(Model):
    """The cash of one member of staff at one canteen, counted: as the receipts say, as it is.

    Both in fen; a difference has a reason. Receipts belong to the close that counted them.
    """

    __tablename__ = "till_close"
    __table_args__ = (
        CheckConstraint("counted_fen = expected_fen OR reason IS NOT NULL", name="reason"),
        Index("ix_till_close_canteen_id_at", "canteen_id", "at"),
    )

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    closed_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    expected_fen: Mapped[int]
    counted_fen: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[Moment]


class Receipt(Model):
    """A numbered slip for cash that came (fen above nothing) or went: one for its ledger entry; of
    guests, who have no account, one for a sale and one if it was taken back.

    Numbers run on without gaps at each canteen. `close_id`: the till it was counted in.
    """

    __tablename__ = "meal_receipt"
    __table_args__ = (
        CheckConstraint("fen <> 0", name="fen"),
        CheckConstraint("(entry_id IS NULL) <> (guest_sale_id IS NULL)", name="about"),
        UniqueConstraint("canteen_id", "number"),
        UniqueConstraint("guest_sale_id", "fen"),
        Index("ix_meal_receipt_close_id", "close_id"),
    )

    id: Mapped[Id]
    entry_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ledger_entry.id"), unique=True)
    guest_sale_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("guest_sale.id"))
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    number: Mapped[int]
    fen: Mapped[int]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    close_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("till_close.id"))
    at: Mapped[Moment]
