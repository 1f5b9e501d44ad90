"""Templates: what a class is opened with, kept under a name for the next time."""

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model


class RunTemplate(Model):
    """A form half filled in (模板), kept at a place: `settings` are its values by field."""

    __tablename__ = "run_template"
    __table_args__ = (UniqueConstraint("place_id", "name"),)

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    name: Mapped[str] = mapped_column(String(40))
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
