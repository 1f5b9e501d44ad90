"""The outbox, the inbox copies, the counted WeChat grants."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment, one_of


class Kind(StrEnum):
    """What a reminder tells."""

    BOOKED = "booked"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    OFFER_EXPIRED = "offer_expired"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    LESSON_EVE = "lesson_eve"
    LESSON_SOON = "lesson_soon"
    CONSENT = "consent"
    ABSENT_AGAIN = "absent_again"
    STANDING = "standing"
    VISIT_EVE = "visit_eve"
    VISIT_SOON = "visit_soon"
    NUMBER_NEXT = "number_next"
    NUMBER_SOON = "number_soon"
    NUMBER_PAUSED = "number_paused"
    NUMBER_CLOSED = "number_closed"


URGENT = (Kind.OFFERED, Kind.CHANGED, Kind.CANCELLED)
"""What somebody would come in vain for, or lose, if it did not reach them in time."""


class Delivery(StrEnum):
    """Where a reminder stands on its way to the person."""

    DUE = "due"
    SENT = "sent"  # WeChat took it; the inbox has its copy
    INBOX = "inbox"  # only the inbox has it; `reason` says why WeChat does not
    UNREACHED = "unreached"  # no account at all: somebody has to call
    DROPPED = "dropped"  # it no longer applied when it was due
    FAILED = "failed"  # given up; `reason` says why


class Reminder(Model):
    """One row of the outbox, written in the transaction of what it tells.

    `due_at` is when it should go out and moves on with each retry; `claimed_until` is the lease
    of the worker that has it in hand. `in_doubt` counts the attempts whose end nobody knows.
    A lesson's reminder is unique per booking, lesson, kind and the lesson's start as it was then
    (`occasion_at`), so that a moved lesson is reminded of anew; so is a booking that is an occasion
    by itself, as a room is. Of a queue number (`ticket_id`) each kind is told once. `place_id` is
    where staff would call from if nothing reaches the person; it is known once the reminder has
    been worded.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("state", Delivery),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("in_doubt >= 0", name="in_doubt"),
        UniqueConstraint("booking_id", "lesson_id", "kind", "occasion_at"),
        Index(
            "uq_reminder_visit",
            "booking_id",
            "kind",
            "occasion_at",
            unique=True,
            postgresql_where=text("lesson_id IS NULL AND occasion_at IS NOT NULL"),
            sqlite_where=text("lesson_id IS NULL AND occasion_at IS NOT NULL"),
        ),
        Index(
            "uq_reminder_ticket",
            "ticket_id",
            "kind",
            unique=True,
            postgresql_where=text("ticket_id IS NOT NULL"),
            sqlite_where=text("ticket_id IS NOT NULL"),
        ),
        # The scheduler's one question: what is due?
        Index(
            "ix_reminder_due",
            "due_at",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index("ix_reminder_person_id_state", "person_id", "state"),
        Index(
            "ix_reminder_place_id_settled_at",
            "place_id",
            "settled_at",
            postgresql_where=text("place_id IS NOT NULL"),
            sqlite_where=text("place_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    booking_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="CASCADE")
    )
    lesson_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("lesson.id"))
    ticket_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ticket.id"))
    occasion_at: Mapped[Moment | None]
    place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"))
    facts: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="due", server_default="due")
    due_at: Mapped[Moment]
    claimed_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    in_doubt: Mapped[int] = mapped_column(default=0, server_default="0")
    reason: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    called_at: Mapped[Moment | None]
    called_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    call_note: Mapped[str | None] = mapped_column(String(200))


class InboxMessage(Model):
    """The exact copy of a reminder in the app's inbox: one per reminder."""

    __tablename__ = "inbox_message"
    __table_args__ = (Index("ix_inbox_message_account_id_id", "account_id", "id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    reminder_id: Mapped[int] = mapped_column(BigInt, ForeignKey("reminder.id"), unique=True)
    booking_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("booking.id", ondelete="SET NULL")
    )
    title: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[Moment]
    read_at: Mapped[Moment | None]


class SubscriptionGrant(Model):
    """How many one-time messages WeChat will take for an openid and template: an estimate."""

    __tablename__ = "subscription_grant"
    __table_args__ = (CheckConstraint("remaining >= 0", name="remaining"),)

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    template_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    remaining: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None] = mapped_column(String(8))
    changed_at: Mapped[Moment]


class PushEvent(Model):
    """A message push that was taken in already: WeChat repeats what it thinks was lost."""

    __tablename__ = "push_event"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[Moment] = mapped_column(index=True)
