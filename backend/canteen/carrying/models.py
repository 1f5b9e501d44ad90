"""The photo a courier takes of a bag that was handed over."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment
from backend.people.crypto import Encrypted


class DeliveryPhoto(Model):
    """A photo of a stop as base64, encrypted; forgotten after some days (delivery_photo_days)."""

    __tablename__ = "delivery_photo"

    id: Mapped[Id]
    stop_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("delivery_stop.id", ondelete="CASCADE"), index=True
    )
    jpeg: Mapped[str] = mapped_column(Encrypted)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    at: Mapped[Moment] = mapped_column(index=True)
