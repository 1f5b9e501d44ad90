"""Subsidy rules (补贴规则) and their versions, as staff keep them."""

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    event,
    false,
    true,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment


class SubsidyRule(Model):
    """A rule for the canteens of a place and all within it; `ends_on` is the last day, if any."""

    __tablename__ = "subsidy_rule"

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    ends_on: Mapped[date | None] = mapped_column(Date)


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


PUBLISHED_STAYS = {
    "postgresql": (
        """
CREATE OR REPLACE FUNCTION keep_subsidy_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published version stays as it is';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
""",
        """
CREATE TRIGGER tr_subsidy_version_kept BEFORE UPDATE OR DELETE ON subsidy_version
FOR EACH ROW EXECUTE FUNCTION keep_subsidy_version()
""",
    ),
    "sqlite": (
        """
CREATE TRIGGER tr_subsidy_version_kept_update BEFORE UPDATE ON subsidy_version
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published version stays as it is'); END
""",
        """
CREATE TRIGGER tr_subsidy_version_kept_delete BEFORE DELETE ON subsidy_version
WHEN OLD.published_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a published version stays as it is'); END
""",
    ),
}
"""Neither database lets a version be changed or removed once it is published."""


@event.listens_for(SubsidyVersion.__table__, "after_create")
def _published_stays(_table: Table, connection: Connection, **_given: Any) -> None:
    for statement in PUBLISHED_STAYS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
