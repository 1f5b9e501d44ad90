"""Templates of market days, and for each month what became of it."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment


class MarketTemplate(Model):
    """A market as it is held every month: place, title, spot, and stalls as they are planned.

    On the `week`-th `weekday` (0: Monday; the fifth week: the last one) of a month, or on
    `day_of_month`. From `ended_at` on nothing is made any more. `staff_id` set it up: what is made
    by itself is made in that name.
    """

    __tablename__ = "market_template"
    __table_args__ = (
        CheckConstraint("(week IS NULL) = (weekday IS NULL)", name="week_and_day"),
        CheckConstraint("(week IS NULL) <> (day_of_month IS NULL)", name="one_rule"),
        CheckConstraint("week BETWEEN 1 AND 5", name="week"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("day_of_month BETWEEN 1 AND 28", name="day_of_month"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    title: Mapped[str] = mapped_column(String(40))
    spot: Mapped[str] = mapped_column(String(60))
    stalls: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    week: Mapped[int | None]
    weekday: Mapped[int | None]
    day_of_month: Mapped[int | None]
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class TemplateMonth(Model):
    """What became of a template in a month (its first day): once made, it is not made again.

    `market_day_id` null: the place had another market that day. `left_out`: stalls that could not
    come along, each with the reason.
    """

    __tablename__ = "market_template_month"
    __table_args__ = (UniqueConstraint("template_id", "month"),)

    id: Mapped[Id]
    template_id: Mapped[int] = mapped_column(BigInt, ForeignKey("market_template.id"))
    month: Mapped[date] = mapped_column(Date)
    day: Mapped[date] = mapped_column(Date)
    market_day_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("market_day.id"), index=True
    )
    left_out: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    made_at: Mapped[Moment]
