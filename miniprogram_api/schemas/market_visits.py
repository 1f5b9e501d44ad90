"""Home visits: where to, for whom, and what came of it."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, validate
from webargs import fields

from backend.booking.models import State
from backend.market.visits.models import Outcome
from miniprogram_api.schemas.base import (
    REQUIRED,
    Asked,
    Choice,
    Flag,
    IdField,
    IdInQuery,
    Moment,
    Text,
)

_RINGS = validate.Regexp(r"[0-9+() -]{5,20}\Z", error=_("请填写打得通的电话号码。"))


class HomeQuery(Schema):
    """Whose home: one's own without it."""

    person_id = IdInQuery()


class HomeSchema(Schema):
    """Address and number as far as they are on file."""

    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class VisitCorrectionBody(Asked):
    """Where to go, which number to ring, what should be known beforehand."""

    address = Text(shortest=4, longest=120, required=True)
    phone = fields.String(required=True, validate=_RINGS, error_messages=REQUIRED)
    note = Text(longest=200, load_default=None, allow_none=True)


class VisitBody(VisitCorrectionBody):
    """A visit for somebody of the household, who cannot come down: that is to be said."""

    person_id = IdField(required=True)
    starts_at = Moment(required=True)
    provider_id = IdField(load_default=None, allow_none=True)
    cannot_come_down = Flag(
        required=True,
        validate=validate.Equal(True, error=_("上门服务只给下不了楼的居民，请确认。")),
    )


class VisitSchema(Schema):
    """A visit. Where the time is full it `waits`, with so many `ahead` who asked before.

    Address, number and note are null once they have been forgotten.
    """

    booking_id = IdField(required=True)
    state = Choice(State, required=True)
    market_day_id = IdField(required=True)
    stall_id = IdField(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    waits = fields.Boolean(required=True)
    ahead = fields.Integer(required=True, allow_none=True)
    outcome = Choice(Outcome, required=True, allow_none=True)
    minutes = fields.Integer(required=True, allow_none=True)
    remark = fields.String(required=True, allow_none=True)
