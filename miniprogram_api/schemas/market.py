"""Markets: days, stalls, slots, and booking a slot."""

from marshmallow import Schema
from webargs import fields

from backend.booking.models import State
from miniprogram_api.schemas.base import Asked, Choice, Flag, IdField, IdInQuery, Moment
from miniprogram_api.schemas.venues import SpanSchema


class MarketDaysQuery(Schema):
    """Markets at a place, below it, or above it; of the whole district without it."""

    place_id = IdInQuery()


class OtherDateSchema(Schema):
    """Where and when a market moved to, or stood before, and why it moved."""

    day = fields.String(required=True)
    starts_at = Moment(required=True)
    place_name = fields.String(required=True)
    spot = fields.String(required=True)
    reason = fields.String(required=True)


class MarketDaySchema(Schema):
    """A market (集市) on a day; slots are booked from `books_from` on.

    `street_id`, `community_id`: where it is, null above that level; `latitude` and `longitude`
    (GCJ-02): of a venue of its place, null where none is on the map.

    One that was moved stands in lists twice: where it is now, with `moved_from`, and at its old
    date, with `moved_to`.
    """

    id = IdField(required=True)
    day = fields.String(required=True)
    title = fields.String(required=True)
    spot = fields.String(required=True)
    place_id = IdField(required=True)
    place_name = fields.String(required=True)
    books_from = Moment(required=True)
    cancelled = fields.Boolean(required=True)
    moved_from = fields.Nested(OtherDateSchema, required=True, allow_none=True)
    moved_to = fields.Nested(OtherDateSchema, required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    services = fields.List(fields.String(), required=True)
    street_id = IdField(required=True, allow_none=True)
    community_id = IdField(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)


class StallPersonSchema(Schema):
    """Somebody, maybe of an organisation, or an organisation itself, at a stall."""

    id = IdField(required=True)
    name = fields.String(required=True)
    organisation = fields.String(required=True, allow_none=True)


class SlotSchema(Schema):
    """A slot: so many places are `free`, so many people wait; `provider_id`: with whom."""

    id = IdField(required=True)
    provider_id = IdField(required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    free = fields.Integer(required=True)
    waiting = fields.Integer(required=True)


class StallSchema(Schema):
    """A stall: its service, who is at it, its hours, and the slots that can be booked.

    Between the slots, and beside them, people are served who just come. `by_person`: one may choose
    with whom; without choosing one gets whoever has most time. Queue numbers are given from
    `numbers_from` on, until it ends or is `closed` early. `at_home`: its people visit those
    who cannot come down, which is asked for with `POST /market/stalls/{id}/visits`; `staff_check`:
    staff ask about it before they agree.
    """

    id = IdField(required=True)
    service = fields.String(required=True)
    minutes = fields.Integer(required=True)
    bring = fields.String(required=True, allow_none=True)
    by_person = fields.Boolean(required=True)
    min_age = fields.Integer(required=True, allow_none=True)
    max_age = fields.Integer(required=True, allow_none=True)
    home_place_id = IdField(required=True, allow_none=True)
    home_place_name = fields.String(required=True, allow_none=True)
    numbers_from = Moment(required=True)
    closed = fields.Boolean(required=True)
    at_home = fields.Boolean(required=True)
    staff_check = fields.Boolean(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    breaks = fields.List(fields.Nested(SpanSchema), required=True)
    people = fields.List(fields.Nested(StallPersonSchema), required=True)
    slots = fields.List(fields.Nested(SlotSchema), required=True)


class MarketDayDetailSchema(MarketDaySchema):
    """A market with its stalls. `over`: all stalls have closed, and its result can be read."""

    class Meta:
        exclude = (
            "services", "starts_at", "ends_at",
            "street_id", "community_id", "latitude", "longitude",
        )  # fmt: skip

    over = fields.Boolean(required=True)
    stalls = fields.List(fields.Nested(StallSchema), required=True)


class ServiceResultSchema(Schema):
    """How many people a service was done for."""

    service = fields.String(required=True)
    served = fields.Integer(required=True)


class MarketResultSchema(Schema):
    """What a market that is over came to: `served` people, service by service, the most first.

    `organisations` are thanked by name, the `people` who stood at the stalls as a number.
    """

    id = IdField(required=True)
    day = fields.String(required=True)
    title = fields.String(required=True)
    spot = fields.String(required=True)
    place_name = fields.String(required=True)
    served = fields.Integer(required=True)
    services = fields.List(fields.Nested(ServiceResultSchema), required=True)
    organisations = fields.List(fields.String(), required=True)
    people = fields.Integer(required=True)


class SlotTime(Asked):
    """When, and with whom (null: with whoever has most time)."""

    starts_at = Moment(required=True)
    provider_id = IdField(load_default=None, allow_none=True)


class SlotQuery(Schema):
    """Whether a slot of the stall can be booked, for oneself or somebody else."""

    starts_at = Moment(required=True)
    person_id = IdInQuery()


class SlotBody(SlotTime):
    """A slot for somebody of the household; `wait`: join the line where nothing is free."""

    person_id = IdField(required=True)
    wait = Flag(load_default=False)


class SlotChangeBody(SlotTime):
    """Another slot; `late`: also after the deadline of the one given back, which is noted."""

    late = Flag(load_default=False)
    wait = Flag(load_default=False)


class SlotHeldSchema(Schema):
    """Where a slot's booking is, with whom (null: whoever is there), and what to bring."""

    market_day_id = IdField(required=True)
    market = fields.String(required=True)
    spot = fields.String(required=True)
    stall_id = IdField(required=True)
    at_home = fields.Boolean(required=True)
    bring = fields.String(required=True, allow_none=True)
    provider_id = IdField(required=True, allow_none=True)
    provider_name = fields.String(required=True, allow_none=True)


class SlotBookedSchema(Schema):
    """The booking: a slot, or a position in the line for it."""

    booking_id = IdField(required=True)
    state = Choice(State, required=True)
