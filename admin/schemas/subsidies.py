"""The forms of subsidy rules: who gets how much on which meals, and who pays it."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Text, Whole
from admin.schemas.canteen import Yuan
from backend.canteen.eaters.models import Category
from backend.canteen.models import Meal, Mode
from backend.canteen.pricing.keeping import Terms
from backend.canteen.pricing.rules import WHOLE, Part, Payer
from backend.money import fen_of

PARTS = (1, 2, 3)
OLDEST = 120
BASES = ("list", "reduced")
_MOST_SHARES = 10_000
_AMOUNTS = {
    "fixed": "fixed_fen", "percent": "percent", "least": "min_spend_fen", "cap": "cap_fen",
    "day": "day_fen", "week": "week_fen", "day_meals": "day_meals", "week_meals": "week_meals",
}  # fmt: skip


class Percent(fields.String):
    """A share such as 25 or 12.5%, in hundredths of a percent."""

    default_error_messages = {  # noqa: RUF012
        "percent": _("请填写 100 以内的百分比，最多两位小数，例如 25 或 12.5。"),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        typed = super()._deserialize(value, attr, data, **kwargs).strip().removesuffix("%")
        share = fen_of(typed)
        if share is None or share > WHOLE:
            raise ValidationError([str(self.error_messages["percent"])])
        return share


def _parts() -> dict[str, Any]:
    own: dict[str, Any] = {}
    for number in PARTS:
        for name in _AMOUNTS:
            field: Any = Yuan(load_default=None)
            if name == "percent":
                field = Percent(load_default=None)
            elif name.endswith("_meals"):
                field = Whole(1, 21, load_default=None)
            own[f"{name}_{number}"] = field
        for payer in Payer:
            own[f"{payer}_{number}"] = Whole(0, _MOST_SHARES, load_default=None)
    return own


class _TermsForm(Asked):
    """What a version says, as `Terms`."""

    starts_on = Day(required=True)
    ends_on = Day(load_default=None)
    min_age = Whole(0, OLDEST, load_default=None)
    max_age = Whole(0, OLDEST, load_default=None)
    home_place_id = IdField(load_default=None)
    categories = fields.List(Choice(Category), load_default=list)
    meals = fields.List(Choice(Meal), load_default=list)
    modes = fields.List(Choice(Mode), load_default=list)
    base = Choice(BASES, required=True)
    second_portion = Flag()

    @post_load
    def as_terms(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """`terms`, and whatever else the form asks."""
        parts = [part for number in PARTS if (part := _part(data, number))]
        if not parts:
            raise ValidationError({"fixed_1": [gettext("请填写补多少元，或百分之几。")]})
        own = {"starts_on", "ends_on", "min_age", "max_age", "home_place_id", "categories",
               "meals", "modes", "second_portion"}  # fmt: skip
        terms = Terms(
            **{name: data[name] for name in own}, on_list=data["base"] == BASES[0], parts=parts
        )
        more = {name: value for name, value in data.items() if name in ("name", "place_id")}
        return more | {"terms": terms}


TermsForm = type("TermsForm", (_TermsForm,), _parts())


class NewRuleForm(TermsForm):  # type: ignore[misc, valid-type]
    """The same, with the name and the place of a new rule."""

    name = Text(longest=40, required=True)
    place_id = IdField(required=True)


class StopForm(Asked):
    """The rule's last day; empty: it goes on."""

    ends_on = Day(load_default=None)


def _part(data: dict[str, Any], number: int) -> Part | None:
    """One part as it is filled in; nothing where all its fields are empty."""
    given = {name: data[f"{name}_{number}"] for name in _AMOUNTS}
    payers = {payer: weight for payer in Payer if (weight := data[f"{payer}_{number}"])}
    if not payers and not any(value is not None for value in given.values()):
        return None
    if bool(given["fixed"]) == bool(given["percent"]):
        told = (
            gettext("固定金额和百分比只填一个；两样都补的，分成两项。")
            if given["fixed"]
            else gettext("请填写补多少元，或百分之几。")
        )
        raise ValidationError({f"fixed_{number}": [told]})
    if not payers:
        raise ValidationError({f"{Payer.CITY}_{number}": [gettext("请填写由谁出，至少一家。")]})
    said = {_AMOUNTS[name]: value for name, value in given.items() if value is not None}
    return Part(**said, payers=payers)


class WhyQuery(Asked):
    """Which meal of whom: without a day today's; `fen` where nothing is ordered yet."""

    canteen_id = IdField(load_default=None)
    day = Day(load_default=None)
    meal = Choice(Meal, load_default=Meal.LUNCH)
    mode = Choice(Mode, load_default=None)
    fen = Yuan(load_default=1200)
