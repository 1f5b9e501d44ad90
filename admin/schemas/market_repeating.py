"""The forms of templates: on which day of the month, and what is made of them."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, post_load

from admin.schemas.base import Asked, Choice, Day, Text, Whole
from backend.market.repeating.dates import LAST, Rule

WEEKDAY, DATE = "weekday", "date"


class RuleForm(Asked):
    """Every month on a weekday of a week, or on a fixed day."""

    on = Choice((WEEKDAY, DATE), required=True)
    week = Whole(1, LAST, load_default=None)
    weekday = Whole(0, 6, load_default=None)
    day_of_month = Whole(1, 28, load_default=None)

    @post_load
    def rule(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """As the rule that the verbs take; what is not chosen is passed over."""
        week, weekday = data.pop("week"), data.pop("weekday")
        day_of_month = data.pop("day_of_month")
        if data.pop("on") == WEEKDAY:
            if week is None or weekday is None:
                raise ValidationError({"week": [str(_("请选择第几个星期几。"))]})
            return data | {"rule": Rule(week, weekday)}
        if day_of_month is None:
            raise ValidationError({"day_of_month": [str(_("请填写几号，1 到 28。"))]})
        return data | {"rule": Rule(day_of_month=day_of_month)}


class TemplateForm(RuleForm):
    """The same with another title and spot."""

    title = Text(longest=40, required=True)
    spot = Text(longest=60, required=True)


class MakeForm(Asked):
    """Which of the coming days is made now."""

    day = Day(required=True)
