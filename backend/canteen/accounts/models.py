"""Meal accounts: purses with what is on them, holds for meals to come, and the ledger."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Table, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of


class PurseKind(StrEnum):
    """Whose money it is, in the order in which it is spent."""

    GRANT = "grant"
    FAMILY = "family"
    CASH = "cash"


class EntryKind(StrEnum):
    """What a line of the ledger is for."""

    TOP_UP = "top_up"
    GRANT = "grant"
    OPENING = "opening"
    CHARGE = "charge"
    CREDIT = "credit"
    REFUND = "refund"
    EXPIRY = "expiry"
    REVERSAL = "reversal"


class HoldState(StrEnum):
    """What became of money held for a meal."""

    OPEN = "open"
    CHARGED = "charged"
    RELEASED = "released"


class MealAccount(Model):
    """The meal account of one person."""

    __tablename__ = "meal_account"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), unique=True)
    opened_at: Mapped[Moment]


class Purse(Model):
    """Money of one kind on an account, in fen: own cash, what one relative paid in, or a grant.

    `payer_id` or `relative_id`: the relative with or without an account, to whom it goes back. A
    grant has a name, and may be spent on meals up to and with `expires_on`. Of `balance_fen`,
    `held_fen` are promised to meals. `canteen_id`: at whose desk money was last paid in; it gives
    it back when it closes.
    """

    __tablename__ = "meal_purse"
    __table_args__ = (
        one_of("kind", PurseKind),
        CheckConstraint("0 <= held_fen AND held_fen <= balance_fen", name="held_fen"),
        CheckConstraint(
            "(kind = 'family') = (payer_id IS NOT NULL OR relative_id IS NOT NULL)", name="payer"
        ),
        CheckConstraint("payer_id IS NULL OR relative_id IS NULL", name="one_payer"),
        CheckConstraint("(kind = 'grant') = (name IS NOT NULL)", name="name"),
        Index("ix_meal_purse_account_id", "account_id"),
        {"postgresql_with": {"fillfactor": "70"}},
    )  # fmt: skip

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_account.id"))
    kind: Mapped[str] = mapped_column(String(8))
    payer_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    relative_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("meal_relative.id"), index=True
    )
    name: Mapped[str | None] = mapped_column(String(40))
    expires_on: Mapped[date | None] = mapped_column(Date)
    canteen_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("canteen.id"), index=True)
    balance_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    held_fen: Mapped[int] = mapped_column(default=0, server_default="0")


class Entry(Model):
    """A line of the ledger (流水): fen that came or went, once per `key`; never changed or removed.

    A reversal and what it takes back point at each other. The sum of a purse's lines is its
    balance.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        one_of("kind", EntryKind),
        CheckConstraint("fen <> 0", name="fen"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses"),
        Index("ix_ledger_entry_purse_id_at", "purse_id", "at"),
    )

    id: Mapped[Id]
    purse_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_purse.id"))
    kind: Mapped[str] = mapped_column(String(8))
    fen: Mapped[int]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    booking_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("booking.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("ledger_entry.id"), unique=True
    )
    reversed_by_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("ledger_entry.id"), unique=True
    )
    note: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[Moment]


class Hold(Model):
    """Fen of one purse promised to one meal, until it is charged or given back."""

    __tablename__ = "meal_hold"
    __table_args__ = (
        one_of("state", HoldState),
        CheckConstraint("fen > 0", name="fen"),
        Index("ix_meal_hold_purse_id", "purse_id"),
        Index("ix_meal_hold_booking_id", "booking_id"),
        Index(
            "uq_meal_hold_open", "booking_id", "purse_id", unique=True,
            postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id"))
    purse_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_purse.id"))
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


APPEND_ONLY = {
    "postgresql": (
        """
CREATE OR REPLACE FUNCTION keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL
       AND to_jsonb(NEW) - 'reversed_by_id' = to_jsonb(OLD) - 'reversed_by_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.note IS NULL
       AND to_jsonb(NEW) - 'note' = to_jsonb(OLD) - 'note' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to';
END $$
""",
        """
CREATE TRIGGER tr_ledger_entry_kept BEFORE UPDATE OR DELETE ON ledger_entry
FOR EACH ROW EXECUTE FUNCTION keep_ledger()
""",
    ),
    "sqlite": (
        """
CREATE TRIGGER tr_ledger_entry_kept_update BEFORE UPDATE ON ledger_entry
WHEN NOT (
  (NEW.id, NEW.purse_id, NEW.kind, NEW.fen, NEW.key, NEW.booking_id, NEW.account_id,
   NEW.staff_id, NEW.reverses_id, NEW.at)
  IS (OLD.id, OLD.purse_id, OLD.kind, OLD.fen, OLD.key, OLD.booking_id, OLD.account_id,
      OLD.staff_id, OLD.reverses_id, OLD.at)
  AND (
    OLD.reversed_by_id IS NULL AND NEW.reversed_by_id IS NOT NULL AND NEW.note IS OLD.note
    OR NEW.reversed_by_id IS OLD.reversed_by_id AND NEW.note IS NULL
  )
)
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
        """
CREATE TRIGGER tr_ledger_entry_kept_delete BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END
""",
    ),
}
"""Neither database lets a line be changed or removed; only what takes it back is noted,
and a note is forgotten with its person.
"""


@event.listens_for(Entry.__table__, "after_create")
def _keep_ledger(_table: Table, connection: Connection, **_given: Any) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
