"""The canteen of the worker's own community: this week's menus, the next week's still in hand."""

from datetime import date

from sqlalchemy import insert, select

from backend.canteen import planning, plans
from backend.canteen.items import Planned
from backend.canteen.models import Allergen, Canteen, CanteenMeal, Dish, Meal, Mode, Trait
from backend.db import table_of
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.places.models import Place

# name, fen, ingredients, allergens, traits, for children, picture
_DISHES: tuple[tuple[str, int, str, list[str], list[str], bool, str], ...] = (
    ("一荤两素套餐", 1200, "当日荤菜、两样素菜、米饭、例汤", [Allergen.SOY], [], False, "set"),
    ("红烧肉", 1000, "五花肉、冰糖、酱油", [Allergen.SOY], [Trait.SOFT], False, "pork"),
    ("清蒸鲈鱼", 1600, "鲈鱼、姜葱", [Allergen.FISH], [Trait.LOW_SALT, Trait.SOFT], False, "fish"),
    ("番茄炒蛋", 600, "番茄、鸡蛋", [Allergen.EGG], [Trait.SOFT], False, "tomato-egg"),
    ("麻婆豆腐", 500, "豆腐、肉末、花椒", [Allergen.SOY], [Trait.SOFT], False, "tofu"),
    ("清炒时蔬", 400, "当季青菜", [], [Trait.LOW_SALT, Trait.VEGETARIAN], False, "greens"),
    ("冬瓜虾仁汤", 500, "冬瓜、虾仁", [Allergen.CRUSTACEANS], [Trait.SOFT], False, "soup"),
    ("杂粮粥", 200, "小米、红豆、燕麦", [Allergen.GLUTEN],
     [Trait.LOW_SALT, Trait.SOFT, Trait.VEGETARIAN], False, "porridge"),
    ("鲜肉包", 200, "面粉、猪肉", [Allergen.GLUTEN, Allergen.SOY], [], False, "bun"),
    ("儿童营养套餐", 1500, "鸡腿、西兰花、玉米饭、牛奶", [Allergen.MILK], [], True, "child"),
)  # fmt: skip
LUNCHES = (
    ("一荤两素套餐", "红烧肉", "番茄炒蛋", "清炒时蔬", "儿童营养套餐"),
    ("一荤两素套餐", "清蒸鲈鱼", "麻婆豆腐", "清炒时蔬", "冬瓜虾仁汤"),
)
_BREAKFAST = ("杂粮粥", "鲜肉包")
PORTIONS = {"一荤两素套餐": 120, "清蒸鲈鱼": 40, "儿童营养套餐": 30}


def play(ground: Ground) -> None:
    """The manager sets it up; the worker shows two weeks of menus, and plans a third."""
    canteen_id = _enter(ground)
    known = select(Dish.name, Dish.id).where(Dish.canteen_id == canteen_id)
    dishes = {row.name: row.id for row in ground.session.execute(known)}
    me = ground.staff("worker")
    for number in range(3):
        week = ground.today + number * planning.WEEK
        plan = plans.get_week(ground.session, me, canteen_id, week, ground.now)
        for one in plan["days"]:
            if one["day"] > ground.today and not one["why_not"]:
                _plan(ground, canteen_id, one["day"], dishes)
        if number < 2:
            planning.publish(ground.session, me, canteen_id, week, None, ground.now)


def _plan(ground: Ground, canteen_id: int, day: date, dishes: dict[str, int]) -> None:
    lunch = LUNCHES[day.toordinal() % 2]
    for meal, names in ((Meal.BREAKFAST, _BREAKFAST), (Meal.LUNCH, lunch)):
        menu = [Planned(dish_id=dishes[name], capacity=PORTIONS.get(name)) for name in names]
        planning.set_menu(
            ground.session, ground.staff("worker"), canteen_id, day, meal, menu, ground.now
        )


def _enter(ground: Ground) -> int:
    canteen = table_of(Canteen)
    place = ground.session.get_one(Place, ground.centre(OWN_CENTRE).id)
    canteen_id = int(
        ground.session.scalars(
            insert(canteen)
            .values(
                code=f"{place.code}-canteen", name=f"{place.name}食堂", place_id=place.id,
                address=place.address, phone=place.phone, weekdays=[0, 1, 2, 3, 4, 5],
                delivery_fen=200, free_from_fen=3000,
            )
            .returning(canteen.c.id)
        ).one()
    )  # fmt: skip
    ground.session.execute(
        insert(table_of(CanteenMeal)),
        [
            {"canteen_id": canteen_id, "meal": meal, "from_minute": opens, "until_minute": closes,
             "cutoff_days": 1, "cutoff_minute": 16 * 60, "most": 2, "modes": modes}
            for meal, opens, closes, modes in (
                (Meal.BREAKFAST, 390, 510, [Mode.DINE_IN, Mode.PICK_UP]),
                (Meal.LUNCH, 660, 750, [Mode.DINE_IN, Mode.PICK_UP, Mode.DELIVERY]),
                (Meal.DINNER, 1020, 1110, [Mode.DINE_IN, Mode.PICK_UP, Mode.DELIVERY]),
            )
        ],
    )  # fmt: skip
    names = ("name", "list_fen", "ingredients", "allergens", "traits", "for_children")
    ground.session.execute(
        insert(table_of(Dish)),
        [
            dict(zip(names, row[:-1], strict=True))
            | {
                "canteen_id": canteen_id,
                "is_set": row[0].endswith("套餐"),
                "picture": f"dish-{row[-1]}.svg",
            }
            for row in _DISHES
        ],
    )
    return canteen_id
