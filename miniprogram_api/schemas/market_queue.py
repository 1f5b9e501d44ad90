"""Queue numbers at markets."""

from marshmallow import Schema
from webargs import fields

from backend.market.models import Stage
from miniprogram_api.schemas.base import Asked, Choice, Flag, IdField, Moment, Text


class CalledSchema(Schema):
    """A number that was called: at which desk, how often again, how many minutes ago."""

    number = fields.Integer(required=True)
    desk = fields.Integer(required=True)
    recalls = fields.Integer(required=True)
    minutes = fields.Integer(required=True)


class WaitingSchema(Schema):
    """A number that waits: so many are `ahead`, and about so many minutes are left."""

    number = fields.Integer(required=True)
    booked = fields.Boolean(required=True)
    ahead = fields.Integer(required=True)
    minutes = fields.Integer(required=True)


class LineSchema(Schema):
    """A stall's line in the order in which it will be called, as it looks at `now`, to the minute:
    what has not changed has the same ETag.

    `minutes_each` is learned from the day so far. Somebody new would be called in `minutes_new`;
    `in_vain`: not before the stall closes.
    """

    stall_id = IdField(required=True)
    service = fields.String(required=True)
    now = Moment(required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    paused = fields.Boolean(required=True)
    closed = fields.Boolean(required=True)
    called = fields.List(fields.Nested(CalledSchema), required=True)
    waiting = fields.List(fields.Nested(WaitingSchema), required=True)
    served = fields.Integer(required=True)
    minutes_each = fields.Integer(required=True)
    minutes_new = fields.Integer(required=True)
    in_vain = fields.Boolean(required=True)


class NumberBody(Asked):
    """For whom, and the code on show at the stall.

    `anyway`: also if it looks as though the stall will close before their turn (409230 says so).
    """

    person_id = IdField(required=True)
    code = Text(longest=20, required=True)
    anyway = Flag(load_default=False)


class NumberTakenSchema(Schema):
    """The number."""

    ticket_id = IdField(required=True)
    number = fields.Integer(required=True)


class TicketSchema(Schema):
    """A number of today.

    `closed` waited when the stall closed early; `moved` was handed on to another stall then, where
    they have the number `moved_to_id`, which is listed, too.
    """

    id = IdField(required=True)
    stall_id = IdField(required=True)
    number = fields.Integer(required=True)
    stage = Choice(Stage, required=True)
    desk = fields.Integer(required=True, allow_none=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    service = fields.String(required=True)
    spot = fields.String(required=True)
    moved_to_id = IdField(required=True, allow_none=True)
