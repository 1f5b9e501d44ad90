"""Rooms as something to be reserved: their rules and hours, and the facts of a reservation."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.models import Bookable
from backend.db import BigInt, Id, Model, Moment, one_of

KIND = "room"
"""The kind of a room's bookable, and the name its messages are worded under."""


class Audience(StrEnum):
    """Who may reserve: everybody, who lives within a level of places (and groups registered there),
    registered groups alone, or staff alone."""

    EVERYONE = "everyone"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GROUPS = "groups"
    STAFF = "staff"


class OpenRoom(Bookable):
    """A room as a bookable: a row of its own, because rooms serve lessons as well.

    It has no capacity and no end; `taken` counts the reservations held.
    """

    __tablename__ = "open_room"
    __mapper_args__ = {"polymorphic_identity": KIND}  # noqa: RUF012 - read by SQLAlchemy

    id: Mapped[int] = mapped_column(BigInt, ForeignKey("bookable.id"), primary_key=True)
    room_id: Mapped[int] = mapped_column(BigInt, ForeignKey("room.id"), unique=True)


class RoomRules(Model):
    """Rules of reservation, set for a place and all below it, for a venue, or for one room.

    Null leaves a rule to the next wider row: room, venue, then places from the nearest up. Hours
    are spans such as `09:00-12:00 14:00-21:00`, `18:00-02:00` past midnight, empty for closed;
    `holiday` is for public holidays. Starts lie every `grid_minutes` from the opening on. The
    gap between two uses is the larger of what the earlier leaves after it and the later needs
    before it. Check-in opens `check_in_minutes` before the start; who has not checked in
    `no_show_minutes` after it lets the rest go, 0: never. Limits count live reservations and
    minutes of a week, 0 lifts a wider limit; `across_venue`: those in all rooms of the venue. What
    is reserved for a registered group counts on the group's limits, on nobody's own.
    `approval`: residents only ask for the room, and staff decide. A series of residents has at
    most `series_dates` dates, 0: only staff make series; they lie as far ahead as single ones
    may, or `series_days` if that is further. `door_titles`: screens at the door say what
    residents reserved the room for.
    """

    __tablename__ = "room_rules"
    __table_args__ = (
        one_of("audience", Audience),
        CheckConstraint(
            "CASE WHEN place_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN venue_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN room_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_scope",
        ),
        CheckConstraint("min_minutes <= max_minutes", name="lengths"),
        UniqueConstraint("place_id"),
        UniqueConstraint("venue_id"),
        UniqueConstraint("room_id"),
    )

    id: Mapped[Id]
    place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"))
    venue_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("venue.id"))
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"))
    monday: Mapped[str | None] = mapped_column(String(60))
    tuesday: Mapped[str | None] = mapped_column(String(60))
    wednesday: Mapped[str | None] = mapped_column(String(60))
    thursday: Mapped[str | None] = mapped_column(String(60))
    friday: Mapped[str | None] = mapped_column(String(60))
    saturday: Mapped[str | None] = mapped_column(String(60))
    sunday: Mapped[str | None] = mapped_column(String(60))
    holiday: Mapped[str | None] = mapped_column(String(60))
    grid_minutes: Mapped[int | None]
    min_minutes: Mapped[int | None]
    max_minutes: Mapped[int | None]
    whole_day: Mapped[bool | None]
    buffer_before: Mapped[int | None]
    buffer_after: Mapped[int | None]
    lead_minutes: Mapped[int | None]
    horizon_days: Mapped[int | None]
    cancel_minutes: Mapped[int | None]
    check_in_minutes: Mapped[int | None]
    no_show_minutes: Mapped[int | None]
    audience: Mapped[str | None] = mapped_column(String(10))
    person_live: Mapped[int | None]
    household_live: Mapped[int | None]
    person_week_minutes: Mapped[int | None]
    household_week_minutes: Mapped[int | None]
    group_live: Mapped[int | None]
    group_week_minutes: Mapped[int | None]
    across_venue: Mapped[bool | None]
    approval: Mapped[bool | None]
    series_dates: Mapped[int | None]
    series_days: Mapped[int | None]
    door_titles: Mapped[bool | None]


class OpeningDay(Model):
    """Other hours on one day, for a venue or for one of its rooms: empty hours mean closed."""

    __tablename__ = "opening_day"
    __table_args__ = (
        UniqueConstraint("room_id", "day"),
        Index(
            "uq_opening_day_venue",
            "venue_id",
            "day",
            unique=True,
            postgresql_where=text("room_id IS NULL"),
            sqlite_where=text("room_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    venue_id: Mapped[int] = mapped_column(BigInt, ForeignKey("venue.id"))
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"))
    day: Mapped[date] = mapped_column(Date)
    hours: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(60))


class Reservation(Model):
    """What a reservation says beyond its booking: what for, how many come, what they need.

    The buffers are minutes, those of the rules as it was made, as are `check_in_from` and
    `no_show_at`: when the room is free again unless somebody has checked in; null once they have,
    or it was given back. `early_minutes` were given back by ending early. `group_id`: it is for a
    registered group, whose members all may act on it.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("headcount > 0", name="headcount"),
        Index(
            "ix_reservation_no_show_at",
            "no_show_at",
            postgresql_where=text("no_show_at IS NOT NULL"),
            sqlite_where=text("no_show_at IS NOT NULL"),
        ),
        Index(
            "ix_reservation_with_gaps",
            "booking_id",
            postgresql_where=text("buffer_before > 0 OR buffer_after > 0"),
            sqlite_where=text("buffer_before > 0 OR buffer_after > 0"),
        ),
        Index(
            "ix_reservation_group_id",
            "group_id",
            postgresql_where=text("group_id IS NOT NULL"),
            sqlite_where=text("group_id IS NOT NULL"),
        ),
    )

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("registered_group.id"))
    title: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(200))
    headcount: Mapped[int]
    wishes: Mapped[str | None] = mapped_column(String(200))
    buffer_before: Mapped[int] = mapped_column(default=0, server_default="0")
    buffer_after: Mapped[int] = mapped_column(default=0, server_default="0")
    check_in_from: Mapped[Moment | None]
    no_show_at: Mapped[Moment | None]
    checked_in_at: Mapped[Moment | None]
    early_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
