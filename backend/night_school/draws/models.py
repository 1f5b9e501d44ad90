"""The tables of draws: a draw, who applied and what they wish for, and drawing in hand."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment
from backend.people.crypto import Encrypted


class Draw(Model):
    """A draw (摇号) of places in runs of one term; `place_id` is whose staff keep it.

    `number_name` says which public number will be mixed in, known from `number_at` on. The weights
    are tickets more: for classes in one's own community, and for who was in no class before.
    `commitment` is shown from `committed_at` on; `entries`, fixed at `closed_at`, is what is dealt
    from, `file` what anybody checks the result by, `tally` its sums per run.
    """

    __tablename__ = "draw"
    __table_args__: Any = (
        CheckConstraint("opens_at < closes_at AND closes_at < number_at", name="order"),
        CheckConstraint("most_wishes > 0 AND most_places > 0", name="limits"),
        CheckConstraint("home_weight >= 0 AND first_weight >= 0", name="weights"),
        CheckConstraint("published_at IS NULL OR commitment IS NOT NULL", name="committed"),
        CheckConstraint("drawn_at IS NULL OR entries IS NOT NULL", name="closed"),
    )

    id: Mapped[Id]
    term_id: Mapped[int] = mapped_column(BigInt, ForeignKey("term.id"), index=True)
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    number_name: Mapped[str] = mapped_column(String(120))
    number_at: Mapped[Moment]
    opens_at: Mapped[Moment]
    closes_at: Mapped[Moment]
    most_wishes: Mapped[int] = mapped_column(default=5, server_default="5")
    most_places: Mapped[int] = mapped_column(default=1, server_default="1")
    home_weight: Mapped[int] = mapped_column(default=1, server_default="1")
    first_weight: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[Moment]
    secret: Mapped[str | None] = mapped_column(Encrypted)
    commitment: Mapped[str | None] = mapped_column(String(64))
    committed_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    entries: Mapped[str | None] = mapped_column(Text)
    entries_sha256: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[Moment | None]
    public_number: Mapped[str | None] = mapped_column(String(64))
    drawn_at: Mapped[Moment | None]
    tally: Mapped[dict[str, Any] | None] = mapped_column(Json)
    file: Mapped[str | None] = mapped_column(Text)


class DrawWork(Model):
    """A draw that has its number and is still to be drawn: who has it in hand, and how far.

    `step`, `done` and `of` are what `engine.Progress` was told last. `blocked_by` is the title of
    a run with fewer places than when the list was fixed.
    """

    __tablename__ = "draw_work"

    draw_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("draw.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[Moment]
    claimed_until: Mapped[Moment | None]
    step: Mapped[str | None] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    of: Mapped[int] = mapped_column(default=0, server_default="0")
    blocked_by: Mapped[str | None] = mapped_column(String(60))


class DrawApplication(Model):
    """One person's application: `code` is the pseudonym they find themselves by.

    People of a household who keep together share `together`. Who withdraws once the list is fixed
    stays on it, and what they would win is passed on.
    """

    __tablename__ = "draw_application"
    __table_args__ = (
        CheckConstraint("most > 0", name="most"),
        UniqueConstraint("draw_id", "person_id"),
    )

    id: Mapped[Id]
    draw_id: Mapped[int] = mapped_column(BigInt, ForeignKey("draw.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    together: Mapped[str | None] = mapped_column(String(12), index=True)
    most: Mapped[int] = mapped_column(default=1, server_default="1")
    applied_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]


class DrawWish(Model):
    """One wish of an application, 1 the dearest, and what became of it once it was drawn.

    `position` is the lot's place in the run's drawn order; `got` an `engine.Outcome`, or `barred`
    where the person did not meet the run's rules any more when the list was fixed.
    """

    __tablename__ = "draw_wish"
    __table_args__ = (
        CheckConstraint("rank > 0", name="rank"),
        UniqueConstraint("application_id", "run_id"),
    )

    application_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("draw_application.id", ondelete="CASCADE"), primary_key=True
    )
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigInt, ForeignKey("course_run.id"), index=True)
    tickets: Mapped[int | None]
    position: Mapped[int | None]
    got: Mapped[str | None] = mapped_column(String(10))
    booking_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="SET NULL"), index=True
    )
