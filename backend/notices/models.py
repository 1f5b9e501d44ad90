"""The table of notices."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class Notice(Model):
    """A notice for the residents of a place and all below it.

    It shows from `published_at` up to `until`; with none, until staff end it.
    """

    __tablename__ = "notice"
    __table_args__: Any = (
        CheckConstraint("until > published_at", name="order"),
        Index("ix_notice_place_id_published_at", "place_id", "published_at"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    title: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    published_at: Mapped[Moment]
    until: Mapped[Moment | None]
