"""The forms of the planning pages."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load, validate

from admin.schemas.base import Asked, Choice, Day, IdField, Text
from backend.night_school.models import Audience
from backend.night_school.planning.copying import CopyTerm
from backend.night_school.planning.plan import Hour, Plan
from backend.tables.fields import At, MinuteOfDay, Number, Yuan

HOURS = 4
"""How many weekly hours the form has lines for."""


class PlaceQuery(Asked):
    """Where a class is planned, and what the form starts from."""

    place_id = IdField()
    run_id = IdField()
    template_id = IdField()
    term_id = IdField()


class ScheduleForm(Asked):
    """From when residents see a class."""

    published_at = At(_("发布时间"), required=True)


class TemplateForm(Asked):
    """What a template is called."""

    name = Text(longest=40, required=True)


class PlaceForm(Asked):
    """Where the class at hand is planned."""

    place_id = IdField(required=True)


class PlanForm(PlaceForm):
    """A class to plan; `skipped` and `seen` come with its preview."""

    course_id = IdField(required=True)
    term_id = IdField(required=True)
    room_id = IdField(load_default=None)
    teacher_id = IdField(load_default=None)
    first_day = Day(load_default=None)
    lessons = Number(_("课次"), 1, 100)
    capacity = Number(_("名额"), 1, 2000, required=True)
    minimum = Number(_("开班人数"), 1, 2000)
    price_fen = Yuan(_("费用（元）"), required=True)
    audience = Choice(Audience, required=True)
    min_age = Number(_("最小年龄"), 0, 120)
    max_age = Number(_("最大年龄"), 0, 120)
    home_place_id = IdField(load_default=None)
    opens_at = At(_("报名开始"), required=True)
    closes_at = At(_("报名截止"))
    published_at = At(_("发布时间"))
    weekday_1 = Number(_("星期"), 0, 6)
    weekday_2 = Number(_("星期"), 0, 6)
    weekday_3 = Number(_("星期"), 0, 6)
    weekday_4 = Number(_("星期"), 0, 6)
    from_1 = MinuteOfDay(_("上课时间"))
    from_2 = MinuteOfDay(_("上课时间"))
    from_3 = MinuteOfDay(_("上课时间"))
    from_4 = MinuteOfDay(_("上课时间"))
    minutes_1 = Number(_("时长（分钟）"), 15, 480)
    minutes_2 = Number(_("时长（分钟）"), 15, 480)
    minutes_3 = Number(_("时长（分钟）"), 15, 480)
    minutes_4 = Number(_("时长（分钟）"), 15, 480)
    template_id = IdField(load_default=None)
    like_run_id = IdField(load_default=None)
    skipped = fields.List(fields.String(validate=validate.Length(max=40)), load_default=list)
    seen = fields.List(fields.String(validate=validate.Length(max=2000)), load_default=list)

    @post_load
    def as_plan(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """The plan, beside what came with its preview, and after what it was planned."""
        hours = [_hour(asked, number) for number in range(1, HOURS + 1)]
        skipped, seen = frozenset(asked.pop("skipped")), frozenset(asked.pop("seen"))
        after = {name: asked.pop(name) for name in ("template_id", "like_run_id")}
        plan = Plan(hours=tuple(sorted(hour for hour in hours if hour)), **asked)
        return {"plan": plan, "skipped": skipped, "seen": seen, "after": after}


class CopyForm(PlaceForm):
    """A term to copy; `chosen` and `seen` come with its preview."""

    source_id = IdField(required=True)
    term_id = IdField(required=True)
    opens_at = At(_("报名开始"), required=True)
    closes_at = At(_("报名截止"))
    chosen = fields.List(IdField(), load_default=list)
    seen = fields.List(fields.String(validate=validate.Length(max=80)), load_default=list)

    @post_load
    def as_wish(self, asked: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """What to copy, beside what came with its preview."""
        chosen, seen = frozenset(asked.pop("chosen")), frozenset(asked.pop("seen"))
        if asked["source_id"] == asked["term_id"]:
            raise ValidationError(gettext("请选择两个不同的学期。"), "term_id")
        return {"asked": CopyTerm(**asked), "chosen": chosen, "seen": seen}


def _hour(asked: dict[str, Any], number: int) -> Hour | None:
    """The hour of one line, None where nothing was chosen."""
    weekday, start, minutes = (
        asked.pop(f"{name}_{number}") for name in ("weekday", "from", "minutes")
    )
    if weekday is None:
        return None
    if start is None or minutes is None:
        raise ValidationError(gettext("请把星期、上课时间和时长都填上。"), "hours")
    return Hour(weekday, start, minutes)
