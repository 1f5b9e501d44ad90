"""What staff put right about when somebody was at a stall."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Model, Moment


class StallHours(Model):
    """Somebody was at a stall from then to then, whatever the stall's own hours say.

    Minutes after midnight; both alike: they were not there. Counted whole, breaks included.
    """

    __tablename__ = "stall_hours"
    __table_args__ = (
        CheckConstraint(
            "0 <= from_minute AND from_minute <= until_minute AND until_minute <= 1440",
            name="within_the_day",
        ),
    )

    stall_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("stall.id", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("provider.id"), primary_key=True, index=True
    )
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    corrected_at: Mapped[Moment]
