"""Bookings of all services, as their owner sees them."""

from marshmallow import Schema, fields

from backend.night_school.fees.models import FeeState
from backend.night_school.models import Presence
from miniprogram_api.schemas.base import Asked, Choice, Flag, IdField, Moment, Text, lies_ahead
from miniprogram_api.schemas.night_school import EligibilitySchema, LessonSchema, RunSchema


class BookingsQuery(Schema):
    """Which bookings."""

    past = Flag(load_default=False)


class NextLessonSchema(Schema):
    """The next meeting that is not over and takes place."""

    id = IdField(required=True)
    number = fields.Integer(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class BookingSchema(Schema):
    """A booking; `position` counts from 1 while waiting, `offer_until` is an offer's deadline.

    `offer_before`: whoever waits wants an offer only before this moment. `group_name`: it is for a
    registered group of ours. `place_name`: where to go; of a room it is the venue.
    """

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
    offer_before = Moment(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    created_at = Moment(required=True)
    next_lesson = fields.Nested(NextLessonSchema, required=True, allow_none=True)
    group_name = fields.String(required=True, allow_none=True)


class CompanionSchema(Schema):
    """One of those who go together."""

    booking_id = IdField(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    state = fields.String(required=True)


class FeeSchema(Schema):
    """What an enrolment costs, in fen.

    `due_fen` is still to be paid, `refund_fen` to be given back; `to_refund`: it was paid, and the
    place is given back.
    """

    amount_fen = fields.Integer(required=True)
    due_fen = fields.Integer(required=True)
    refund_fen = fields.Integer(required=True)
    state = Choice(FeeState, required=True)
    marked_at = Moment(required=True, allow_none=True)
    to_refund = fields.Boolean(required=True)


class LeavingSchema(Schema):
    """The place that is given back for another."""

    booking_id = IdField(required=True)
    title = fields.String(required=True)
    place_name = fields.String(required=True)


class BookingDetailSchema(BookingSchema):
    """With the codes to be shown at the door: `code` as a QR, `short_code` read aloud.

    `party` names everybody who goes together, this booking included and whoever has cancelled
    since; it is empty for who booked alone. `room_name` is the next lesson's. `cancelled_late`:
    the place was given back after the deadline. `leaves`: what accepting an offer here gives back.
    `fee`: null where nothing is or was owed.
    """

    cancelled_late = fields.Boolean(required=True)
    fee = fields.Nested(FeeSchema, required=True, allow_none=True)
    leaves = fields.Nested(LeavingSchema, required=True, allow_none=True)

    code = fields.String(required=True)
    short_code = fields.String(required=True)
    place_address = fields.String(required=True, allow_none=True)
    place_phone = fields.String(required=True, allow_none=True)
    room_name = fields.String(required=True, allow_none=True)
    party = fields.List(fields.Nested(CompanionSchema), required=True)


class CancelBody(Asked):
    """`whole_party`: for everybody who goes together, not for this one alone.

    `late`: also after the deadline, which is then kept in the history; else that is refused.
    """

    whole_party = Flag(load_default=False)
    late = Flag(load_default=False)


class OfferBeforeBody(Asked):
    """From when on an offer is of no use any more; null waits to the end."""

    offer_before = Moment(required=True, allow_none=True, validate=lies_ahead)


class TransferBody(Asked):
    """To which class of the same course.

    `wait`: keep the place and wait where the other class is full; it is given back on accepting
    an offer there. `late`: also after the deadline of the place given back, which is then kept.
    `whole_party`: who goes together says whether all of them change or this one alone.
    """

    run_id = IdField(required=True)
    wait = Flag(load_default=False)
    late = Flag(load_default=False)
    whole_party = Flag(load_default=None)


class TransferQuery(Asked):
    """`whole_party`: what the classes say to all who go together, not to this one alone."""

    whole_party = Flag(load_default=False)


class TransferChoiceSchema(Schema):
    """Another class of the same course, and what it `says` to who would change."""

    run = fields.Nested(RunSchema, required=True)
    says = fields.Nested(EligibilitySchema, required=True)


class BookedLessonSchema(LessonSchema):
    """A lesson with the person's attendance (考勤), null where nobody has marked it.

    `excuse_reason` is what was said when asking to be excused, `may_excuse` and `may_withdraw`
    whether that can be asked, or taken back, now.
    """

    presence = Choice(Presence, required=True, allow_none=True)
    checked_in_at = Moment(required=True, allow_none=True)
    excuse_reason = fields.String(required=True, allow_none=True)
    may_excuse = fields.Boolean(required=True)
    may_withdraw = fields.Boolean(required=True)


class ExcuseBody(Asked):
    """Why somebody cannot come, in a few words."""

    reason = Text(shortest=1, longest=60, required=True)
