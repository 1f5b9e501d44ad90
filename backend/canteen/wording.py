"""The canteen's words in Chinese, for forms, pages and sentences."""

from flask_babel import lazy_gettext as _

from backend.canteen.models import Allergen, Meal, Mode, Trait

MEALS = {Meal.BREAKFAST: _("早餐"), Meal.LUNCH: _("午餐"), Meal.DINNER: _("晚餐")}
MODES = {Mode.DINE_IN: _("堂食"), Mode.PICK_UP: _("自取"), Mode.DELIVERY: _("送餐")}
WEEKDAYS = {
    0: _("周一"),
    1: _("周二"),
    2: _("周三"),
    3: _("周四"),
    4: _("周五"),
    5: _("周六"),
    6: _("周日"),
}
ALLERGENS = {
    Allergen.GLUTEN: _("麸质谷物"),
    Allergen.CRUSTACEANS: _("虾蟹"),
    Allergen.FISH: _("鱼"),
    Allergen.EGG: _("蛋"),
    Allergen.PEANUT: _("花生"),
    Allergen.SOY: _("大豆"),
    Allergen.MILK: _("奶"),
    Allergen.NUTS: _("坚果"),
    Allergen.SESAME: _("芝麻"),
}
TRAITS = {
    Trait.LOW_SALT: _("少盐"),
    Trait.LOW_SUGAR: _("少糖"),
    Trait.SOFT: _("软烂"),
    Trait.HALAL: _("清真"),
    Trait.VEGETARIAN: _("素食"),
}
