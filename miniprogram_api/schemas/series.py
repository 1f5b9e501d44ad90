"""Recurring reservations: what is asked, each date judged, and a series as it stands."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, validate, validates_schema
from webargs import fields

from backend import clock
from miniprogram_api.schemas.base import (
    REQUIRED,
    Asked,
    Flag,
    IdField,
    IdInQuery,
    Moment,
    Text,
    Whole,
)

_WEEKDAYS = {"description": "0 is Monday; by default the weekday of `starts_at`"}
_EVERY = {"description": "1: every week, 2: every second week"}
_ONE_EACH = validate.Length(max=7)
_SKIPPED = {"description": "days that are left out"}


class Again(Schema):
    """How often it comes again: until a day, or so many times, whichever comes first."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    every_weeks = Whole(1, 2, load_default=1, metadata=_EVERY)
    until = fields.Date(load_default=None, allow_none=True, error_messages=REQUIRED)
    times = Whole(1, 1000, load_default=None, allow_none=True)
    skip = fields.List(fields.Date(), validate=validate.Length(max=60), metadata=_SKIPPED)

    @validates_schema
    def has_an_end(self, data: dict[str, Any], **_more: Any) -> None:
        """A last day or a number, and the last day is not before the first."""
        if data["until"] is None and data["times"] is None:
            raise ValidationError({"times": [str(_("请填写约几次，或者到哪一天为止。"))]})
        if data["until"] is not None and data["until"] < clock.today(data["starts_at"]):
            raise ValidationError({"until": [str(_("结束日期要晚于第一次的日期。"))]})


class SeriesQuery(Again):
    """A series to be judged; for whom: myself by default, or a group of ours."""

    weekdays = fields.List(Whole(0, 6), validate=_ONE_EACH, metadata=_WEEKDAYS)
    person_id = IdInQuery()
    group_id = IdInQuery()
    headcount = Whole(1, 5000, load_default=1)


class SeriesBody(Asked, Again):
    """As for one reservation, and how often it comes again.

    `skip_clashes`: reserve the dates that can be; otherwise all of them, or none. With a `group_id`
    it is for that group, and the person one of its members.
    """

    weekdays = fields.List(Whole(0, 6, strict=True), validate=_ONE_EACH, metadata=_WEEKDAYS)
    person_id = IdField(required=True)
    group_id = IdField(load_default=None, allow_none=True)
    title = Text(longest=40, shortest=1, required=True)
    headcount = Whole(1, 5000, required=True, strict=True)
    purpose = Text(longest=200, load_default=None, allow_none=True)
    wishes = Text(longest=200, load_default=None, allow_none=True)
    skip_clashes = Flag(load_default=False)


class JudgedDateSchema(Schema):
    """A date of the series; `errcode` 0: it can be reserved, else why not."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    errcode = fields.Integer(required=True)
    errmsg = fields.String(required=True)


class SeriesPreviewSchema(Schema):
    """Every date; so many are `possible`. `approval`: reserving asks, and staff decide."""

    possible = fields.Integer(required=True)
    approval = fields.Boolean(required=True)
    dates = fields.List(fields.Nested(JudgedDateSchema), required=True)


class SeriesMadeSchema(Schema):
    """The series: so many `dates` are reserved, or requested, and so many skipped."""

    series_id = IdField(required=True)
    state = fields.String(required=True)
    dates = fields.Integer(required=True)
    skipped = fields.Integer(required=True)


class SeriesDateSchema(Schema):
    """A date: its booking's state, or `skipped` and why.

    `moved`: by itself, away from the time of the series; `coming`: reserved or asked for, and not
    over.
    """

    id = IdField(required=True)
    booking_id = IdField(required=True, allow_none=True)
    state = fields.String(required=True)
    why = fields.String(required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    room_id = IdField(required=True, allow_none=True)
    coming = fields.Boolean(required=True)
    moved = fields.Boolean(required=True)
    can_be_put_back = fields.Boolean(required=True)


class SeriesSchema(Schema):
    """A series (固定预约): every so many weeks on these weekdays (0: Monday), and every date."""

    id = IdField(required=True)
    room_id = IdField(required=True)
    room_name = fields.String(required=True)
    venue_id = IdField(required=True)
    venue_name = fields.String(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    group_id = IdField(required=True, allow_none=True)
    group_name = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    headcount = fields.Integer(required=True)
    every_weeks = fields.Integer(required=True)
    weekdays = fields.List(fields.Integer(), required=True)
    coming = fields.Integer(required=True)
    dates = fields.List(fields.Nested(SeriesDateSchema), required=True)


class SeriesCancelBody(Asked):
    """From the date `from_id` on, or all that is to come.

    `late`: also what has passed its deadline, which is then kept in the history; else that is
    refused.
    """

    from_id = IdField(load_default=None, allow_none=True)
    late = Flag(load_default=False)


class SeriesCancelledSchema(Schema):
    """So many reservations were given back."""

    cancelled = fields.Integer(required=True)


class PutBackSchema(Schema):
    """The date's reservation."""

    booking_id = IdField(required=True)


class ShiftQuery(Schema):
    """When the date `date_id` is to be; the others follow, `everything`: those before it, too."""

    date_id = IdInQuery(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    everything = Flag(load_default=False)


class ShiftBody(Asked):
    """The same. `skip_clashes`: dates that cannot move stay; otherwise all move, or none."""

    date_id = IdField(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    everything = Flag(load_default=False)
    skip_clashes = Flag(load_default=False)


class ShiftedDateSchema(JudgedDateSchema):
    """A date and when it `was_at`; with an `errcode` it stays there."""

    id = IdField(required=True)
    was_at = Moment(required=True)


class ShiftPreviewSchema(Schema):
    """What would move; dates that were moved by themselves are not among them."""

    possible = fields.Integer(required=True)
    dates = fields.List(fields.Nested(ShiftedDateSchema), required=True)


class SeriesMovedSchema(Schema):
    """So many reservations moved."""

    moved = fields.Integer(required=True)
