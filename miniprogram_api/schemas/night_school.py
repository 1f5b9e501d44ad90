"""The night school: courses on offer, eligibility, enrolment."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, validate
from webargs import fields

from backend.booking.parties import LARGEST, SMALLEST
from backend.night_school.models import Audience
from backend.night_school.queries import PARTS_OF_DAY
from miniprogram_api.schemas.base import (
    REQUIRED,
    Asked,
    Choice,
    Cursor,
    Flag,
    IdField,
    IdInQuery,
    Moment,
    Text,
    Whole,
    lies_ahead,
)


class RunsQuery(Cursor):
    """Filters of the list; all may be combined."""

    community_id = fields.List(IdInQuery(), validate=validate.Length(max=50))
    street_id = IdInQuery()
    near = IdInQuery(metadata={
        "description": "a place, such as one's home: runs in the same street (街道)"})  # fmt: skip
    open = Flag(metadata={
        "description": "sign-up is open, or opens within seven days; not cancelled"})  # fmt: skip
    course_id = IdInQuery()
    term_id = IdInQuery()
    category = Text(longest=24)
    weekday = fields.List(Whole(0, 6), metadata={
        "description": "0 Monday … 6 Sunday"})  # fmt: skip
    part_of_day = Choice(sorted(PARTS_OF_DAY))
    audience = Choice(Audience)
    free_of_charge = Flag()
    has_places = Flag(metadata={"description": "places left, nobody waiting, sign-up not closed"})
    text = Text(longest=40)


class WeeklyHourSchema(Schema):
    """A weekly hour of a run; 0 Monday … 6 Sunday."""

    weekday = fields.Integer(required=True)
    from_time = fields.String(required=True, metadata={"example": "19:00"})
    until_time = fields.String(required=True, metadata={"example": "20:30"})


class RunSchema(Schema):
    """A run (班次) as lists show it. `places_left` may be a second old; null: no limit.

    Those are for everybody; `kept_left` more are kept for people of `kept_from_age` and older, for
    residents of a place (`kept_local`), or for those who are both.
    With a `draw_id` places are drawn: one applies there instead of signing up here.
    """

    id = IdField(required=True)
    course_id = IdField(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    picture = fields.String(required=True, allow_none=True)
    category = fields.String(required=True)
    place_id = IdField(required=True)
    place_name = fields.String(required=True)
    street_name = fields.String(required=True)
    teacher_name = fields.String(required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    weekday = fields.Integer(required=True)
    from_time = fields.String(required=True, metadata={"example": "19:00"})
    hours = fields.List(fields.Nested(WeeklyHourSchema), required=True)
    lessons = fields.Integer(required=True)
    price_fen = fields.Integer(required=True)
    audience = fields.String(required=True)
    min_age = fields.Integer(required=True, allow_none=True)
    max_age = fields.Integer(required=True, allow_none=True)
    capacity = fields.Integer(required=True, allow_none=True)
    places_left = fields.Integer(required=True, allow_none=True)
    kept_left = fields.Integer(required=True)
    kept_from_age = fields.Integer(required=True, allow_none=True)
    kept_local = fields.Boolean(required=True)
    waiting = fields.Integer(required=True)
    opens_at = Moment(required=True, allow_none=True)
    closes_at = Moment(required=True, allow_none=True)
    cancelled = fields.Boolean(required=True)
    draw_id = IdField(required=True, allow_none=True)


class RunPageSchema(Schema):
    """A page of runs."""

    items = fields.List(fields.Nested(RunSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class LessonSchema(Schema):
    """One meeting of a run (课次). `substitute_name`: who teaches it instead of the usual one."""

    id = IdField(required=True)
    number = fields.Integer(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    room_name = fields.String(required=True, allow_none=True)
    substitute_name = fields.String(required=True, allow_none=True)
    cancelled = fields.Boolean(required=True)


class RunDetailSchema(RunSchema):
    """A run with everything its page shows.

    `kept_for`: only residents of that place may come; those of `priority_for` come first until
    `priority_until`. Of all places `kept` are for people of `kept_from_age` and older, or
    residents of `kept_place`, until `kept_until`. Who signs up has attended the course
    `needs_course`; with `once_a_year`, has no other run of this course within a year; fewer than
    `most_per_person` in the term; and has not missed more than `most_missed` of late, faded as in
    `/standing`.
    """

    description = fields.String(required=True, allow_none=True)
    bring = fields.String(required=True, allow_none=True)
    term_name = fields.String(required=True)
    kept_for = fields.String(required=True, allow_none=True)
    priority_for = fields.String(required=True, allow_none=True)
    priority_until = Moment(required=True, allow_none=True)
    kept = fields.Integer(required=True)
    kept_place = fields.String(required=True, allow_none=True)
    kept_until = Moment(required=True, allow_none=True)
    needs_course = fields.String(required=True, allow_none=True)
    once_a_year = fields.Boolean(required=True)
    most_per_person = fields.Integer(required=True, allow_none=True)
    most_missed = fields.Integer(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    room_name = fields.String(required=True, allow_none=True)
    directions = fields.String(required=True, allow_none=True)
    teacher_intro = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    cancel_until = Moment(required=True, allow_none=True)
    lesson_list = fields.List(fields.Nested(LessonSchema), required=True)


class CategorySchema(Schema):
    """A shelf of the catalogue."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)


