"""Staff: accounts, roles scoped to a place and all below it, sessions, and the audit."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment, one_of


class Role(StrEnum):
    """What someone may do at a place and everywhere below it."""

    MANAGER = "manager"
    WORKER = "worker"
    TEACHER = "teacher"
    CLERK = "clerk"
    COOK = "cook"
    DISPATCHER = "dispatcher"
    COURIER = "courier"
    COUNTER = "counter"
    ACCOUNTANT = "accountant"


class Staff(Model):
    """A staff account. Someone who leaves keeps the row, for the audit, but cannot sign in."""

    __tablename__ = "staff"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(128))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Moment | None]
    language: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[Moment]
    left_at: Mapped[Moment | None]


class StaffRole(Model):
    """A role at a place; one person may have several."""

    __tablename__ = "staff_role"
    __table_args__ = (one_of("role", Role), UniqueConstraint("staff_id", "role", "place_id"))

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    role: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)


class StaffSession(Model):
    """A console sign-in, kept as the SHA-256 of its cookie; it can be revoked."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(43), primary_key=True)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    device: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class AuditEntry(Model):
    """What a member of staff did, to what, and how it stood before and after.

    `place_id` is where the subject belongs: managers of that place may read the row.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[Id]
    at: Mapped[Moment] = mapped_column(index=True)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int | None] = mapped_column(BigInt)
    place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    request_id: Mapped[str | None] = mapped_column(String(32))
