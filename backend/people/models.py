"""Residents: persons, the accounts they sign in with, and consent to act for one another."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Gender(StrEnum):
    """As residents state it; nothing depends on it but the roster."""

    FEMALE = "female"
    MALE = "male"


class Person(Model):
    """A human being, who may have no phone and no account.

    Phone and address are encrypted; the phone is found by its keyed hash or that of its last four
    digits. Name and birth date are clear here and masked where shown. A person that staff merged
    into another keeps its row, with `merged_into_id` pointing at the one to use. Whoever deleted
    their account keeps a row without any of these facts (`deleted_at`), so that what was counted
    stays counted.
    """

    __tablename__ = "person"
    __table_args__ = (
        one_of("gender", Gender),
        Index("ix_person_name_birth_date", "name", "birth_date"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40))
    birth_date: Mapped[date | None] = mapped_column(Date)
    gender: Mapped[str | None] = mapped_column(String(8))
    home_place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    address: Mapped[str | None] = mapped_column(Encrypted)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    phone_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    last_four_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    id_number: Mapped[str | None] = mapped_column(Encrypted)
    note: Mapped[str | None] = mapped_column(String(200))
    merged_into_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    created_at: Mapped[Moment]
    deleted_at: Mapped[Moment | None]


class Account(Model):
    """One person's sign-in; it may have several identities."""

    __tablename__ = "account"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), unique=True)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    calendar_token: Mapped[str | None] = mapped_column(String(43), unique=True)
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class IdentityKind(StrEnum):
    """How an account is recognised: WeChat's openid, or the hash of a verified phone."""

    WECHAT = "wechat"
    PHONE = "phone"


class Identity(Model):
    """A proof of who signs in; `subject` is an openid or a phone's lookup hash."""

    __tablename__ = "identity"
    __table_args__ = (one_of("kind", IdentityKind), UniqueConstraint("kind", "subject"))

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]


class AccessToken(Model):
    """A resident's sign-in: opaque, kept as its SHA-256, expiring, revocable."""

    __tablename__ = "access_token"

    token_hash: Mapped[str] = mapped_column(String(43), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    revoked_at: Mapped[Moment | None]


class SmsCode(Model):
    """A sign-in code that was sent to a phone, as its keyed hash; good for a while and a few tries.

    One code per phone is open (`ended_at` is null). Rows outlive their use for as long as the
    limits look back.
    """

    __tablename__ = "sms_code"
    __table_args__ = (
        Index("ix_sms_code_phone_hash_sent_at", "phone_hash", "sent_at"),
        Index(
            "uq_sms_code_open",
            "phone_hash",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    phone_hash: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[str] = mapped_column(String(32))
    sent_at: Mapped[Moment] = mapped_column(index=True)
    expires_at: Mapped[Moment]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[Moment | None]


class Claim(Model):
    """ "Are you …?": put to an account about a person with its phone, and what was answered.

    `token_hash` is of what the client sends back with the answer. A no is kept, so that nobody is
    asked twice.
    """

    __tablename__ = "claim"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(43), unique=True)
    asked_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    answered_at: Mapped[Moment | None]
    is_me: Mapped[bool | None]


class Relation(StrEnum):
    """What the person is to the one who acts for them."""

    CHILD = "child"
    PARENT = "parent"
    SPOUSE = "spouse"
    OTHER = "other"


class Consent(Model):
    """Which account may act for which person.

    Asked for (`requested_at`), then given: by the person in the app, by a guardian for a minor, or
    witnessed by staff. It can be withdrawn at any time, and a guardian's ends on `ends_on`, the
    day the child comes of age. One row is live per account and person: the unique index leaves
    out withdrawn ones.

    Who was asked by phone stands in `asked_name` and `asked_phone_hash`; `person_id` is null until
    they answer, so that asking tells nobody whether a phone is known.
    """

    __tablename__ = "consent"
    __table_args__ = (
        one_of("relation", Relation),
        CheckConstraint("given_at IS NULL OR person_id IS NOT NULL", name="given"),
        Index(
            "uq_consent_live",
            "account_id",
            "person_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("account.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    relation: Mapped[str] = mapped_column(String(8))
    asked_name: Mapped[str | None] = mapped_column(String(40))
    asked_phone_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    requested_at: Mapped[Moment]
    given_at: Mapped[Moment | None]
    given_by_account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
    witness_staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    ends_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_at: Mapped[Moment | None]


class DuplicateDismissed(Model):
    """Two persons that staff looked at and found to be different people (`low_id < high_id`)."""

    __tablename__ = "duplicate_dismissed"

    low_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    at: Mapped[Moment]
