"""The market's tables: services, providers with their papers, market days, stalls, slots."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.models import Bookable
from backend.db import BigInt, Id, Json, Model, Moment, one_of

KIND = "market"
"""The kind of a slot's bookable, and the name its messages are worded under."""


class ProviderKind(StrEnum):
    """What kind of provider: a person belongs to one of the others, or stands alone."""

    CLINIC = "clinic"
    BARBER = "barber"
    VOLUNTEERS = "volunteers"
    FIRM = "firm"
    PERSON = "person"


class PaperKind(StrEnum):
    """Papers that a service may ask of whoever provides it."""

    HEALTH = "health"
    PRACTICE = "practice"
    LICENCE = "licence"
    INSURANCE = "insurance"


class Stage(StrEnum):
    """Where a queue number stands.

    `closed` waited when the stall closed early, `moved` was handed on to another stall then.
    """

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    NO_SHOW = "no_show"
    LEFT = "left"
    CLOSED = "closed"
    MOVED = "moved"


IN_LINE = (Stage.WAITING, Stage.CALLED)
_IN_LINE = text("stage IN ('waiting', 'called')")


class Service(Model):
    """Something done for a neighbour in `minutes`; `bring` is what they should bring along.

    `papers` lists the kinds of papers that whoever does it must hold.
    """

    __tablename__ = "market_service"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]
    bring: Mapped[str | None] = mapped_column(String(120))
    papers: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")


class Provider(Model):
    """A clinic, a barber's, volunteers, a firm, or one person, maybe of such an organisation."""

    __tablename__ = "provider"
    __table_args__ = (
        one_of("kind", ProviderKind),
        CheckConstraint("organisation_id IS NULL OR kind = 'person'", name="organisation"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("provider.id"), index=True
    )
    contact: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(20))
    intro: Mapped[str | None] = mapped_column(String(120))


class ProviderService(Model):
    """A provider, or an organisation with all its people, offers a service, up to and with `until`.

    Who names no service at all may still be planned for any.
    """

    __tablename__ = "provider_service"

    id: Mapped[Id]
    provider_id: Mapped[int] = mapped_column(BigInt, ForeignKey("provider.id"), index=True)
    service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("market_service.id"))
    until: Mapped[date | None] = mapped_column(Date)


class ProviderPaper(Model):
    """A paper of a provider, valid up to and with `valid_until`; null: for good."""

    __tablename__ = "provider_paper"
    __table_args__ = (one_of("kind", PaperKind),)

    id: Mapped[Id]
    provider_id: Mapped[int] = mapped_column(BigInt, ForeignKey("provider.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[str | None] = mapped_column(String(40))
    valid_until: Mapped[date | None] = mapped_column(Date)


class MarketDay(Model):
    """A market at a place on a day; `spot` says where exactly. A place has one a day.

    From `opened_at` on residents see it; null: staff still plan. Slots are booked from `books_from`
    on.
    """

    __tablename__ = "market_day"
    __table_args__ = (
        Index(
            "uq_market_day_place_day",
            "place_id",
            "day",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
            sqlite_where=text("cancelled_at IS NULL"),
        ),
        Index("ix_market_day_day", "day"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    day: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(40))
    spot: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[Moment | None]
    books_from: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]


class Stall(Model):
    """One service at a market day: when, how many at once, and for whom.

    `from_minute` and `until_minute` are minutes after midnight, `breaks` pairs of such. Slots of
    `slot_minutes` follow each other from the opening on. Of all places `walk_up_percent` are kept
    for those who come without a slot. `by_person`: one books with somebody by name, or with
    whoever has most time. `room_id`: the room, or the part of a square, that it stands
    in, and that nobody else can use meanwhile. `at_home`: its people visit those who cannot come
    down, a slot being as long as a visit and the way to it; staff decide on each, and with
    `staff_check` only once they know it themselves.

    On the day: `last_number` is the last queue number given, `calls` how many were called so far,
    `in_a_row` how many booked of late while others waited. Paused: nobody is called; closed: no
    numbers any more.
    """

    __tablename__ = "stall"
    __table_args__ = (
        CheckConstraint("0 <= from_minute AND from_minute < until_minute", name="opening"),
        CheckConstraint("until_minute <= 1440", name="same_day"),
        CheckConstraint("slot_minutes > 0", name="slot_minutes"),
        CheckConstraint("at_once > 0", name="at_once"),
        CheckConstraint("walk_up_percent BETWEEN 0 AND 100", name="walk_up_percent"),
    )

    id: Mapped[Id]
    market_day_id: Mapped[int] = mapped_column(BigInt, ForeignKey("market_day.id"), index=True)
    service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("market_service.id"))
    room_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("room.id"))
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    breaks: Mapped[list[list[int]]] = mapped_column(Json, default=list, server_default="[]")
    slot_minutes: Mapped[int]
    at_once: Mapped[int]
    walk_up_percent: Mapped[int]
    by_person: Mapped[bool] = mapped_column(default=False, server_default=false())
    at_home: Mapped[bool] = mapped_column(default=False, server_default=false())
    staff_check: Mapped[bool] = mapped_column(default=False, server_default=false())
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    home_place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"))
    last_number: Mapped[int] = mapped_column(default=0, server_default="0")
    calls: Mapped[int] = mapped_column(default=0, server_default="0")
    in_a_row: Mapped[int] = mapped_column(default=0, server_default="0")
    paused_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]


class StallProvider(Model):
    """Who is at a stall: organisations, or people by name."""

    __tablename__ = "stall_provider"

    stall_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("stall.id", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("provider.id"), primary_key=True, index=True
    )


class MarketSlot(Bookable):
    """A piece of a stall's time that can be booked, with `provider_id` where one chooses whom."""

    __tablename__ = "market_slot"
    __mapper_args__ = {"polymorphic_identity": KIND}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (UniqueConstraint("stall_id", "provider_id", "minute"),)

    id: Mapped[int] = mapped_column(BigInt, ForeignKey("bookable.id"), primary_key=True)
    stall_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stall.id"))
    provider_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("provider.id"))
    minute: Mapped[int]


class Ticket(Model):
    """A queue number (排队号) at a stall: numbers run from 1 without gaps.

    `due_at`: whoever booked is due then; null: they just came. Nobody stands behind a number given
    at the table to somebody without a phone, unless staff know who it is. `skipped_at` is the
    stall's count of calls when they did not answer. `desk`: which of the desks called them.
    Whoever was handed on from a stall that closed stands `behind` a number there; what they had
    names the new one (`moved_to_id`).
    """

    __tablename__ = "ticket"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint("(stage = 'moved') = (moved_to_id IS NOT NULL)", name="moved"),
        UniqueConstraint("stall_id", "number"),
        Index(
            "uq_ticket_live",
            "stall_id",
            "person_id",
            unique=True,
            postgresql_where=_IN_LINE,
            sqlite_where=_IN_LINE,
        ),
    )

    id: Mapped[Id]
    stall_id: Mapped[int] = mapped_column(BigInt, ForeignKey("stall.id"))
    number: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    booking_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("booking.id"), unique=True)
    stage: Mapped[str] = mapped_column(String(8))
    taken_at: Mapped[Moment]
    due_at: Mapped[Moment | None]
    desk: Mapped[int | None]
    called_at: Mapped[Moment | None]
    recalls: Mapped[int] = mapped_column(default=0, server_default="0")
    skipped_at: Mapped[int | None]
    behind: Mapped[int | None]
    moved_to_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ticket.id"), index=True)
    ended_at: Mapped[Moment | None]
    note: Mapped[str | None] = mapped_column(String(120))
