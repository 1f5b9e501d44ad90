"""Registered groups, such as a dance team, and their members."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment

_REGISTERED = text("ended_at IS NULL")
_LIVE = text("removed_at IS NULL")


class Group(Model):
    """A group that staff registered at a place; its leaders are whom to turn to.

    `valid_until` is its last day, null: until somebody ends it. At one place no two groups that
    have not ended go by the same name.
    """

    __tablename__ = "registered_group"
    __table_args__ = (
        Index(
            "uq_registered_group_name",
            "place_id",
            "name",
            unique=True,
            postgresql_where=_REGISTERED,
            sqlite_where=_REGISTERED,
        ),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"))
    name: Mapped[str] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(100))
    valid_until: Mapped[date | None] = mapped_column(Date)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    registered_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_reason: Mapped[str | None] = mapped_column(String(60))


class GroupMember(Model):
    """Somebody who may reserve for a group, from a moment until they are removed, or leave.

    `account_id`: the account that removed them; null where staff did.
    """

    __tablename__ = "group_member"
    __table_args__ = (
        Index(
            "uq_group_member_person",
            "group_id",
            "person_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("ix_group_member_person_id", "person_id"),
    )

    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(BigInt, ForeignKey("registered_group.id"))
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    leads: Mapped[bool]
    since: Mapped[Moment]
    removed_at: Mapped[Moment | None]
    account_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("account.id"))