class CoursesQuery(Schema):
    """Filters of the catalogue."""

    category = Text(longest=24)
    text = Text(longest=40)


class CourseSchema(Schema):
    """An entry of the catalogue (课程); `runs` counts those published and not over."""

    id = IdField(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    picture = fields.String(required=True, allow_none=True, metadata={
        "description": "a name under /mp/v1/pictures/"})  # fmt: skip
    category = fields.String(required=True)
    runs = fields.Integer(required=True)


class CourseDetailSchema(CourseSchema):
    """A course with the runs one can sign up for."""

    description = fields.String(required=True, allow_none=True)
    bring = fields.String(required=True, allow_none=True)
    run_list = fields.List(fields.Nested(RunSchema), required=True)


class TermSchema(Schema):
    """A term (学期)."""

    id = IdField(required=True)
    name = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class EligibilityQuery(Schema):
    """For which runs, and for whom (default: myself)."""

    ids = fields.DelimitedList(
        IdInQuery(), required=True, validate=validate.Length(1, 50), metadata={"example": "1,2,3"}
    )
    person_id = IdInQuery()


class ReasonSchema(Schema):
    """Why not: the refusal that signing up would meet."""

    errcode = fields.Integer(required=True)
    errmsg = fields.String(required=True)
    data = fields.Dict(required=True)


class WarningSchema(Schema):
    """Something else the person has at that hour; it does not keep them from signing up."""

    booking_id = IdField(required=True)
    title = fields.String(required=True)
    starts_at = Moment(required=True)


class EligibilitySchema(Schema):
    """`can`: yes, wait (full, the line is open), apply (places are drawn, applications are taken
    now) or no; `from_when`: they may then.
    """

    id = IdField(required=True)
    can = Choice(["yes", "wait", "apply", "no"], required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    from_when = Moment(required=True, allow_none=True)
    live_booking_id = IdField(required=True, allow_none=True)
    warnings = fields.List(fields.Nested(WarningSchema), required=True)


def each_once(ids: list[int]) -> None:
    """Nobody is named twice."""
    if len(set(ids)) < len(ids):
        raise ValidationError(str(_("同一个人不能选两次。")))


class EnrolmentBody(Asked):
    """For whom; `wait`: join the waiting list where the run is full.

    `offer_before`: an offer made later is of no use, the wish then ends by itself.
    """

    person_id = IdField(required=True)
    wait = Flag(load_default=False)
    offer_before = Moment(load_default=None, validate=lies_ahead)


class EnrolledSchema(Schema):
    """A place (`confirmed`), or a place in the line (`waiting` with its queue number)."""

    booking_id = IdField(required=True)
    state = fields.String(required=True)
    queue_no = fields.Integer(required=True, allow_none=True)


class PartyBody(Asked):
    """Who go together; `wait`: join the waiting list together where they do not fit.

    `offer_before`: an offer made later is of no use, the wish then ends by itself.
    """

    person_ids = fields.List(
        IdField(),
        required=True,
        validate=[
            validate.Length(SMALLEST, LARGEST, error=_("请选择 {min} 到 {max} 位一起报名的人。")),
            each_once,
        ],
        metadata={"uniqueItems": True},
        error_messages=REQUIRED,
    )
    wait = Flag(load_default=False)
    offer_before = Moment(load_default=None, validate=lies_ahead)


class PartyMemberSchema(EnrolledSchema):
    """One of the party, with a place or a position in the line."""

    person_id = IdField(required=True)


class PartySchema(Schema):
    """Those who go together, in the order they were named."""

    party_id = IdField(required=True)
    bookings = fields.List(fields.Nested(PartyMemberSchema), required=True)
