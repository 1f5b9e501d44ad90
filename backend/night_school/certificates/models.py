"""The certificates that were issued."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class Certificate(Model):
    """A certificate for one enrolment; `came` of `lessons` as they stood when it was issued.

    `code` is printed on the paper. Who has it learns what the paper says, but no full name.
    """

    __tablename__ = "certificate"

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), unique=True
    )
    code: Mapped[str] = mapped_column(String(12), unique=True)
    lessons: Mapped[int]
    came: Mapped[int]
    issued_at: Mapped[Moment]
