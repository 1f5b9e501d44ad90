"""Subsidy rules (补贴规则) and their versions, as staff keep them."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment


class SubsidyRule(Model):
    """A rule for the canteens of a place and all within it."""

    __tablename__ = "subsidy_rule"

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))


class SubsidyVersion(Model):
    """One version of a rule, as `rules.Rule` describes it; once published it stays as it is.

    `home_place_id`: for people who live there. `parts`: the fields of `rules.Part`, payers by name.
    Null or empty: anybody, any meal, any way to eat it.
    """

    __tablename__ = "subsidy_version"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint("version > 0", name="version"),
        UniqueConstraint("rule_id", "version"),
    )

    id: Mapped[Id]
    rule_id: Mapped[int] = mapped_column(BigInt, ForeignKey("subsidy_rule.id"))
    version: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    home_place_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("place.id"))
    categories: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    meals: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    modes: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    on_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    second_portion: Mapped[bool] = mapped_column(default=False, server_default=false())
    parts: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    staff_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
    published_at: Mapped[Moment | None]
