"""The fee of an enrolment."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model, Moment, one_of


class FeeState(StrEnum):
    """Where a fee stands. `SHORT` and `OVER`: paid for a class that cost less, or more."""

    UNPAID = "unpaid"
    SHORT = "short"
    OVER = "over"
    PAID = "paid"
    REFUNDED = "refunded"
    WAIVED = "waived"


class Method(StrEnum):
    """How money changed hands."""

    CASH = "cash"
    TRANSFER = "transfer"
    SCAN = "scan"
    OTHER = "other"


class Fee(Model):
    """What somebody owes for an enrolment, and who of staff marked it when.

    A confirmed enrolment of a run with a price and without a row is unpaid at the run's price, so
    that signing up writes nothing more; a row stands where anything else is true, and where the
    price was changed after they had signed up. `amount_fen` is in fen; what was received is that,
    but where a difference is still to be settled: then `paid_fen`.
    """

    __tablename__ = "fee"
    __table_args__ = (
        one_of("state", FeeState),
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint(
            "CASE state WHEN 'short' THEN 0 < paid_fen AND paid_fen < amount_fen "
            "WHEN 'over' THEN paid_fen > amount_fen ELSE paid_fen IS NULL END",
            name="difference",
        ),
        CheckConstraint("state = 'unpaid' OR marked_at IS NOT NULL", name="marked"),
    )

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    amount_fen: Mapped[int]
    paid_fen: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    method: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(60))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    marked_at: Mapped[Moment | None]
