"""Months of canteens as they were published."""

from marshmallow import Schema
from webargs import fields

from miniprogram_api.schemas.base import IdField


class CanteenMonthSchema(Schema):
    """One canteen's month: meals handed over; what residents paid, what the layers give (subsidy),
    and what the canteen spent, in fen.
    """

    canteen_id = IdField(required=True)
    name = fields.String(required=True)
    place_name = fields.String(required=True)
    meals = fields.Integer(required=True)
    income_fen = fields.Integer(required=True)
    subsidy_fen = fields.Integer(required=True)
    cost_fen = fields.Integer(required=True)
    note = fields.String(required=True, allow_none=True)


class MonthsSchema(Schema):
    """The sheet of `month` (2026-03; null where nothing is published), and all `months`, the latest
    first.
    """

    month = fields.String(required=True, allow_none=True)
    months = fields.List(fields.String(), required=True)
    canteens = fields.List(fields.Nested(CanteenMonthSchema), required=True)
