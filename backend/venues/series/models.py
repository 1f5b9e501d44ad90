"""The tables of recurring reservations: a series, and each of its dates."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class Series(Model):
    """A room reserved again and again (固定预约) for one person, `every_weeks` weeks.

    What is said of each date is kept for those that are put back. `account_id` asked for it, or
    `staff_id`; `idempotency_key` is unique per account. `group_id`: it is for a registered group,
    whose members all may act on it, in the name of the one who reserved it.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("headcount > 0", name="headcount"),
        CheckConstraint("every_weeks > 0", name="every_weeks"),
        UniqueConstraint("account_id", "idempotency_key"),
        Index(
            "ix_series_group_id",
            "group_id",
            postgresql_where=text("group_id IS NOT NULL"),
            sqlite_where=text("group_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(BigInt, ForeignKey("room.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    group_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("registered_group.id"))
    every_weeks: Mapped[int]
    title: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(200))
    headcount: Mapped[int]
    wishes: Mapped[str | None] = mapped_column(String(200))
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    idempotency_hash: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[Moment]


class SeriesDate(Model):
    """One date of a series: reserved by its booking, or skipped, `why` in words.

    The moments are those of the series; a booking that was moved by itself has its own. A date
    whose booking was cancelled can be put back as a skipped one can, by a new booking.
    """

    __tablename__ = "series_date"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("booking_id IS NOT NULL OR why IS NOT NULL", name="booked_or_skipped"),
        UniqueConstraint("booking_id"),
        Index("ix_series_date_series_id_starts_at", "series_id", "starts_at"),
    )

    id: Mapped[Id]
    series_id: Mapped[int] = mapped_column(BigInt, ForeignKey("series.id", ondelete="CASCADE"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    booking_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("booking.id"))
    why: Mapped[str | None] = mapped_column(String(120))
