"""What a device uploaded: every entry once, by its nonce, with what became of it."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of


class Kind(StrEnum):
    """What was done on the device."""

    MARK = "mark"
    SCAN = "scan"
    UNDO = "undo"


class Outcome(StrEnum):
    """What became of an entry.

    `conflict`: somebody else changed the mark meanwhile, staff decide. `kept`: it could not be
    applied (another class, a cancelled enrolment, an unknown code) and is shown. `refused`: it made
    no sense, so there is nothing to show.
    """

    DONE = "done"
    CONFLICT = "conflict"
    KEPT = "kept"
    REFUSED = "refused"


class Decision(StrEnum):
    """What was decided about a conflict or a kept entry.

    `undone` was taken back on the device, `later` gave way to what the device sent afterwards.
    """

    DEVICE = "device"
    SERVER = "server"
    UNDONE = "undone"
    LATER = "later"


_OPEN = text("outcome IN ('conflict', 'kept') AND decided_at IS NULL")


class UploadedEntry(Model):
    """One tap, scan or undo made on a device.

    `at` is when it was made, by the server's clock: the device's time and `clock_off` seconds,
    never later than `received_at` (`clamped`: it would have been). `presence` is what it asks for,
    `seen` what the device showed, `found` what the server had, `left` what it had afterwards.
    """

    __tablename__ = "uploaded_entry"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("outcome", Outcome),
        one_of("decision", Decision),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("ix_uploaded_entry_lesson_id_device", "lesson_id", "device"),
        Index(
            "ix_uploaded_entry_open", "lesson_id", postgresql_where=_OPEN, sqlite_where=_OPEN
        ),
    )  # fmt: skip

    id: Mapped[Id]
    nonce: Mapped[str] = mapped_column(String(36), unique=True)
    lesson_id: Mapped[int] = mapped_column(BigInt, ForeignKey("lesson.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(4))
    at: Mapped[Moment]
    received_at: Mapped[Moment] = mapped_column(index=True)
    clock_off: Mapped[int] = mapped_column(BigInt)
    clamped: Mapped[bool]
    booking_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str | None] = mapped_column(String(64))
    presence: Mapped[str | None] = mapped_column(String(13))
    seen: Mapped[str | None] = mapped_column(String(13))
    found: Mapped[str | None] = mapped_column(String(13))
    left: Mapped[str | None] = mapped_column(String(13))
    outcome: Mapped[str] = mapped_column(String(8))
    errcode: Mapped[int | None]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    decision: Mapped[str | None] = mapped_column(String(6))
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
