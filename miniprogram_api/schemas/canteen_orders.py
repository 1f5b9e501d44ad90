"""Meal orders: what is wanted, what it costs, what was ordered. Sums are in fen."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, validate
from webargs import fields

from backend.booking.models import State
from backend.canteen.delivery.models import Reason
from backend.canteen.models import Meal, Mode
from backend.canteen.pricing.rules import Payer
from backend.canteen.serving.models import Way
from miniprogram_api.schemas.base import Asked, Choice, Flag, IdField, Moment, Text, Whole

_RINGS = validate.Regexp(r"[0-9+() -]{5,20}\Z", error=_("请填写打得通的电话号码。"))
MOST_DISHES = 30


class WantedDish(Asked):
    """So many portions of a dish on the menu."""

    id = IdField(required=True)
    portions = Whole(1, 99, strict=True, required=True)


class ChosenBody(Asked):
    """Dishes, and how they are eaten; without `address` they are brought to the eater's home."""

    dishes = fields.List(
        fields.Nested(WantedDish), required=True, validate=validate.Length(1, MOST_DISHES)
    )
    mode = Choice(Mode, required=True)
    address = Text(shortest=4, longest=120, load_default=None, allow_none=True)


class QuoteBody(ChosenBody):
    """What somebody of the household wants to eat."""

    person_id = IdField(required=True)


class AmendBody(ChosenBody):
    """What is wanted instead; `pays_fen`: the total that was shown.

    `despite_diet`: the eater's diet speaks against a dish, and it is meant all the same.
    """

    pays_fen = Whole(0, 10_000_000, strict=True, required=True)
    phone = fields.String(load_default=None, allow_none=True, validate=_RINGS)
    note = Text(longest=60, load_default=None, allow_none=True)
    despite_diet = Flag(load_default=False)


class OrderBody(AmendBody):
    """An order for oneself or somebody of the household."""

    person_id = IdField(required=True)


class ShareSchema(Schema):
    """What one layer pays."""

    payer = Choice(Payer, required=True)
    fen = fields.Integer(required=True)


class OrderDishSchema(Schema):
    """A line: sums of all its portions; list = discount + subsidy + what is paid.

    `id` is that of the menu's dish, `dish_id` is the same on every menu.
    """

    id = IdField(required=True)
    dish_id = IdField(required=True)
    name = fields.String(required=True)
    portions = fields.Integer(required=True)
    list_fen = fields.Integer(required=True)
    discount_fen = fields.Integer(required=True)
    subsidy_fen = fields.Integer(required=True)
    pays_fen = fields.Integer(required=True)


class DishClashSchema(Schema):
    """What of the eater's diet speaks against a dish; or a hint, where it need not be confirmed."""

    sentence = fields.String(required=True)
    must_confirm = fields.Boolean(required=True)


class QuoteDishSchema(OrderDishSchema):
    """A line as it would be."""

    clashes = fields.List(fields.Nested(DishClashSchema), required=True)


class OrderedDishSchema(OrderDishSchema):
    """A line of an order; `instead`: what is cooked for it, where the dish was replaced."""

    instead = fields.String(required=True, allow_none=True)


class SumsSchema(Schema):
    """list + fee for delivery = discount + subsidy + what is paid."""

    list_fen = fields.Integer(required=True)
    discount_fen = fields.Integer(required=True)
    subsidy_fen = fields.Integer(required=True)
    fee_fen = fields.Integer(required=True)
    pays_fen = fields.Integer(required=True)


class QuoteSchema(SumsSchema):
    """What an order would cost. `available_fen` can be spent, `short_fen` are missing.

    `rule`: the subsidy that applies; `booking_id`: the order that this one would take the place of;
    `address`: where it would be brought.
    """

    dishes = fields.List(fields.Nested(QuoteDishSchema), required=True)
    rule = fields.String(required=True, allow_none=True)
    shares = fields.List(fields.Nested(ShareSchema), required=True)
    booking_id = IdField(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    available_fen = fields.Integer(required=True)
    short_fen = fields.Integer(required=True)


class OrderedSchema(Schema):
    """The order; `is_new`: the person had none for that meal, else it was amended."""

    booking_id = IdField(required=True)
    state = Choice(State, required=True)
    is_new = fields.Boolean(required=True)
    pays_fen = fields.Integer(required=True)


class OrdersQuery(Schema):
    """Which orders."""

    past = Flag(load_default=False)


class OrderSchema(SumsSchema):
    """An order of mine or of somebody I act for; `may_change` until `closes_at`.

    `served_at`: since when it is known to be eaten, fetched at the counter or brought to the door.
    `delivery`: until then, since `delivery_at`, a meal that is brought is out, or could not be
    handed over (`delivery_reason`).
    """

    booking_id = IdField(required=True)
    meal_service_id = IdField(required=True)
    canteen_id = IdField(required=True)
    canteen_name = fields.String(required=True)
    day = fields.String(required=True)
    meal = Choice(Meal, required=True)
    mode = Choice(Mode, required=True)
    state = Choice(State, required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    closes_at = Moment(required=True)
    may_change = fields.Boolean(required=True)
    served_at = Moment(required=True, allow_none=True)
    served_way = Choice(Way, required=True, allow_none=True)
    delivery = Choice(("out", "failed"), required=True, allow_none=True)
    delivery_at = Moment(required=True, allow_none=True)
    delivery_reason = Choice(Reason, required=True, allow_none=True)
    dishes = fields.List(fields.Nested(OrderedDishSchema), required=True)
    revision = fields.Integer(required=True)


class OrderDetailSchema(OrderSchema):
    """An order with where it goes, its codes, and who pays which share by which rule.

    `is_standing`: a standing order made it, and goes on.
    """

    rule = fields.String(required=True, allow_none=True)
    shares = fields.List(fields.Nested(ShareSchema), required=True)
    code = fields.String(required=True)
    short_code = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    is_standing = fields.Boolean(required=True)
    canteen_phone = fields.String(required=True, allow_none=True)
    canteen_address = fields.String(required=True, allow_none=True)
