"""What is known of a home visit beside its booking."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Outcome(StrEnum):
    """How a visit ended."""

    DONE = "done"
    NOBODY = "nobody"


class HomeVisit(Model):
    """Where somebody is visited, and what came of it; keyed by the booking of a stall `at_home`.

    Address, telephone and note are encrypted, and forgotten some weeks after the visit. `checked`:
    staff know that the person cannot come down. `minutes`: how long the visit took.
    """

    __tablename__ = "home_visit"
    __table_args__ = (
        one_of("outcome", Outcome),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
    )

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    address: Mapped[str | None] = mapped_column(Encrypted)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    note: Mapped[str | None] = mapped_column(Encrypted)
    checked: Mapped[bool] = mapped_column(default=False, server_default=false())
    outcome: Mapped[str | None] = mapped_column(String(6))
    minutes: Mapped[int | None]
    remark: Mapped[str | None] = mapped_column(String(120))
    ended_at: Mapped[Moment | None]
