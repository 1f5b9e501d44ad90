"""Claims (结算单): what one layer pays for a period's meals; what people judged of single meals."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from backend.canteen.models import Meal
from backend.canteen.pricing.rules import Payer
from backend.db import BigInt, Id, Json, Model, Moment, one_of


class Why(StrEnum):
    """Why a line stands in a claim: a meal of its own period, or what changed of an earlier one."""

    MEAL = "meal"
    LATE = "late"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    LEFT_OUT = "left_out"
    CHANGED = "changed"


class Flag(StrEnum):
    """What somebody has to look at before a meal is claimed."""

    TWO_CANTEENS = "two_canteens"
    DECEASED = "deceased"
    MOVED = "moved"
    OUTSIDE = "outside"
    NO_PROOF = "no_proof"


class MealClaim(Model):
    """What one layer is asked for, from `first_day` up to and with `last_day`; a draft, or frozen.

    `place_id` holds all its canteens. Frozen, it keeps its sums in fen, the names as they stood
    (`head`), and the SHA-256 of its text; a draft has none of these.
    """

    __tablename__ = "meal_claim"
    __table_args__ = (
        one_of("payer", Payer),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("(frozen_at IS NULL) = (sha256 IS NULL)", name="frozen"),
    )

    id: Mapped[Id]
    payer: Mapped[str] = mapped_column(String(9))
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[Moment]
    made_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    frozen_at: Mapped[Moment | None]
    frozen_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    head: Mapped[dict[str, Any] | None] = mapped_column(Json)
    meals: Mapped[int | None]
    corrections: Mapped[int | None]
    fen: Mapped[int | None] = mapped_column(BigInt)
    sha256: Mapped[str | None] = mapped_column(String(64))


class MealClaimDay(Model):
    """A day of a canteen is claimed of a layer once: by this claim."""

    __tablename__ = "meal_claim_day"

    payer: Mapped[str] = mapped_column(String(9), primary_key=True)
    canteen_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("canteen.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    claim_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_claim.id"), index=True)


class MealClaimLine(Model):
    """One meal in a frozen claim, in fen, and why it stands there; never changed or removed.

    It says who ate by number only: the name is with the person, and goes with them. Numbers are as
    they stood at the freeze; the booking leads to what they are now.
    """

    __tablename__ = "meal_claim_line"
    __table_args__ = (
        one_of("meal", Meal),
        one_of("why", Why),
        CheckConstraint("fen <> 0", name="fen"),
        UniqueConstraint("claim_id", "booking_id"),
        Index("ix_meal_claim_line_booking_id", "booking_id"),
    )

    claim_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_claim.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id"))
    person_id: Mapped[int] = mapped_column(BigInt)
    canteen_id: Mapped[int] = mapped_column(BigInt)
    day: Mapped[date] = mapped_column(Date)
    meal: Mapped[str] = mapped_column(String(10))
    version_id: Mapped[int | None] = mapped_column(BigInt)
    why: Mapped[str] = mapped_column(String(9))
    fen: Mapped[int]


class MealJudgement(Model):
    """What somebody decided about a meal with `flags`, for every layer: it is claimed, or not."""

    __tablename__ = "meal_judgement"

    booking_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("booking.id"), primary_key=True, autoincrement=False
    )
    claims: Mapped[bool]
    flags: Mapped[list[str]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(80))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]


_TABLES = ("meal_claim", "meal_claim_day", "meal_claim_line")
_FROZEN = {
    "meal_claim": "OLD.frozen_at IS NOT NULL",
    "meal_claim_day": ("(SELECT frozen_at FROM meal_claim WHERE id = OLD.claim_id) IS NOT NULL"),
    "meal_claim_line": "OLD.claim_id IS NOT NULL",
}
FROZEN_STAYS = {
    "postgresql": [
        statement
        for table in _TABLES
        for statement in (
            f"""
CREATE OR REPLACE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_FROZEN[table]} THEN
        RAISE EXCEPTION 'a frozen claim stays as it is';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
""",
            f"""
CREATE TRIGGER tr_{table}_kept BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION keep_{table}()
""",
        )
    ],
    "sqlite": [
        f"""
CREATE TRIGGER tr_{table}_kept_{verb.lower()} BEFORE {verb} ON {table}
WHEN {_FROZEN[table]}
BEGIN SELECT RAISE(ABORT, 'a frozen claim stays as it is'); END
"""
        for table in _TABLES
        for verb in ("UPDATE", "DELETE")
    ],
}
"""Neither database lets anything of a claim be changed or removed once it is frozen."""


@event.listens_for(MealClaimLine.__table__, "after_create")
def _frozen_stays(_table: Table, connection: Connection, **_given: Any) -> None:
    for statement in FROZEN_STAYS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
