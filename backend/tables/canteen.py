"""What a canteen is set up from: canteens, their meals, days of their own, and dishes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.models import Canteen, CanteenDay, CanteenMeal, Dish
from backend.canteen.wording import ALLERGENS, MEALS, MODES, TRAITS, WEEKDAYS
from backend.db import table_of
from backend.errors import Invalid
from backend.places.models import Place
from backend.staff.access import SignedInStaff
from backend.tables.catalogue import any_manager
from backend.tables.fields import (
    Chosen,
    Code,
    Day,
    Line,
    MinuteOfDay,
    Number,
    Ref,
    Several,
    Yuan,
)
from backend.tables.places import in_reach, parents
from backend.tables.table import Choices, Option, Table
from backend.tables.venues import YES_NO
from backend.tables.writing import insert_into, update_of

canteen, place = table_of(Canteen), table_of(Place)
meal, day, dish = table_of(CanteenMeal), table_of(CanteenDay), table_of(Dish)


def canteens(session: Session, me: SignedInStaff) -> list[Option]:
    """Canteens in reach."""
    rows = session.execute(
        select(canteen.c.id, canteen.c.code, canteen.c.name)
        .join(place, place.c.id == canteen.c.place_id)
        .where(in_reach(me))
        .order_by(place.c.path, canteen.c.name)
    )
    return [Option(row.id, row.code, row.name) for row in rows]


class CanteenRow(Schema):
    """The columns of canteens."""

    code = Code(_("编码"), 32)
    name = Line(_("食堂名称"), 40, required=True, width=24)
    place_id = Ref(_("所在地"), parents, required=True, only_new=True, width=18)
    address = Line(_("地址"), 120, width=32)
    phone = Line(_("电话"), 20)
    weekdays = Several(_("每周哪几天供餐"), WEEKDAYS, required=True, width=24)
    on_holidays = Chosen(_("法定节假日也供餐"), YES_NO, required=True, width=10)
    delivery_fen = Yuan(_("送餐费（元）"), required=True, listed=False, width=10)
    free_from_fen = Yuan(_("满多少免送餐费（元）"), listed=False, width=12, hint=_("留空就不免。"))


class MealRow(Schema):
    """The columns of meals."""

    canteen_id = Ref(_("食堂"), canteens, required=True, only_new=True, width=24)
    meal = Chosen(_("餐次"), MEALS, required=True, only_new=True, width=8)
    from_minute = MinuteOfDay(_("几点开餐"), required=True, width=10)
    until_minute = MinuteOfDay(_("几点结束"), required=True, width=10)
    cutoff_days = Number(_("提前几个供餐日截止"), 0, 7, required=True, width=12,
                         hint=_("0 是当天；周末、节假日不供餐的不算。"))  # fmt: skip
    cutoff_minute = MinuteOfDay(_("那天几点截止"), required=True, width=10,
                                hint=_("订餐、改餐、退餐都到这一刻为止。"))  # fmt: skip
    most = Number(_("每人每道菜最多几份"), 1, 20, required=True, width=12)
    modes = Several(_("怎么吃"), MODES, required=True, width=18)


class DayRow(Schema):
    """The columns of days that depart from the calendar."""

    canteen_id = Ref(_("食堂"), canteens, required=True, only_new=True, width=24)
    day = Day(_("日期"), required=True, only_new=True)
    serves = Chosen(_("供餐"), YES_NO, required=True, width=8)
    reason = Line(_("原因"), 60, required=True, width=30, hint=_("居民会看到，例如：台风停餐。"))


class DishRow(Schema):
    """The columns of dishes."""

    canteen_id = Ref(_("食堂"), canteens, required=True, only_new=True, width=24)
    name = Line(_("菜名"), 20, required=True, only_new=True, width=18,
                hint=_("套餐也登记成一道，例如：一荤两素套餐。"))  # fmt: skip
    list_fen = Yuan(_("价格（元）"), required=True, width=10)
    about = Line(_("一句话介绍"), 60, listed=False, width=30)
    ingredients = Line(_("主料配料"), 120, listed=False, width=32)
    allergens = Several(_("含过敏原"), ALLERGENS, width=20)
    traits = Several(_("适合"), TRAITS, width=18)
    is_set = Chosen(_("套餐"), YES_NO, load_default=False, width=8,
                    hint=_("固定订餐的居民没有另选菜，就订当天的套餐。"))  # fmt: skip
    for_children = Chosen(_("儿童餐"), YES_NO, load_default=False, width=8)
    offered = Chosen(_("还在供应"), YES_NO, load_default=True, width=8)


def meal_has_hours(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """It ends after it begins, and orders close before it begins."""
    if values["until_minute"] <= values["from_minute"]:
        raise Invalid({"until_minute": [gettext("结束要晚于开餐。")]})
    if not values["cutoff_days"] and values["cutoff_minute"] > values["from_minute"]:
        raise Invalid({"cutoff_minute": [gettext("当天截止的，要在开餐以前。")]})


def dish_costs(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """A dish has a price."""
    if values.get("list_fen") == 0:
        raise Invalid({"list_fen": [gettext("价格要大于零。")]})


def _columns(table: Any, schema: type[Schema]) -> dict[str, Any]:
    return {name: table.c[name] for name in schema().fields}


def _of_canteen(table: Any) -> Any:
    return table.join(canteen, canteen.c.id == table.c.canteen_id).join(
        place, place.c.id == canteen.c.place_id
    )


CANTEENS = Table(
    name="canteens", subject="canteen",
    title=_("食堂"), noun=_("食堂"), drawing="house-heart", schema=CanteenRow,
    source=canteen.join(place, place.c.id == canteen.c.place_id), ident=canteen.c.id, key="code",
    scope=in_reach, may_edit=any_manager, columns=_columns(canteen, CanteenRow),
    search=(canteen.c.name, place.c.name), order=(place.c.path, canteen.c.name),
    place_of=canteen.c.place_id, create=insert_into(Canteen), change=update_of(Canteen),
    pictures=Canteen,
)  # fmt: skip
CANTEEN_MEALS = Table(
    name="canteen_meals", subject="canteen_meal",
    title=_("食堂餐次"), noun=_("餐次"), drawing="clock", schema=MealRow,
    source=_of_canteen(meal), ident=meal.c.id, scope=in_reach, may_edit=any_manager,
    columns=_columns(meal, MealRow), search=(canteen.c.name,),
    order=(place.c.path, canteen.c.name, meal.c.from_minute), place_of=canteen.c.place_id,
    create=insert_into(CanteenMeal), change=update_of(CanteenMeal), rules=(meal_has_hours,),
    together=("canteen_id", "meal"), rehearsed=True,
    note=_("改了时间，只管以后发布的菜单；已经发布的仍按原来的截止时间。"),
)  # fmt: skip
CANTEEN_DAYS = Table(
    name="canteen_days", subject="canteen_day",
    title=_("食堂供餐调整"), noun=_("调整"), drawing="calendar-check", schema=DayRow,
    source=_of_canteen(day), ident=day.c.id, scope=in_reach, may_edit=any_manager,
    columns=_columns(day, DayRow), search=(canteen.c.name, day.c.reason),
    order=(day.c.day.desc(), canteen.c.name), place_of=canteen.c.place_id,
    create=insert_into(CanteenDay), change=update_of(CanteenDay),
    together=("canteen_id", "day"), rehearsed=True,
    note=_("平时按每周供餐日、国家节假日和调休算；只有不一样的日子才填在这里。"),
)  # fmt: skip
DISHES = Table(
    name="dishes", subject="dish",
    title=_("菜品"), noun=_("菜品"), drawing="card-checklist", schema=DishRow,
    source=_of_canteen(dish), ident=dish.c.id, scope=in_reach, may_edit=any_manager,
    columns=_columns(dish, DishRow), search=(dish.c.name, canteen.c.name),
    order=(canteen.c.name, dish.c.name), place_of=canteen.c.place_id,
    create=insert_into(Dish), change=update_of(Dish), rules=(dish_costs,), pictures=Dish,
    together=("canteen_id", "name"), rehearsed=True,
    note=_("价格改了以后，新排的菜单用新价；已经排好的菜单不变。"),
)  # fmt: skip
