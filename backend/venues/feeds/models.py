"""The calendar links that staff have handed out."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class RoomFeed(Model):
    """A link to the calendar of a venue, or of one of its rooms; `name` is who it was given to.

    The link itself is signed and not kept here. `with_names`: what is on and who reserved it, as
    its maker may see; it ends with their reach. Otherwise it only says when a room is taken.
    """

    __tablename__ = "room_feed"

    id: Mapped[Id]
    venue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("venue.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    with_names: Mapped[bool]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    revoked_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
