"""What residents wish for: one row per person and service, one more for a wish of their own."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class MarketWish(Model):
    """A person wishes for a service (`service_id`), or for something else in their `own_words`.

    `wished_at` is when they last said so: a wish ages.
    """

    __tablename__ = "market_wish"
    __table_args__ = (
        CheckConstraint("(service_id IS NULL) <> (own_words IS NULL)", name="one_thing"),
        Index("uq_market_wish_service", "person_id", "service_id", unique=True),
        Index(
            "uq_market_wish_own",
            "person_id",
            unique=True,
            postgresql_where=text("service_id IS NULL"),
            sqlite_where=text("service_id IS NULL"),
        ),
        Index("ix_market_wish_wished_at", "wished_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    service_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("market_service.id"))
    own_words: Mapped[str | None] = mapped_column(String(30))
    wished_at: Mapped[Moment]
