"""Cases in which nobody answered the door, what was done about each, and announced absences."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Outcome(StrEnum):
    """How a case ended."""

    SAFE = "safe"  # somebody saw or spoke to them: well, at home
    AWAY = "away"
    HOSPITAL = "hospital"
    DUTY = "duty"  # not found: handed over to the duty office
    POLICE = "police"  # not found, or not let in: handed over to the police or an ambulance


class Food(StrEnum):
    """Where the meal went: it is never left unseen."""

    HANDED = "handed"  # the eater has it after all
    NEIGHBOUR = "neighbour"
    TAKEN_BACK = "taken_back"


class Step(StrEnum):
    """What is tried to find somebody, in the order of the ladder."""

    CALL = "call"
    NEIGHBOUR = "neighbour"
    GRID = "grid"
    FAMILY = "family"
    DUTY = "duty"


class Answer(StrEnum):
    """What came of a step."""

    NOBODY = "nobody"
    HEARD = "heard"  # somebody knows where they are, or how they do
    FOUND = "found"  # seen, or spoken to
    TAKEN_OVER = "taken_over"  # the other side goes and looks


class WelfareCase(Model):
    """Nobody answered the door for an ordered meal: open until it is known how the eater is.

    `opened_at`: when nobody answered, by the courier's device; `key` is the device's, too. One
    case of a booking is open at a time. `food_with`: which neighbour has the meal.
    """

    __tablename__ = "welfare_case"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("food", Food),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="outcome_when_closed"),
        CheckConstraint("(food IS NULL) = (closed_at IS NULL)", name="food_when_closed"),
        Index(
            "uq_welfare_case_open",
            "booking_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index("ix_welfare_case_booking_id", "booking_id"),
        Index("ix_welfare_case_person_id", "person_id"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(BigInt, ForeignKey("booking.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    opened_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    opened_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    key: Mapped[str] = mapped_column(String(36), unique=True)
    outcome: Mapped[str | None] = mapped_column(String(10))
    food: Mapped[str | None] = mapped_column(String(10))
    food_with: Mapped[str | None] = mapped_column(Encrypted)
    note: Mapped[str | None] = mapped_column(Encrypted)
    closed_at: Mapped[Moment | None]
    closed_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))


class WelfareStep(Model):
    """A rung of a case's ladder, due at a moment; or what was tried besides (`rung` is null).

    A rung is raised when it is due and not done, and tells who is responsible. Neighbours and the
    grid worker share one rung: whichever was asked stands in it.
    """

    __tablename__ = "welfare_step"
    __table_args__ = (
        one_of("step", Step),
        one_of("answer", Answer),
        CheckConstraint("(rung IS NULL) = (due_at IS NULL)", name="rungs_are_due"),
        CheckConstraint("rung IS NOT NULL OR done_at IS NOT NULL", name="rung_or_done"),
        CheckConstraint("(done_at IS NULL) = (answer IS NULL)", name="answer_when_done"),
        CheckConstraint("(done_at IS NULL) = (staff_id IS NULL)", name="staff_when_done"),
        UniqueConstraint("case_id", "rung"),
        Index(
            "ix_welfare_step_due_at",
            "due_at",
            postgresql_where=text("raised_at IS NULL AND done_at IS NULL"),
            sqlite_where=text("raised_at IS NULL AND done_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("welfare_case.id"))
    rung: Mapped[int | None] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(9))
    due_at: Mapped[Moment | None]
    raised_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    answer: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Encrypted)
    key: Mapped[str | None] = mapped_column(String(36), unique=True)


class DutyText(Model):
    """The text message to a duty office that somebody is still looked for: once per case.

    Written in the transaction that raises the rung, sent after it by whichever worker claims it
    until `claimed_until`. `given_up_at`: nobody took it in `attempts`; somebody has to ring.
    """

    __tablename__ = "duty_text"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="ended_once"),
        Index(
            "ix_duty_text_due_at",
            "due_at",
            postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL"),
            sqlite_where=text("sent_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    case_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("welfare_case.id"), primary_key=True, autoincrement=False
    )
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    phone: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[Moment]
    claimed_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[Moment | None]
    given_up_at: Mapped[Moment | None]


class WelfareAddition(Model):
    """What came to be known after a case was closed; nothing of it changes any more."""

    __tablename__ = "welfare_addition"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigInt, ForeignKey("welfare_case.id"), index=True)
    at: Mapped[Moment]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    note: Mapped[str | None] = mapped_column(Encrypted)


class AbsentDay(Model):
    """Somebody is not at home on a day, as they, their family or staff have said before."""

    __tablename__ = "absent_day"
    __table_args__ = (
        CheckConstraint("account_id IS NULL OR staff_id IS NULL", name="who"),
        UniqueConstraint("person_id", "day"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    day: Mapped[date] = mapped_column(Date)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    made_at: Mapped[Moment]


class GridWorker(Model):
    """A grid worker (网格员) of a community or an estate, to be asked who saw somebody last."""

    __tablename__ = "grid_worker"

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(40))
