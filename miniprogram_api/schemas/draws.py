"""Draws: the page of one, applying, one's own applications with their reasons."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from backend.booking.parties import LARGEST
from backend.night_school.draws.queries import STATES
from miniprogram_api.schemas.base import (
    REQUIRED,
    Asked,
    Flag,
    IdField,
    IdInQuery,
    Moment,
    Whole,
)


class TallySchema(Schema):
    """What became of a run: people who applied and won, lots, the last position with a place."""

    places = fields.Integer(required=True)
    applied = fields.Integer(required=True)
    lots = fields.Integer(required=True)
    won = fields.Integer(required=True)
    last = fields.Integer(required=True)


class DrawSchema(Schema):
    """A draw. `commitment` is the fingerprint of the secret seed, `entries_sha256` of the list.

    The weights are tickets more: for runs in one's own community, and for who never was in one.
    """

    id = IdField(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    term_name = fields.String(required=True)
    place_name = fields.String(required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    number_name = fields.String(required=True)
    number_at = Moment(required=True)
    most_wishes = fields.Integer(required=True)
    most_places = fields.Integer(required=True)
    home_weight = fields.Integer(required=True)
    first_weight = fields.Integer(required=True)
    commitment = fields.String(required=True)
    committed_at = Moment(required=True)
    entries_sha256 = fields.String(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    public_number = fields.String(required=True, allow_none=True)
    drawn_at = Moment(required=True, allow_none=True)
    applied = fields.Integer(required=True)


class DrawnRunSchema(Schema):
    """A run of a draw; `wished` and `first` count who wishes for it, and who does so first."""

    id = IdField(required=True)
    title = fields.String(required=True)
    place_id = IdField(required=True)
    place_name = fields.String(required=True)
    starts_at = Moment(required=True)
    weekday = fields.Integer(required=True)
    from_time = fields.String(required=True)
    places = fields.Integer(required=True, allow_none=True)
    min_age = fields.Integer(required=True, allow_none=True)
    max_age = fields.Integer(required=True, allow_none=True)
    cancelled = fields.Boolean(required=True)
    wished = fields.Integer(required=True)
    first = fields.Integer(required=True)
    result = fields.Nested(TallySchema, required=True, allow_none=True)


class DrawDetailSchema(DrawSchema):
    """A draw with its runs."""

    runs = fields.List(fields.Nested(DrawnRunSchema), required=True)


class ApplicationsQuery(Schema):
    """Of which draw; of all if it is left out."""

    draw_id = IdInQuery()


class ApplicationBody(Asked):
    """Who applies for what: runs the dearest first; `together`: all of you or none in a run."""

    person_ids = fields.List(
        IdField(), required=True, validate=validate.Length(1, LARGEST), error_messages=REQUIRED
    )
    run_ids = fields.List(
        IdField(), required=True, validate=validate.Length(1, 10), error_messages=REQUIRED
    )
    most = Whole(1, 10, strict=True, load_default=1)
    together = Flag(load_default=False)

    @validates_schema
    def each_once(self, data: dict[str, list[int]], **_kwargs: object) -> None:
        for name in ("person_ids", "run_ids"):
            if len(set(data.get(name, []))) != len(data.get(name, [])):
                raise ValidationError(str(_("不能重复选择。")), name)


class WishSchema(Schema):
    """A wish and, once drawn, why: `got` is won, full, too_few, overlaps, enough or barred.

    `position` of `lots` in the run's drawn order, for `places`, the last of which went to position
    `last`; with `second` to people's first places, which are dealt before anybody's second.
    """

    rank = fields.Integer(required=True)
    run_id = IdField(required=True)
    title = fields.String(required=True)
    place_name = fields.String(required=True)
    weekday = fields.Integer(required=True)
    from_time = fields.String(required=True)
    got = fields.String(required=True, allow_none=True)
    tickets = fields.Integer(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    lots = fields.Integer(required=True, allow_none=True)
    places = fields.Integer(required=True, allow_none=True)
    last = fields.Integer(required=True, allow_none=True)
    second = fields.Boolean(required=True)
    booking_id = IdField(required=True, allow_none=True)


class ApplicationSchema(Schema):
    """An application. `code` finds it in the published list; `together` is the household's."""

    draw_id = IdField(required=True)
    draw_title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    number_at = Moment(required=True)
    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    code = fields.String(required=True)
    together = fields.String(required=True, allow_none=True)
    most = fields.Integer(required=True)
    applied_at = Moment(required=True)
    withdrawn = fields.Boolean(required=True)
    wishes = fields.List(fields.Nested(WishSchema), required=True)
