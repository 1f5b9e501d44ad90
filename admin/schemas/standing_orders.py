"""The forms of standing orders."""

from marshmallow import fields

from admin.schemas.base import Asked, Choice, Day, IdField, Whole
from backend.canteen.models import Meal, Mode
from backend.canteen.repeating.models import Otherwise, Rest


class CanteenQuery(Asked):
    """Of which canteen the form offers dishes."""

    canteen_id = IdField(load_default=None)


class StandingOrderForm(Asked):
    """A standing order; no dish ticked: the day's set meal."""

    canteen_id = IdField(required=True)
    meal = Choice(Meal, required=True)
    weekdays = fields.List(Whole(0, 6), load_default=[])
    dish_ids = fields.List(IdField(), load_default=[])
    otherwise = Choice(Otherwise, load_default=Otherwise.SET)
    portions = Whole(1, 20, load_default=1)
    mode = Choice(Mode, required=True)
    since = Day(required=True)


class PauseForm(Asked):
    """From when until when; no last day: until resumed."""

    from_day = Day(required=True)
    until_day = Day(load_default=None)
    why = Choice(Rest, required=True)


class ResumeForm(Asked):
    """From when on."""

    from_day = Day(required=True)


class DayForm(Asked):
    """Which day."""

    day = Day(required=True)
