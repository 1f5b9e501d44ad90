"""Canteens and their menus."""

from marshmallow import Schema
from webargs import fields

from backend.canteen.models import Allergen, Meal, Mode, Trait
from miniprogram_api.schemas.base import Choice, IdField, IdInQuery, Moment


class CanteensQuery(Schema):
    """Canteens at a place, below it, or above it; of the whole district without it."""

    place_id = IdInQuery()


class CanteenMealSchema(Schema):
    """A meal (餐次) that a canteen serves: minutes after midnight, where it can be eaten.

    `most`: portions of a dish per person.
    """

    meal = Choice(Meal, required=True)
    from_minute = fields.Integer(required=True)
    until_minute = fields.Integer(required=True)
    modes = fields.List(Choice(Mode), required=True)
    most = fields.Integer(required=True)


class CanteenSchema(Schema):
    """A canteen (食堂). Delivery costs `delivery_fen`, nothing from `free_from_fen` on.

    `street_id`, `community_id`: where it is, null above that level; `latitude` and `longitude`
    (GCJ-02): of a venue of its place, null where none is on the map.
    """

    id = IdField(required=True)
    name = fields.String(required=True)
    place_id = IdField(required=True)
    place_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    picture = fields.String(required=True, allow_none=True)
    street_id = IdField(required=True, allow_none=True)
    community_id = IdField(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    delivery_fen = fields.Integer(required=True)
    free_from_fen = fields.Integer(required=True, allow_none=True)
    meals = fields.List(fields.Nested(CanteenMealSchema), required=True)


class MenuDishSchema(Schema):
    """A dish on a menu; `price_fen` after any discount on `list_fen`, before subsidies.

    `left`: portions still to be had; null: no limit. `dish_id`: the same on every menu. `is_set`: a
    set meal, which standing orders may ask for.
    """

    id = IdField(required=True)
    dish_id = IdField(required=True)
    name = fields.String(required=True)
    about = fields.String(required=True, allow_none=True)
    picture = fields.String(required=True, allow_none=True)
    list_fen = fields.Integer(required=True)
    price_fen = fields.Integer(required=True)
    ingredients = fields.String(required=True, allow_none=True)
    allergens = fields.List(Choice(Allergen), required=True)
    traits = fields.List(Choice(Trait), required=True)
    for_children = fields.Boolean(required=True)
    is_set = fields.Boolean(required=True)
    left = fields.Integer(required=True, allow_none=True)


class MenuSchema(Schema):
    """The menu of one meal; orders are taken, changed and cancelled before `closes_at`."""

    id = IdField(required=True)
    day = fields.String(required=True)
    meal = Choice(Meal, required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    closes_at = Moment(required=True)
    cancelled = fields.Boolean(required=True)
    dishes = fields.List(fields.Nested(MenuDishSchema), required=True)


class CanteenDetailSchema(CanteenSchema):
    """A canteen with the menus on show, today's and those of two weeks ahead."""

    class Meta:
        exclude = ("street_id", "community_id", "latitude", "longitude")

    menus = fields.List(fields.Nested(MenuSchema), required=True)
