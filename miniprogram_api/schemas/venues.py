"""Venues: rooms, their free starts, reservations."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, validate, validates_schema
from webargs import fields

from backend import clock
from backend.places.models import Equipment, RoomFunction
from backend.venues.models import Audience
from backend.venues.search import PARTS_OF_DAY
from miniprogram_api.schemas.base import (
    REQUIRED,
    Asked,
    Choice,
    Flag,
    IdField,
    IdInQuery,
    Moment,
    Text,
    Whole,
)


class VenuesQuery(Schema):
    """Filters of the list; all may be combined."""

    street_id = IdInQuery()
    community_id = IdInQuery()
    function = Choice(RoomFunction, metadata={"description": "a room of it is good for that"})


class RoomsVenueSchema(Schema):
    """The venue a room is in, and where it is (GCJ-02, degrees)."""

    id = IdField(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    step_free = fields.Boolean(required=True)
    access = fields.String(required=True, allow_none=True)


class VenueSchema(RoomsVenueSchema):
    """A venue (场馆) in the list: who knows their own place sorts by where it is.

    The street and the community it is in; null for what belongs to all of them.
    """

    place_id = IdField(required=True)
    street_id = IdField(required=True, allow_none=True)
    community_id = IdField(required=True, allow_none=True)
    place_name = fields.String(required=True)
    picture = fields.String(required=True, allow_none=True)
    functions = fields.List(Choice(RoomFunction), required=True)
    rooms = fields.Integer(required=True)


class RoomSchema(Schema):
    """A room (功能室)."""

    id = IdField(required=True)
    name = fields.String(required=True)
    capacity = fields.Integer(required=True)
    functions = fields.List(Choice(RoomFunction), required=True)
    equipment = fields.List(Choice(Equipment), required=True)
    step_free = fields.Boolean(required=True)
    directions = fields.String(required=True, allow_none=True)
    picture = fields.String(required=True, allow_none=True)


class VenueDetailSchema(VenueSchema):
    """A venue with its rooms."""

    class Meta:
        exclude = ("functions", "rooms")

    room_list = fields.List(fields.Nested(RoomSchema), required=True)


class RoomRulesSchema(Schema):
    """The rules in force for a room; minutes and counts, a limit of 0 is none.

    Limits are per person, household or registered group: live reservations, and minutes in a week
    from Monday on; `across_venue`: in all rooms of the venue together; `approval`: staff decide. A
    series has at most `series_dates` dates, 0: residents make none; they lie as far ahead as
    single ones may, or `series_days` if that is further. `door_titles`: a screen at the door says
    to everybody what the room is reserved for.
    """

    grid_minutes = fields.Integer(required=True)
    min_minutes = fields.Integer(required=True)
    max_minutes = fields.Integer(required=True)
    whole_day = fields.Boolean(required=True)
    buffer_before = fields.Integer(required=True)
    buffer_after = fields.Integer(required=True)
    lead_minutes = fields.Integer(required=True)
    horizon_days = fields.Integer(required=True)
    cancel_minutes = fields.Integer(required=True)
    check_in_minutes = fields.Integer(required=True)
    no_show_minutes = fields.Integer(required=True)
    audience = Choice(Audience, required=True)
    person_live = fields.Integer(required=True)
    household_live = fields.Integer(required=True)
    person_week_minutes = fields.Integer(required=True)
    household_week_minutes = fields.Integer(required=True)
    group_live = fields.Integer(required=True)
    group_week_minutes = fields.Integer(required=True)
    across_venue = fields.Boolean(required=True)
    approval = fields.Boolean(required=True)
    series_dates = fields.Integer(required=True)
    series_days = fields.Integer(required=True)
    door_titles = fields.Boolean(required=True)


class RoomDetailSchema(RoomSchema):
    """A room with its rules and usual hours: Monday first, such as `09:00-12:00 14:00-21:00`.

    Empty hours are closed; `holiday` those of public holidays, null: as on the weekday.
    """

    venue = fields.Nested(RoomsVenueSchema, required=True)
    rules = fields.Nested(RoomRulesSchema, required=True)
    week = fields.List(fields.String(), required=True)
    holiday = fields.String(required=True, allow_none=True)


class StartsQuery(Schema):
    """From which day on (default and at least: today), for how many days, for how long a use."""

    day = fields.Date()
    days = Whole(1, 14, load_default=14)
    minutes = Whole(1, 1440)


class SpanSchema(Schema):
    """Open from a moment up to a moment."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class StartSchema(Schema):
    """A start: free for at most so many `minutes`, or 0 and the `errcode` of why not.

    `use` says what is there: lesson, block, reservation, market; `why`, only for blocks, is their
    reason.
    """

    starts_at = Moment(required=True)
    minutes = fields.Integer(required=True)
    errcode = fields.Integer(required=True)
    use = fields.String(required=True, allow_none=True)
    why = fields.String()


