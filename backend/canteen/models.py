"""The canteen's tables: canteens with their meals, dishes, menus and what is on them."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from backend.booking.models import Bookable
from backend.db import BigInt, Id, Json, Model, one_of

KIND = "meal"
"""The kind of a meal's bookable, and the name its messages are worded under."""


class Meal(StrEnum):
    """The meals of a day, in their order."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"


class Mode(StrEnum):
    """Where a meal is eaten, and how it gets there."""

    DINE_IN = "dine_in"
    PICK_UP = "pick_up"
    DELIVERY = "delivery"


class Allergen(StrEnum):
    """What has to be declared of a dish (GB 7718, the eight groups, and sesame)."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    FISH = "fish"
    EGG = "egg"
    PEANUT = "peanut"
    SOY = "soy"
    MILK = "milk"
    NUTS = "nuts"
    SESAME = "sesame"


class Trait(StrEnum):
    """What a dish is fit for."""

    LOW_SALT = "low_salt"
    LOW_SUGAR = "low_sugar"
    SOFT = "soft"
    HALAL = "halal"
    VEGETARIAN = "vegetarian"


class Canteen(Model):
    """A kitchen that cooks for neighbours, open on `weekdays` (Monday is 0).

    `on_holidays`: on public holidays, too. On a day worked to make up for a holiday it is open if
    it is on any weekday from Monday to Friday. Prices are in fen.
    """

    __tablename__ = "canteen"
    __table_args__ = (
        CheckConstraint("delivery_fen >= 0", name="delivery_fen"),
        CheckConstraint("free_from_fen >= 0", name="free_from_fen"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(BigInt, ForeignKey("place.id"), index=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    weekdays: Mapped[list[int]] = mapped_column(Json)
    on_holidays: Mapped[bool] = mapped_column(default=False, server_default=false())
    delivery_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    free_from_fen: Mapped[int | None]
    picture: Mapped[str | None] = mapped_column(String(80))


class CanteenMeal(Model):
    """A meal that a canteen serves, from and until minutes after midnight.

    Orders close at `cutoff_minute`, `cutoff_days` serving days before. `most`: portions of a dish
    per person. `modes`: where it can be eaten.
    """

    __tablename__ = "canteen_meal"
    __table_args__ = (
        one_of("meal", Meal),
        CheckConstraint("0 <= from_minute AND from_minute < until_minute", name="serving"),
        CheckConstraint("until_minute <= 1440", name="same_day"),
        CheckConstraint("cutoff_days BETWEEN 0 AND 7", name="cutoff_days"),
        CheckConstraint("cutoff_minute BETWEEN 0 AND 1439", name="cutoff_minute"),
        CheckConstraint("cutoff_days > 0 OR cutoff_minute <= from_minute", name="cutoff"),
        CheckConstraint("most > 0", name="most"),
        UniqueConstraint("canteen_id", "meal"),
    )

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    meal: Mapped[str] = mapped_column(String(10))
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    cutoff_days: Mapped[int]
    cutoff_minute: Mapped[int]
    most: Mapped[int]
    modes: Mapped[list[str]] = mapped_column(Json)


class CanteenDay(Model):
    """A day on which a canteen departs from its calendar: it serves, or does not, and why."""

    __tablename__ = "canteen_day"
    __table_args__ = (UniqueConstraint("canteen_id", "day"),)

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    day: Mapped[date] = mapped_column(Date)
    serves: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))


class Dish(Model):
    """A dish of a canteen, at its usual price; `ingredients`, `allergens` and `traits` by name.

    A set meal (`is_set`) is a dish of its own. `for_children`: on the children's menu only.
    """

    __tablename__ = "dish"
    __table_args__ = (
        CheckConstraint("list_fen > 0", name="list_fen"),
        UniqueConstraint("canteen_id", "name"),
    )

    id: Mapped[Id]
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    name: Mapped[str] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(60))
    list_fen: Mapped[int]
    ingredients: Mapped[str | None] = mapped_column(String(120))
    allergens: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    traits: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    is_set: Mapped[bool] = mapped_column(default=False, server_default=false())
    for_children: Mapped[bool] = mapped_column(default=False, server_default=false())
    offered: Mapped[bool] = mapped_column(default=True, server_default=true())
    picture: Mapped[str | None] = mapped_column(String(80))


class MealService(Bookable):
    """One meal of a day (餐次): residents see its menu from `published_at` on."""

    __tablename__ = "meal_service"
    __mapper_args__ = {"polymorphic_identity": KIND}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (one_of("meal", Meal), UniqueConstraint("canteen_id", "day", "meal"))

    id: Mapped[int] = mapped_column(BigInt, ForeignKey("bookable.id"), primary_key=True)
    canteen_id: Mapped[int] = mapped_column(BigInt, ForeignKey("canteen.id"))
    day: Mapped[date] = mapped_column(Date)
    meal: Mapped[str] = mapped_column(String(10))


class MenuItem(Model):
    """A dish on the menu of one meal, at that day's price; portions as of a bookable's places.

    `capacity` null: as many as are ordered. All ways to order draw on the same portions, and
    `overbooked` of them exist by decision of staff only.
    """

    __tablename__ = "menu_item"
    __table_args__ = (
        CheckConstraint("list_fen > 0", name="list_fen"),
        CheckConstraint("0 <= discount_fen AND discount_fen <= list_fen", name="discount_fen"),
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("overbooked >= 0", name="overbooked"),
        CheckConstraint("taken <= capacity + overbooked", name="capacity"),
        UniqueConstraint("meal_service_id", "dish_id"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    id: Mapped[Id]
    meal_service_id: Mapped[int] = mapped_column(BigInt, ForeignKey("meal_service.id"))
    dish_id: Mapped[int] = mapped_column(BigInt, ForeignKey("dish.id"), index=True)
    list_fen: Mapped[int]
    discount_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    overbooked: Mapped[int] = mapped_column(default=0, server_default="0")
