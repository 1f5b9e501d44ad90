"""What the canteen knows of those who eat: diets, and categories that subsidies ask for."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Json, Model, Moment, one_of
from backend.people.crypto import Encrypted


class Category(StrEnum):
    """Circumstances that have to be proven, as subsidy rules name them."""

    LOW_INCOME = "low_income"  # 低保、低收入
    DISABLED = "disabled"  # 持残疾证
    LIVING_ALONE = "living_alone"  # 独居、空巢
    LOST_CHILD = "lost_child"  # 计划生育特殊家庭
    VETERAN = "veteran"  # 优抚对象


class Texture(StrEnum):
    """How food has to be cut for somebody to chew and swallow it."""

    NORMAL = "normal"
    SOFT = "soft"
    MINCED = "minced"
    PUREED = "pureed"


class Leaving(StrEnum):
    """Why somebody is not here any more."""

    DECEASED = "deceased"
    MOVED = "moved"


class PersonCategory(Model):
    """A category somebody belongs to from `starts_on` up to and with `ends_on`, and its proof.

    Staff have seen `proof` (kind and number of a paper). Taken back by staff: `ended_at`.
    """

    __tablename__ = "person_category"
    __table_args__ = (
        one_of("category", Category),
        CheckConstraint("ends_on >= starts_on", name="order"),
        Index("ix_person_category_person_id", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"))
    category: Mapped[str] = mapped_column(String(12))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    proof: Mapped[str] = mapped_column(String(60))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    noted_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class Departure(Model):
    """Somebody died, or moved away, on `left_on`: meals of that day and later are looked at."""

    __tablename__ = "departure"
    __table_args__ = (one_of("kind", Leaving),)

    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(8))
    left_on: Mapped[date] = mapped_column(Date)
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    noted_at: Mapped[Moment]


class Diet(Model):
    """What somebody must not eat (`allergens`, `avoids` by ingredient) and needs (`traits`)."""

    __tablename__ = "diet"
    __table_args__ = (one_of("texture", Texture),)

    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    allergens: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    avoids: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    traits: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    texture: Mapped[str] = mapped_column(
        String(6), default=Texture.NORMAL, server_default=Texture.NORMAL
    )
    note: Mapped[str | None] = mapped_column(Encrypted)
    changed_at: Mapped[Moment]