class StartDaySchema(Schema):
    """A day: `closed`, or open with something `free`, or open and `full`; `why` in Chinese."""

    day = fields.Date(required=True)
    state = Choice(["closed", "free", "full"], required=True)
    why = fields.String(required=True, allow_none=True)
    open = fields.List(fields.Nested(SpanSchema), required=True)
    starts = fields.List(fields.Nested(StartSchema), required=True)


class StartsSchema(Schema):
    """The free starts of a room; `approval`: reserving asks for it, and staff decide."""

    room_id = IdField(required=True)
    grid_minutes = fields.Integer(required=True)
    min_minutes = fields.Integer(required=True)
    max_minutes = fields.Integer(required=True)
    whole_day = fields.Boolean(required=True)
    approval = fields.Boolean(required=True)
    days = fields.List(fields.Nested(StartDaySchema), required=True)


class SearchQuery(Schema):
    """A room for a day: in a part of it, or from a time up to another; for how many, how long.

    `community_id` or `street_id`: only there. With `latitude` and `longitude` (GCJ-02, degrees) the
    nearest come first. Without `alternatives` only what fits is looked for.
    """

    day = fields.Date(required=True, error_messages=REQUIRED)
    part = Choice(PARTS_OF_DAY)
    from_time = fields.Time("%H:%M", metadata={"example": "14:00"})
    until_time = fields.Time("%H:%M", metadata={"example": "17:30"})
    minutes = Whole(1, 1440, load_default=60)
    headcount = Whole(1, 5000, load_default=1)
    function = Choice(RoomFunction)
    equipment = fields.List(Choice(Equipment), validate=validate.Length(max=20))
    step_free = Flag(metadata={"description": "without a step, venue and room"})
    street_id = IdInQuery()
    community_id = IdInQuery()
    latitude = fields.Float(validate=validate.Range(-90, 90))
    longitude = fields.Float(validate=validate.Range(-180, 180))
    alternatives = Flag(load_default=True)
    limit = Whole(1, 50, load_default=20)

    @validates_schema
    def is_one_window(self, data: dict[str, Any], **_more: Any) -> None:
        """A part of the day or two times, of which the later is later; both degrees or none."""
        times = [data[name] for name in ("from_time", "until_time") if name in data]
        if len(times) == 1 or (times and ("part" in data or times[0] >= times[1])):
            raise ValidationError({"from_time": [str(_("请选择时段，或填写先后两个时间。"))]})
        if ("latitude" in data) != ("longitude" in data):
            raise ValidationError({"latitude": [str(_("请同时提供经度和纬度。"))]})
        if data["day"] < clock.today():
            raise ValidationError({"day": [str(_("请选择今天或以后的日期。"))]})


