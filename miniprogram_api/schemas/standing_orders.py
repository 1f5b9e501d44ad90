"""Standing orders (固定订餐)."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from backend.canteen.models import Meal, Mode
from backend.canteen.repeating.days import DayState
from backend.canteen.repeating.models import Otherwise, Rest, Why
from miniprogram_api.schemas.base import REQUIRED, Asked, Choice, IdField, Moment, Whole


class Day(fields.Date):
    """A calendar day: 2026-03-18."""

    default_error_messages = REQUIRED | {"invalid": _("请填写正确的日期，例如 1953-08-16。")}


class ChosenDishSchema(Schema):
    """A dish of the canteen."""

    id = IdField(required=True)
    name = fields.String(required=True)


class StandingDaySchema(Schema):
    """What becomes of a day: `why` says why it was left out; orders close at `closes_at`.

    `own`: somebody ordered that meal by themselves, or gave it back. `coming`: it is made once its
    menu is shown; without `closes_at` it is not yet. `too_late`: it closed before anything was
    ordered. `not_served`: nothing is cooked that day. `closed`: nothing changes any more.
    """

    day = fields.Date(required=True)
    state = Choice(DayState, required=True)
    why = Choice(Why, required=True, allow_none=True)
    booking_id = IdField(required=True, allow_none=True)
    closes_at = Moment(required=True, allow_none=True)
    closed = fields.Boolean(required=True)


class StandingOrderSchema(Schema):
    """A standing order and its days of the next two weeks; no `dishes`: the day's set meal.

    Days that were closed when it was set up are left out.
    """

    id = IdField(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    canteen_id = IdField(required=True)
    canteen_name = fields.String(required=True)
    meal = Choice(Meal, required=True)
    weekdays = fields.List(fields.Integer(), required=True)
    dishes = fields.List(fields.Nested(ChosenDishSchema), required=True)
    otherwise = Choice(Otherwise, required=True)
    portions = fields.Integer(required=True)
    mode = Choice(Mode, required=True)
    since = fields.Date(required=True)
    days = fields.List(fields.Nested(StandingDaySchema), required=True)


class PauseSchema(Schema):
    """Somebody's standing orders rest up to and with `until_day`; null: until they are resumed."""

    id = IdField(required=True)
    person_id = IdField(required=True)
    from_day = fields.Date(required=True)
    until_day = fields.Date(required=True, allow_none=True)
    why = Choice(Rest, required=True)


class HouseholdMemberSchema(Schema):
    """Somebody with standing orders whom I may let rest and go on, but not order for."""

    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    rests = fields.Boolean(required=True)


class StandingOrdersSchema(Schema):
    """Those of everybody I may act for; `household`: who else of it has some."""

    orders = fields.List(fields.Nested(StandingOrderSchema), required=True)
    pauses = fields.List(fields.Nested(PauseSchema), required=True)
    household = fields.List(fields.Nested(HouseholdMemberSchema), required=True)


class StandingOrderBody(Asked):
    """`weekdays`: Monday is 0. `otherwise`: what if the dishes cannot be had."""

    person_id = IdField(required=True)
    canteen_id = IdField(required=True)
    meal = Choice(Meal, required=True)
    weekdays = fields.List(
        Whole(0, 6, strict=True), required=True,
        validate=validate.Length(min=1, max=7, error=_("请至少选一天。")),
    )  # fmt: skip
    dish_ids = fields.List(IdField(), required=True)
    otherwise = Choice(Otherwise, load_default=Otherwise.SET)
    portions = Whole(1, 20, strict=True, load_default=1)
    mode = Choice(Mode, required=True)
    since = Day(required=True)


class MadeSchema(Schema):
    """How many meals were ordered at once, and those that could not be."""

    id = IdField(required=True)
    made = fields.Integer(required=True)
    left_out = fields.Integer(required=True)


class AgainSchema(Schema):
    """How many meals were ordered at once, and those that could not be."""

    made = fields.Integer(required=True)
    left_out = fields.Integer(required=True)


class RestedDaySchema(Schema):
    """A meal of a day."""

    day = fields.Date(required=True)
    meal = Choice(Meal, required=True)


class RestedSchema(Schema):
    """Meals that were given back, and those that are closed and `stay` ordered."""

    given_back = fields.List(fields.Nested(RestedDaySchema), required=True)
    stay = fields.List(fields.Nested(RestedDaySchema), required=True)


class DayBody(Asked):
    """Which day."""

    day = Day(required=True)


class PauseBody(Asked):
    """Whose standing orders rest, from when until when; without `until_day` until resumed."""

    person_id = IdField(required=True)
    from_day = Day(required=True)
    until_day = Day(load_default=None, allow_none=True)
    why = Choice(Rest, required=True)


class ResumeBody(Asked):
    """From when on they are ordered again."""

    person_id = IdField(required=True)
    from_day = Day(required=True)
