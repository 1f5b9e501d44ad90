"""Bookings of all services, as their owner sees them."""

from marshmallow import Schema, fields

from backend.night_school.models import Presence
from miniprogram_api.schemas.base import Choice, Flag, IdField, Moment
from miniprogram_api.schemas.night_school import LessonSchema


class BookingsQuery(Schema):
    """Which bookings."""

    past = Flag(load_default=False)


class BookingSchema(Schema):
    """A booking; `position` counts from 1 while waiting, `offer_until` is an offer's deadline."""

    id = IdField(required=True)
    kind = fields.String(required=True)
    bookable_id = IdField(required=True)
    title = fields.String(required=True)
    place_name = fields.String(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    state = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    cancel_until = Moment(required=True, allow_none=True)
    offer_until = Moment(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)


class BookingDetailSchema(BookingSchema):
    """With the codes to be shown at the door: `code` as a QR, `short_code` read aloud."""

    code = fields.String(required=True)
    short_code = fields.String(required=True)


class BookedLessonSchema(LessonSchema):
    """A lesson with the person's attendance (考勤), null where nobody has marked it."""

    presence = Choice(Presence, required=True, allow_none=True)
    checked_in_at = Moment(required=True, allow_none=True)
