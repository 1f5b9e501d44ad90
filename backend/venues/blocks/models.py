"""When rooms are taken out of use by staff, why, and whose reservations ended by it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class RoomBlock(Model):
    """Rooms of a venue out of use from a moment up to a moment; every part of them is occupied.

    `around`: but for the time in which something stood there that goes on. Residents read the
    `reason`, staff the `note`.
    """

    __tablename__ = "room_block"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_room_block_venue_id_ends_at", "venue_id", "ends_at"),
    )

    id: Mapped[Id]
    venue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("venue.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(200))
    around: Mapped[bool] = mapped_column(default=False, server_default=false())
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    created_at: Mapped[Moment]


class RoomBlockRoom(Model):
    """One of the rooms that a block takes."""

    __tablename__ = "room_block_room"

    block_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("room_block.id", ondelete="CASCADE"), primary_key=True
    )
    room_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("room.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RoomBlockHit(Model):
    """A reservation, or a request, that ended or was cut short by a block."""

    __tablename__ = "room_block_hit"

    block_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("room_block.id", ondelete="CASCADE"), primary_key=True
    )
    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True, index=True
    )
