"""Standing orders, when they rest, and what became of them at each meal."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.canteen.models import Meal, Mode
from backend.db import BigInt, Id, Json, Model, Moment, one_of


class Otherwise(StrEnum):
    """What is ordered where the chosen dishes are not to be had."""

    SET = "set"
    NOTHING = "nothing"


class Rest(StrEnum):
    """Why somebody's standing orders rest."""

    HOSPITAL = "hospital"
    AWAY = "away"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a standing order at one meal."""

    MADE = "made"
    OWN = "own"  # they had ordered that meal themselves, or given it back
    LEFT_OUT = "left_out"


class Why(StrEnum):
    """Why a meal was left out."""

    MONEY = "money"
    SOLD_OUT = "sold_out"
    CLASH = "clash"
    OFF_MENU = "off_menu"
    ADDRESS = "address"
    CONSENT = "consent"
    RULE = "rule"


class StandingOrder(Model):
    """So many portions of dishes for a meal on `weekdays` (Monday is 0), from `since` on.

    `dish_ids` are had together; none stand for the day's set meal. `account_id` asked for it and
    orders, or `staff_id`. One of a person, canteen and meal at a time.
    """

    __tablename__ = "standing_order"
    __table_args__ = (
        one_of("meal", Meal),
        one_of("otherwise", Otherwise),
        one_of("mode", Mode),
        CheckConstraint("portions > 0", name="portions"),
        Index(
            "uq_standing_order_live",
            "person_id",
            "canteen_id",
            "meal",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index("ix_standing_order_canteen_id", "canteen_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    meal: Mapped[str] = mapped_column(String(10))
    weekdays: Mapped[list[int]] = mapped_column(Json)
    dish_ids: Mapped[list[int]] = mapped_column(Json, default=list, server_default="[]")
    otherwise: Mapped[str] = mapped_column(String(8))
    portions: Mapped[int] = mapped_column(default=1, server_default="1")
    mode: Mapped[str] = mapped_column(String(8))
    since: Mapped[date] = mapped_column(Date)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class StandingPause(Model):
    """All standing orders of a person rest from `from_day` up to and with `until_day`, or on."""

    __tablename__ = "standing_pause"
    __table_args__ = (
        one_of("why", Rest),
        CheckConstraint("until_day >= from_day", name="order"),
        Index("ix_standing_pause_person_id", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)
    why: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    made_at: Mapped[Moment]


class StandingSkip(Model):
    """One day on which a standing order is left out."""

    __tablename__ = "standing_skip"
    __table_args__ = (UniqueConstraint("standing_order_id", "day"),)

    id: Mapped[Id]
    standing_order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("standing_order.id"))
    day: Mapped[date] = mapped_column(Date)


class StandingRun(Model):
    """One run over a canteen's standing orders; not ended, it died on the way.

    `left_out`: how often for which reason. `failed`: people whose orders met a fault of ours.
    """

    __tablename__ = "standing_run"
    __table_args__ = (Index("ix_standing_run_canteen_id", "canteen_id"),)

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    began_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    people: Mapped[int] = mapped_column(default=0, server_default="0")
    made: Mapped[int] = mapped_column(default=0, server_default="0")
    left_out: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    failed: Mapped[int] = mapped_column(default=0, server_default="0")


class StandingMeal(Model):
    """What became of a standing order at one meal, when it was last tried: one of a person."""

    __tablename__ = "standing_meal"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("why", Why),
        CheckConstraint("(outcome = 'left_out') = (why IS NOT NULL)", name="left_out_has_why"),
        CheckConstraint("(outcome = 'made') = (booking_id IS NOT NULL)", name="made_is_booked"),
        UniqueConstraint("person_id", "meal_service_id"),
        UniqueConstraint("booking_id"),
        Index("ix_standing_meal_meal_service_id", "meal_service_id"),
        Index("ix_standing_meal_standing_order_id", "standing_order_id"),
    )

    id: Mapped[Id]
    standing_order_id: Mapped[int] = mapped_column(BigInt, ForeignKey("standing_order.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    meal_service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_service.id"))
    outcome: Mapped[str] = mapped_column(String(8))
    why: Mapped[str | None] = mapped_column(String(8))
    booking_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE")
    )
    at: Mapped[Moment]