class FreeStartSchema(Schema):
    """A free start, and until when: at least as long as asked, as the room's grid has it."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class FoundRoomSchema(Schema):
    """A room with free starts; `audience` may ask for a home near by, `approval` for a yes."""

    room_id = IdField(required=True)
    room_name = fields.String(required=True)
    capacity = fields.Integer(required=True)
    picture = fields.String(required=True, allow_none=True)
    functions = fields.List(Choice(RoomFunction), required=True)
    equipment = fields.List(Choice(Equipment), required=True)
    step_free = fields.Boolean(required=True)
    audience = Choice(Audience, required=True)
    approval = fields.Boolean(required=True)
    venue_id = IdField(required=True)
    venue_name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    place_id = IdField(required=True)
    place_name = fields.String(required=True)
    distance_m = fields.Integer(required=True, allow_none=True)
    starts = fields.List(fields.Nested(FreeStartSchema), required=True)


class AlternativeSchema(FoundRoomSchema):
    """What comes near the wish: at another time, for less long, or in another community."""

    kind = Choice(["shift", "shorter", "elsewhere"], required=True)


class SearchSchema(Schema):
    """Rooms that fit, the nearest first; `free` says how many there are.

    Of the other rooms of that kind so many are `closed` then, `full`, `not_yet` to be booked, or
    `blocked`: taken by staff, and `why_blocked` says what for, in Chinese.
    """

    items = fields.List(fields.Nested(FoundRoomSchema), required=True)
    free = fields.Integer(required=True)
    full = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    not_yet = fields.Integer(required=True)
    blocked = fields.Integer(required=True)
    why_blocked = fields.List(fields.String(), required=True)
    alternatives = fields.List(fields.Nested(AlternativeSchema), required=True)


class WhyNotQuery(Schema):
    """A wish to be judged; for whom: myself by default, or a group that person is a member of.

    `booking_id`: it is to move that one.
    """

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    person_id = IdInQuery()
    group_id = IdInQuery()
    headcount = Whole(1, 5000)
    booking_id = IdInQuery()


class ReservationBody(Asked):
    """When, for whom, what for, for how many, and what they need there.

    With a `group_id` it is for that group, and the person one of its members.
    """

    person_id = IdField(required=True)
    group_id = IdField(load_default=None, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    title = Text(longest=40, shortest=1, required=True)
    headcount = Whole(1, 5000, required=True, strict=True)
    purpose = Text(longest=200, load_default=None, allow_none=True)
    wishes = Text(longest=200, load_default=None, allow_none=True)


class ReservedSchema(Schema):
    """The booking that was made: `confirmed`, or `requested` where staff have to approve it."""

    booking_id = IdField(required=True)
    state = fields.String(required=True)


class ChangeBody(Asked):
    """Where it moves to; the room stays unless another is named."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    room_id = IdField(load_default=None, allow_none=True)


class ReservationsQuery(Schema):
    """Which reservations; `group_id`: those of one of my groups."""

    past = Flag(load_default=False)
    group_id = IdInQuery()


class ReservationSchema(Schema):
    """A reservation (预约) of mine, of somebody I act for or of one of our groups.

    `id` is its booking's. For a group, the person is the member in whose name it stands.

    `requested` holds nothing yet: staff decide before the start; afterwards it is `declined`.
    One checks in from `check_in_from` on; who has not by `no_show_at` lets the room go. A date of
    the series `series_id` stands for the `series_coming` dates to come in the list of those.
    """

    id = IdField(required=True)
    room_id = IdField(required=True)
    room_name = fields.String(required=True)
    venue_id = IdField(required=True)
    venue_name = fields.String(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    group_id = IdField(required=True, allow_none=True)
    group_name = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True, allow_none=True)
    headcount = fields.Integer(required=True)
    wishes = fields.String(required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    cancel_until = Moment(required=True, allow_none=True)
    check_in_from = Moment(required=True, allow_none=True)
    no_show_at = Moment(required=True, allow_none=True)
    checked_in_at = Moment(required=True, allow_none=True)
    series_id = IdField(required=True, allow_none=True)
    series_coming = fields.Integer(required=True)
    created_at = Moment(required=True)


class ReservationDetailSchema(ReservationSchema):
    """One reservation with its codes for the door, and how to find the room.

    `reason` says why it was declined; `cancelled_late`: it was given back after its deadline.
    """

    cancelled_late = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    short_code = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    directions = fields.String(required=True, allow_none=True)


class RoomCheckInBody(Asked):
    """Which room, and the code on show at its door."""

    room_id = IdField(required=True)
    code = Text(longest=20, required=True)


class CheckedInRoomSchema(Schema):
    """The reservation that somebody came for; `already`: they had checked in before."""

    booking_id = IdField(required=True)
    room_name = fields.String(required=True)
    title = fields.String(required=True)
    person_name = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    already = fields.Boolean(required=True)
